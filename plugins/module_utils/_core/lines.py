# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections that end by a deadline, whatever the other side does.

A socket's own timeout is for one operation: a server that drips a byte per second never runs into it. Here every
operation gets what is left of one deadline.
"""

from __future__ import annotations

import datetime
import io
import socket
import sys
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline

if t.TYPE_CHECKING:
    import ssl

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Line:
    """A connected stream. Has what http.client asks of a socket: sendall, makefile, close. Late operations raise OSError.

    `address` is where it leads, `resolved` is every address that the name stood for. Of an encrypted line `protocol` is the
    version of TLS, `certificate` what the other side showed, in DER, and `certificate_end` when that ends, if it was validated.
    """

    def __init__(self, connected: socket.socket, deadline: Deadline, resolved: tuple[str, ...] = ()) -> None:
        self._socket = connected
        self._deadline = deadline
        self.address = _address(connected)
        self.resolved = resolved
        self.protocol: str | None = None
        self.certificate = b""
        self.certificate_end: datetime.datetime | None = None

    def encrypt(self, name: str, context: ssl.SSLContext) -> Line:
        """The same line inside TLS; ssl.SSLError when the context does not accept the other side as `name`."""
        self._arm()
        self._socket = encrypted = context.wrap_socket(self._socket, server_hostname=name)
        self.protocol = encrypted.version()
        self.certificate = encrypted.getpeercert(binary_form=True) or b""
        self.certificate_end = _end_of(encrypted.getpeercert())
        return self

    def sendall(self, payload: bytes) -> None:
        self._arm()
        self._socket.sendall(payload)

    def receive_into(self, buffer: t.Any) -> int:
        self._arm()
        return self._socket.recv_into(buffer)

    def makefile(self, _mode: str = "rb") -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        self._socket.close()

    def _arm(self) -> None:
        left = self._deadline.remaining()
        if left <= 0:
            raise socket.timeout("the deadline has passed")
        self._socket.settimeout(left)


class _Reader(io.RawIOBase):
    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        return self._line.receive_into(buffer)


def open_line(host: str, port: int, deadline: Deadline) -> Line:
    """Connect to the first address of `host` that answers. Each address gets its share of the time. Raises OSError."""
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    resolved = tuple(dict.fromkeys(str(entry[4][0]) for entry in addresses))
    last: OSError = socket.timeout("no address answered in time")
    for tried, (family, kind, protocol, _name, address) in enumerate(addresses):
        attempt = socket.socket(family, kind, protocol)
        try:
            attempt.settimeout(max(deadline.remaining(), 0.001) / (len(addresses) - tried))
            attempt.connect(address)
            attempt.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as exc:
            attempt.close()
            last = exc
        else:
            return Line(attempt, deadline, resolved)
    raise last


def _end_of(certificate: t.Mapping[str, t.Any] | None) -> datetime.datetime | None:
    """What is shown of a certificate is empty where it was not validated."""
    if not certificate:
        return None
    # The format is OpenSSL's, in English whatever the locale; strptime would read the locale's months.
    month, day, clock, year, _zone = str(certificate["notAfter"]).split()
    hour, minute, second = (int(part) for part in clock.split(":"))
    return datetime.datetime(int(year), MONTHS.index(month) + 1, int(day), hour, minute, second, tzinfo=datetime.timezone.utc)


def _address(connected: socket.socket) -> str:
    host, port = connected.getpeername()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def reason_for(error: OSError, place: str) -> str:
    """What a network error means, as a sentence without a full stop; `place` is host:port."""
    # Without an encrypted connection ssl was never imported, and need not be for its errors' sake.
    ssl = sys.modules.get("ssl")
    if ssl and isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {place} was refused: {error.verify_message}"
    if ssl and isinstance(error, ssl.SSLError):
        return f"no TLS connection to {place}: {error.strerror or error}"
    if isinstance(error, socket.gaierror):
        return f"the name of {place} cannot be resolved: {error.strerror}"
    if isinstance(error, ConnectionRefusedError):
        return f"nothing listens at {place} (connection refused)"
    if isinstance(error, ConnectionError):
        return f"{place} cut the connection"
    return f"no connection to {place}: {error.strerror or error}"
