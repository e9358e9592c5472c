# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP request and its answer, redirects followed: one deadline from the resolution of the name to the last byte.

Speaks through the standard library's http.client over a connection of our own: one deadline for everything, a bounded
body, and a fresh connection for each look are what a probe is about, and no library import stands between the start of a
task and its first request.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import socket
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.lines import Line, open_line, reason_for
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import Redactor
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, milliseconds
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Location, Request, location_of
from ansible_collections.holdfast.webops.plugins.module_utils._health.trust import context

AGENT = "holdfast-webops"
LARGEST_BODY = 1024 * 1024
BODY_HEAD = 500
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
TELLING_HEADERS = ("cache-control", "content-length", "content-type", "date", "location", "retry-after", "server", "x-request-id")


class GoneError(Exception):
    """No answer, or not a whole one; the text is a sentence without a full stop."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back. `body` holds the first part only when `complete` is False; header names are in lower case."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes = b""
    complete: bool = True

    @property
    def text(self) -> str:
        """The body as text: UTF-8, whatever else it claims to be; what does not fit is replaced."""
        return self.body.decode("utf-8", errors="replace")


class Trip:
    """One request on its way: where it is, and what it has seen so far."""

    def __init__(self, request: Request, deadline: Deadline, clock: Clock) -> None:
        self.request = request
        self.deadline = deadline
        self.location = request.location
        self.answer: t.Optional[Answer] = None
        self.line: t.Optional[Line] = None
        self.figures: dict[str, t.Any] = {
            "connect_ms": None,
            "first_byte_ms": None,
            "total_ms": None,
            "body_bytes": None,
            "redirects": 0,
        }
        self._clock = clock
        self._started = clock.monotonic()
        self._certificate_end: t.Optional[str] = None

    def follow(self) -> Answer:
        """Send the request, follow its redirects, read at most 1 MiB of the body. Raises GoneError."""
        been = {str(self.location)}
        while True:
            answer = self.answer = self._exchange()
            if not self.request.follow_redirects or answer.status not in REDIRECTS or "location" not in answer.headers:
                self.figures["total_ms"] = self._elapsed_ms()
                return answer
            self._turn(answer.headers["location"], been)

    def evidence(self, extra_headers: t.Iterable[str] = (), *, value: t.Optional[str] = None) -> Evidence:
        """What was seen up to now, with the telling headers and `extra_headers`."""
        resolved = self.line.resolved if self.line else None
        address = self.line.address if self.line else None
        if self.answer is None:
            return Evidence(address=address, resolved=resolved, certificate_end=self._certificate_end)
        # Before the cut: half a secret is no longer recognised by whoever masks the result.
        hide = Redactor(self.request.secrets())
        telling = {*TELLING_HEADERS, *(name.lower() for name in extra_headers)}
        return Evidence(
            address=address,
            resolved=resolved,
            certificate_end=self._certificate_end,
            status=self.answer.status,
            headers={name: text for name, text in sorted(self.answer.headers.items()) if name in telling},
            body_head=hide(self.answer.text)[:BODY_HEAD],
            value=value,
        )

    def _turn(self, to: str, been: set[str]) -> None:
        try:
            self.location = location_of(urllib.parse.urlsplit(urllib.parse.urljoin(str(self.location), to)))
        except ValueError as exc:
            raise GoneError(f"redirects to a place that cannot be followed: {exc}") from None
        self.figures["redirects"] += 1
        if str(self.location) in been:
            raise GoneError(f"redirects in a circle: '{self.location}' was there before")
        if self.figures["redirects"] > MOST_REDIRECTS:
            raise GoneError(f"redirects more than {MOST_REDIRECTS} times, last to '{self.location}'")
        been.add(str(self.location))

    def _exchange(self) -> Answer:
        place = f"{self.location.host}:{self.location.port}"
        self.answer = self.line = self._certificate_end = None
        try:
            with contextlib.closing(open_line(self.location.host, self.location.port, self.deadline)) as self.line:
                return self._ask(self.line)
        except http.client.RemoteDisconnected:  # an OSError too
            raise GoneError(f"{place} hung up without an answer") from None
        except OSError as exc:
            raise GoneError(self._late(place) if isinstance(exc, socket.timeout) else reason_for(exc, place)) from None
        except http.client.HTTPException as exc:
            raise GoneError(f"{place} does not speak proper HTTP: {type(exc).__name__} {str(exc)[:100]}".rstrip()) from None

    def _ask(self, line: Line) -> Answer:
        if self.location.scheme == "https":
            end = line.encrypt(self.location.host, context(self.request.trust)).certificate_end
            self._certificate_end = iso(end) if end else None
        self.figures["connect_ms"] = self._elapsed_ms()
        connection = http.client.HTTPConnection(self.location.host, self.location.port)
        connection.sock = t.cast("t.Any", line)
        connection.request(self.request.method, self.location.path, headers=headers_for(self.request, self.location))
        # Not connection.getresponse(): it closes the line as soon as it sees the headers of an answer that ends with the connection.
        response = http.client.HTTPResponse(t.cast("t.Any", line), method=self.request.method)
        response.begin()
        self.figures["first_byte_ms"] = self._elapsed_ms()
        self.answer = Answer(response.status, headers_of(response))
        body, complete = _read(response)
        self.figures["body_bytes"] = len(body)
        return dataclasses.replace(self.answer, body=body, complete=complete)

    def _late(self, place: str) -> str:
        if self.answer is None:
            return f"no answer from {place} in time" if self.line else f"no connection to {place} in time"
        return f"answered {self.answer.status}, but did not end its answer in time"

    def _elapsed_ms(self) -> float:
        return milliseconds(self._clock.monotonic() - self._started)


def headers_for(request: Request, location: Location) -> dict[str, str]:
    """What is sent to a location; secret headers only to the origin they were given for."""
    at_home = location.origin == request.location.origin
    own = {"Host": location.authority, "User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
    wanted = {**request.headers, **(request.secret_headers if at_home else {})}
    replaced = {name.lower() for name in wanted}
    return {**{name: value for name, value in own.items() if name.lower() not in replaced}, **wanted}


def headers_of(response: http.client.HTTPResponse) -> dict[str, str]:
    """The headers of an answer by lower-case name; those that came more than once are joined."""
    return {name.lower(): ", ".join(response.headers.get_all(name, [])) for name in response.headers}


def _read(response: http.client.HTTPResponse) -> tuple[bytes, bool]:
    """The body up to LARGEST_BODY, and whether that is all of it."""
    body = bytearray()
    try:
        while len(body) < LARGEST_BODY:
            piece = response.read(min(65536, LARGEST_BODY - len(body)))
            if not piece and response.length:
                raise http.client.IncompleteRead(bytes(body), response.length)
            if not piece:
                return bytes(body), True
            body += piece
        return bytes(body), not response.read(1)
    except http.client.IncompleteRead:
        raise GoneError(f"answered {response.status}, but hung up before the end of its answer") from None
