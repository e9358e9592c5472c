# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection that fetches one thing after the other from one origin, as each of a browser's connections does."""

from __future__ import annotations

import dataclasses
import http.client
import socket
import threading
import typing as t
import zlib

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.lines import Line, open_line, reason_for
from ansible_collections.holdfast.webops.plugins.module_utils._health.exchange import GoneError, headers_for, headers_of
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Location, Request
from ansible_collections.holdfast.webops.plugins.module_utils._health.trust import context

# Of a text that is read for its references; more of it is fetched and counted, not kept.
LARGEST_TEXT = 1024 * 1024
LARGEST_PAGE = 64 * 1024 * 1024
READABLE = ("text/html", "text/css", "application/xhtml+xml")


@dataclasses.dataclass(frozen=True)
class Piece:
    """What came of one request: `size` as transferred, `text` of what can hold references."""

    location: Location
    status: int
    headers: t.Mapping[str, str]
    size: int
    text: str


class Meter:
    """Counts what all connections of one page bring; GoneError when it is more than any page should be."""

    def __init__(self) -> None:
        self.requests = 0
        self.bytes = 0
        self._lock = threading.Lock()

    def add(self, *, requests: int = 0, size: int = 0) -> None:
        with self._lock:
            self.requests += requests
            self.bytes += size
            if self.bytes > LARGEST_PAGE:
                raise GoneError(f"the page is larger than {LARGEST_PAGE} bytes, the rest was not read")


class Visitor:
    """Keeps its connection open as long as the server does, and opens another one where it is needed."""

    def __init__(self, request: Request, deadline: Deadline, meter: Meter) -> None:
        self._request, self._deadline, self._meter = request, deadline, meter
        self._line: t.Optional[Line] = None
        self._leads_to: t.Optional[tuple[str, str, int]] = None
        self.seen: t.Optional[Line] = None

    def get(self, location: Location) -> Piece:
        """Raises GoneError."""
        reused = self._line is not None and self._leads_to == location.origin
        try:
            return self._exchange(location)
        except (http.client.RemoteDisconnected, ConnectionError) as exc:
            self.close()
            if not reused:
                raise GoneError(self._reason(exc, location)) from None
        except (OSError, http.client.HTTPException) as exc:
            raise GoneError(self._reason(exc, location)) from None
        # The server closed the idle connection in that moment, which it may.
        return self.get(location)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    def _exchange(self, location: Location) -> Piece:
        line = self._connect(location)
        connection = http.client.HTTPConnection(location.host, location.port)
        connection.sock = t.cast("t.Any", line)
        own = {"Accept-Encoding": "gzip", "Connection": "keep-alive"}
        connection.request("GET", location.path, headers={**headers_for(self._request, location), **own})
        self._meter.add(requests=1)
        response = http.client.HTTPResponse(t.cast("t.Any", line), method="GET")
        response.begin()
        headers = headers_of(response)
        size, kept = self._read(response, keep=headers.get("content-type", "").startswith(READABLE))
        if response.will_close:
            self.close()
        return Piece(location, response.status, headers, size, _text(kept, headers))

    def _connect(self, location: Location) -> Line:
        if self._line is None or self._leads_to != location.origin:
            self.close()
            self._line = self.seen = open_line(location.host, location.port, self._deadline)
            self._leads_to = location.origin
            if location.scheme == "https":
                self._line.encrypt(location.host, context(self._request.trust))
        return self._line

    def _read(self, response: http.client.HTTPResponse, *, keep: bool) -> tuple[int, bytes]:
        size, kept = 0, bytearray()
        while True:
            piece = response.read(65536)
            if not piece:
                break
            size += len(piece)
            self._meter.add(size=len(piece))
            if keep and len(kept) < LARGEST_TEXT:
                kept += piece[: LARGEST_TEXT - len(kept)]
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        return size, bytes(kept)

    def _reason(self, exc: Exception, location: Location) -> str:
        place = f"{location.host}:{location.port}"
        if isinstance(exc, http.client.RemoteDisconnected):
            return f"{place} hung up without an answer"
        if isinstance(exc, socket.timeout):
            return f"{location.path} of {place} did not come in time"
        if isinstance(exc, OSError):
            return reason_for(exc, place)
        return f"{place} does not speak proper HTTP: {type(exc).__name__} {str(exc)[:100]}".rstrip()


def _text(kept: bytes, headers: t.Mapping[str, str]) -> str:
    """Unpacked, as far as it can be, and never more than LARGEST_TEXT of it."""
    if "gzip" in headers.get("content-encoding", ""):
        try:
            kept = zlib.decompressobj(47).decompress(kept, LARGEST_TEXT)
        except zlib.error:
            kept = b""
    return kept.decode("utf-8", "replace")
