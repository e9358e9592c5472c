# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind page: how heavy and how slow is a page with everything it references on its own origin?

Fetches as a browser does: six connections at a time, kept open, gzip. It runs no script: what a script loads later is
not counted; web_vitals sees that.
"""

from __future__ import annotations

import contextlib
import multiprocessing.pool
import queue
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import Redactor
from ansible_collections.holdfast.webops.plugins.module_utils._health import trust
from ansible_collections.holdfast.webops.plugins.module_utils._health.exchange import (
    BODY_HEAD,
    MOST_REDIRECTS,
    REDIRECTS,
    TELLING_HEADERS,
    GoneError,
)
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding, milliseconds
from ansible_collections.holdfast.webops.plugins.module_utils._health.references import Parser, absolute, in_styles
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.page import PageTarget
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Location, location_of
from ansible_collections.holdfast.webops.plugins.module_utils._health.visiting import Meter, Piece, Visitor

CONNECTIONS = 6
MOST_REFERENCES = 500
# Style sheets import style sheets, which name fonts; deeper than this nobody goes.
MOST_WAVES = 4
NAMED = 5


def prepare(target: PageTarget) -> None:
    trust.prepare(target.request.trust)


class _Load:
    """One page on its way."""

    def __init__(self, target: PageTarget, deadline: Deadline) -> None:
        self.meter = Meter()
        self.problems: list[str] = []
        self.document: t.Optional[Piece] = None
        self.elsewhere = 0
        self._deadline = deadline
        self._visitors = [Visitor(target.request, deadline, self.meter) for _number in range(CONNECTIONS)]
        self._first = target.request.location
        self._follow = target.request.follow_redirects
        self._asked: set[str] = set()

    def run(self) -> None:
        """Raises GoneError where the document itself does not come."""
        try:
            self.document = piece = self._get(self._visitors[0], self._first, follow=self._follow)
            if piece.status != 200:
                raise GoneError(f"answered {piece.status} instead of 200")
            wanted = self._new(self._references(piece))
            self._fetch_all(wanted)
        finally:
            for visitor in self._visitors:
                visitor.close()

    def _fetch_all(self, wanted: list[Location]) -> None:
        idle: queue.SimpleQueue[Visitor] = queue.SimpleQueue()
        for visitor in self._visitors:
            idle.put(visitor)
        # Its threads are daemons: one that hangs keeps nobody.
        with multiprocessing.pool.ThreadPool(CONNECTIONS) as pool:
            for _wave in range(MOST_WAVES):
                found = pool.map(lambda location: self._fetch(idle, location), wanted, chunksize=1)
                wanted = self._new(url for urls in found for url in urls)
                if not wanted:
                    return

    def _fetch(self, idle: queue.SimpleQueue[Visitor], location: Location) -> list[str]:
        """What it references in turn; its text is let go."""
        visitor = idle.get()
        try:
            piece = self._get(visitor, location, follow=True)
        except GoneError as exc:
            self.problems.append(str(exc))
            return []
        finally:
            idle.put(visitor)
        if piece.status >= 400:
            self.problems.append(f"{location.path} answered {piece.status}")
        return self._references(piece)

    def _get(self, visitor: Visitor, location: Location, *, follow: bool) -> Piece:
        for _redirect in range(MOST_REDIRECTS + 1):
            piece = visitor.get(location)
            if not follow or piece.status not in REDIRECTS or "location" not in piece.headers:
                return piece
            try:
                location = location_of(urllib.parse.urlsplit(urllib.parse.urljoin(str(location), piece.headers["location"])))
            except ValueError as exc:
                raise GoneError(f"redirects to a place that cannot be followed: {exc}") from None
        raise GoneError(f"redirects more than {MOST_REDIRECTS} times, last to '{location}'")

    def _references(self, piece: Piece) -> list[str]:
        here = str(piece.location)
        if "css" in piece.headers.get("content-type", ""):
            return [url for url in (absolute(here, reference) for reference in in_styles(piece.text)) if url]
        if piece is not self.document:  # a page in a frame; what it loads is its own affair
            return []
        parser = Parser(here)
        for start in range(0, len(piece.text), 16384):
            if self._deadline.expired:
                raise GoneError("the page could not be read in time")
            parser.feed(piece.text[start : start + 16384])
        return parser.found

    def _new(self, urls: t.Iterable[str]) -> list[Location]:
        """Places on the page's own origin that were not asked for yet."""
        found = []
        for url in urls:
            if url in self._asked or len(self._asked) >= MOST_REFERENCES:
                continue
            self._asked.add(url)
            with contextlib.suppress(ValueError):
                location = location_of(urllib.parse.urlsplit(url))
                if self.document and location.origin == self.document.location.origin:
                    found.append(location)
                else:
                    self.elsewhere += 1
        return found

    def evidence(self, hide: Redactor) -> Evidence:
        line, piece = self._visitors[0].seen, self.document
        headers = {name: text for name, text in sorted(piece.headers.items()) if name in TELLING_HEADERS} if piece else None
        return Evidence(
            address=line.address if line else None,
            resolved=line.resolved if line else None,
            status=piece.status if piece else None,
            headers=headers,
            body_head=hide(piece.text)[:BODY_HEAD] if piece else None,
            value=f"{self.elsewhere} references to other origins were not loaded" if self.elsewhere else None,
        )


def look(target: PageTarget, deadline: Deadline, clock: Clock) -> Finding:
    figures: dict[str, t.Any] = {"total_ms": None, "page_bytes": None, "requests": None}
    started = clock.monotonic()
    load = _Load(target, deadline)
    hide = Redactor(target.request.secrets())
    try:
        load.run()
    except GoneError as exc:
        return Finding("", problems=(str(exc),), figures=figures, evidence=load.evidence(hide))
    figures.update(total_ms=milliseconds(clock.monotonic() - started), page_bytes=load.meter.bytes, requests=load.meter.requests)
    more = len(load.problems) - NAMED
    problems = [*sorted(load.problems)[:NAMED], *([f"and {more} more"] if more > 0 else [])]
    seen = f"loaded {load.meter.bytes} bytes with {load.meter.requests} requests in {figures['total_ms']:.0f} ms"
    return Finding(seen, problems=tuple(problems), figures=figures, evidence=load.evidence(hide))
