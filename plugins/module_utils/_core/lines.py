# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections that end by a deadline, whatever the other side does.

A socket's own timeout is for one operation: a server that drips a byte per second never runs into it. Here every
operation gets what is left of one deadline.
"""

from __future__ import annotations

import io
import socket
import ssl
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline


class Line:
    """A connected stream. Has what http.client asks of a socket: sendall, makefile, close. Late operations raise OSError."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket = connected
        self._deadline = deadline
        self.address = _address(connected)

    def encrypt(self, host: str, *, validate_certs: bool) -> Line:
        """The same line inside TLS; ssl.SSLError when the certificate is not good for `host`."""
        context = ssl.create_default_context()
        if not validate_certs:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self._arm()
        self._socket = context.wrap_socket(self._socket, server_hostname=host)
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
            return Line(attempt, deadline)
    raise last


def _address(connected: socket.socket) -> str:
    host, port = connected.getpeername()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def reason_for(error: OSError, place: str) -> str:
    """What a network error means, as a sentence without a full stop; `place` is host:port."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {place} was refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no TLS connection to {place}: {error.strerror or error}"
    if isinstance(error, socket.gaierror):
        return f"the name of {place} cannot be resolved: {error.strerror}"
    if isinstance(error, ConnectionRefusedError):
        return f"nothing listens at {place} (connection refused)"
    if isinstance(error, ConnectionError):
        return f"{place} cut the connection"
    return f"no connection to {place}: {error.strerror or error}"
