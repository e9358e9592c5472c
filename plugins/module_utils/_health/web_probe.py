# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind http: does the URL answer as it should?

Speaks through the standard library's http.client over a connection of our own: one deadline for everything from the
handshake to the last byte, a bounded body, and a fresh connection for each look are what a probe is about, and no
library import stands between the start of a task and its first request.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import socket
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.lines import Line, open_line, reason_for
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import Redactor
from ansible_collections.holdfast.webops.plugins.module_utils._health.expectations import Answer, problems_of
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding, milliseconds
from ansible_collections.holdfast.webops.plugins.module_utils._health.web_target import Location, WebTarget, location_of

AGENT = "holdfast-webops"
LARGEST_BODY = 1024 * 1024
BODY_HEAD = 500
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
TELLING_HEADERS = ("cache-control", "content-length", "content-type", "date", "location", "retry-after", "server", "x-request-id")


class _GoneError(Exception):
    """No answer, or not a whole one; the text is a sentence without a full stop."""


@dataclasses.dataclass
class _Trip:
    """One look on its way: where it is, and what it has seen so far."""

    target: WebTarget
    deadline: Deadline
    clock: Clock
    location: Location
    started: float
    figures: dict[str, t.Any]
    address: t.Optional[str] = None
    answer: t.Optional[Answer] = None

    def elapsed_ms(self) -> float:
        return milliseconds(self.clock.monotonic() - self.started)


def look(target: WebTarget, deadline: Deadline, clock: Clock) -> Finding:
    """Send the request, follow its redirects, read at most 1 MiB of the body, judge the answer."""
    figures: dict[str, t.Any] = {"connect_ms": None, "first_byte_ms": None, "total_ms": None, "body_bytes": None, "redirects": 0}
    trip = _Trip(target, deadline, clock, target.location, clock.monotonic(), figures)
    try:
        answer = _follow(trip)
    except _GoneError as exc:
        return Finding("", problems=(str(exc),), figures=figures, evidence=_evidence(trip))
    figures["total_ms"] = trip.elapsed_ms()
    seen = f"answered {answer.status} in {figures['total_ms']:.0f} ms"
    if not answer.complete:
        seen += f"; the body is longer than {LARGEST_BODY} bytes, the rest was not read"
    return Finding(seen, problems=problems_of(answer, target), figures=figures, evidence=_evidence(trip))


def _follow(trip: _Trip) -> Answer:
    been = {str(trip.location)}
    while True:
        answer = trip.answer = _exchange(trip)
        if not trip.target.follow_redirects or answer.status not in REDIRECTS or "location" not in answer.headers:
            return answer
        trip.location = _next_location(trip.location, answer.headers["location"])
        trip.figures["redirects"] += 1
        if str(trip.location) in been:
            raise _GoneError(f"redirects in a circle: '{trip.location}' was there before")
        if trip.figures["redirects"] > MOST_REDIRECTS:
            raise _GoneError(f"redirects more than {MOST_REDIRECTS} times, last to '{trip.location}'")
        been.add(str(trip.location))


def _next_location(here: Location, to: str) -> Location:
    try:
        return location_of(urllib.parse.urlsplit(urllib.parse.urljoin(str(here), to)))
    except ValueError as exc:
        raise _GoneError(f"redirects to a place that cannot be followed: {exc}") from None


def _exchange(trip: _Trip) -> Answer:
    place = f"{trip.location.host}:{trip.location.port}"
    trip.answer = trip.address = None
    try:
        with contextlib.closing(open_line(trip.location.host, trip.location.port, trip.deadline)) as line:
            return _ask(line, trip)
    except http.client.RemoteDisconnected:  # an OSError too
        raise _GoneError(f"{place} hung up without an answer") from None
    except OSError as exc:
        raise _GoneError(_late(trip, place) if isinstance(exc, socket.timeout) else reason_for(exc, place)) from None
    except http.client.HTTPException as exc:
        raise _GoneError(f"{place} does not speak proper HTTP: {type(exc).__name__} {str(exc)[:100]}".rstrip()) from None


def _ask(line: Line, trip: _Trip) -> Answer:
    trip.address = line.address
    if trip.location.scheme == "https":
        line.encrypt(trip.location.host, validate_certs=trip.target.validate_certs)
    trip.figures["connect_ms"] = trip.elapsed_ms()
    connection = http.client.HTTPConnection(trip.location.host, trip.location.port)
    connection.sock = t.cast("t.Any", line)
    connection.request(trip.target.method, trip.location.path, headers=_request_headers(trip))
    # Not connection.getresponse(): it closes the line as soon as it sees the headers of an answer that ends with the connection.
    response = http.client.HTTPResponse(t.cast("t.Any", line), method=trip.target.method)
    response.begin()
    trip.figures["first_byte_ms"] = trip.elapsed_ms()
    headers = {name.lower(): ", ".join(response.headers.get_all(name, [])) for name in response.headers}
    trip.answer = Answer(response.status, headers)
    body, complete = _read(response)
    trip.figures["body_bytes"] = len(body)
    return Answer(response.status, headers, body, complete)


def _request_headers(trip: _Trip) -> dict[str, str]:
    at_home = trip.location.origin == trip.target.location.origin
    own = {"Host": trip.location.authority, "User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
    wanted = {**trip.target.headers, **(trip.target.secret_headers if at_home else {})}
    replaced = {name.lower() for name in wanted}
    return {**{name: value for name, value in own.items() if name.lower() not in replaced}, **wanted}


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
        raise _GoneError(f"answered {response.status}, but hung up before the end of its answer") from None


def _late(trip: _Trip, place: str) -> str:
    if trip.answer is None:
        return f"no answer from {place} in time" if trip.address else f"no connection to {place} in time"
    return f"answered {trip.answer.status}, but did not end its answer in time"


def _evidence(trip: _Trip) -> Evidence:
    if trip.answer is None:
        return Evidence(address=trip.address)
    # Before the cut: half a secret is no longer recognised by whoever masks the result.
    hide = Redactor(trip.target.secret_headers.values())
    telling = {*TELLING_HEADERS, *(name.lower() for name in trip.target.expect_headers)}
    headers = {name: value for name, value in sorted(trip.answer.headers.items()) if name in telling}
    return Evidence(trip.address, trip.answer.status, headers, hide(trip.answer.text)[:BODY_HEAD])
