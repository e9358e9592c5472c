# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests of our own where users are too few to judge a release by: labelled, and spread over the second.

They reach the candidate through the preview header, so that the router counts none of them as a user and never answers one from
the other slot. Each carries the header `X-Holdfast-Synthetic`, by which the application can leave it out of its own figures.
"""

from __future__ import annotations

import dataclasses
import multiprocessing.pool
import queue
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.exchange import GoneError, Trip
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Request, read_request
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.samples import Sample
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.sources import Seen

LABEL = "X-Holdfast-Synthetic"
# With an objective of 2 s, so many may wait at once before a rate of 50 a second is no longer kept.
MOST_AT_ONCE = 100
MOST_PER_SECOND = 50
# Longer than any objective: who gets no answer by then counts as an error.
TIMEOUT = 30.0
NO_ANSWER = 599

Send = t.Callable[[Request], int]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """GET requests in turn, until users and these together are `per_second`."""

    requests: tuple[Request, ...] = ()
    per_second: int = 0


class SyntheticRequests:
    """A `Source`; `top_up` sends what users did not. With nothing wanted it costs nothing."""

    def __init__(self, wanted: Wanted, candidate: str, send: Send, clock: Clock, *, overdue_after: float) -> None:
        self._wanted = wanted
        self._candidate = candidate
        self._send = send
        self._clock = clock
        self._overdue_after = overdue_after
        self._finished: queue.SimpleQueue[Sample] = queue.SimpleQueue()
        self._under_way: dict[int, float] = {}
        self._lock = threading.Lock()
        self._number = 0
        self.overruns = 0
        # Its threads are daemons: a request that hangs does not keep the verdict back.
        self._pool = multiprocessing.pool.ThreadPool(min(MOST_AT_ONCE, 2 * wanted.per_second + 2)) if wanted.requests else None

    def __enter__(self) -> SyntheticRequests:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._pool:
            self._pool.terminate()

    def top_up(self, users: int, seconds: float) -> None:
        """Begin what is missing to the wanted rate after a look of `seconds` in which so many users came."""
        missing = round(self._wanted.per_second * seconds) - users
        for index in range(missing):
            request = self._wanted.requests[self._number % len(self._wanted.requests)]
            self._number += 1
            if self._pool:
                self._pool.apply_async(self._visit, (self._number, request, index * seconds / missing))

    def look(self) -> Seen:
        """The requests of our own that finished."""
        samples = []
        while not self._finished.empty():
            samples.append(self._finished.get())
        now = self._clock.monotonic()
        with self._lock:
            overdue = sum(now - began >= self._overdue_after for began in self._under_way.values())
        return Seen(samples, overdue=overdue)

    def _visit(self, number: int, request: Request, delay: float) -> None:
        self._clock.sleep(delay)
        began = self._clock.monotonic()
        with self._lock:
            self._under_way[number] = began
        status = self._send(request)
        milliseconds = (self._clock.monotonic() - began) * 1000
        with self._lock:
            del self._under_way[number]
        self._finished.put(Sample(self._candidate, self._candidate, status, milliseconds, True, is_synthetic=True))


def send_over(clock: Clock) -> Send:
    """A fresh connection for each request; the status of the answer, NO_ANSWER when there is none."""

    def send(request: Request) -> int:
        try:
            return Trip(request, Deadline(clock, TIMEOUT), clock).follow().status
        except GoneError:
            return NO_ANSWER

    return send


def synthetic_requests(call: Call, clock: Clock, *, overdue_after: float) -> SyntheticRequests:
    """From the options of the task; InputError before anything is contacted."""
    params = call.params
    return SyntheticRequests(_wanted(params), params["candidate"], send_over(clock), clock, overdue_after=overdue_after)


def _wanted(params: dict[str, t.Any]) -> Wanted:
    synthetic = params["synthetic"]
    if not synthetic:
        return Wanted()
    if not 1 <= synthetic["per_second"] <= MOST_PER_SECOND:
        raise InputError(f"synthetic: per_second is {synthetic['per_second']}; give 1 to {MOST_PER_SECOND}.")
    if not synthetic["paths"] or any(not path.startswith("/") for path in synthetic["paths"]):
        raise InputError(f"synthetic: paths is {synthetic['paths']}; give paths like /api/orders, which are asked for with GET.")
    if not params["base_url"] or (params["directory"] is not None and not params["secret_headers"]):
        raise InputError(
            "synthetic: requests of our own need base_url and secret_headers.",
            hint="secret_headers are the portal's preview headers; without them users' own slots would answer.",
        )
    return Wanted(tuple(_request(path, params) for path in synthetic["paths"]), synthetic["per_second"])


def _request(path: str, params: dict[str, t.Any]) -> Request:
    return read_request(
        {
            "name": "synthetic",
            "url": params["base_url"].rstrip("/") + path,
            "headers": {**(params["headers"] or {}), LABEL: "rollout"},
            "secret_headers": params["secret_headers"] or {},
            "follow_redirects": False,
        }
    )
