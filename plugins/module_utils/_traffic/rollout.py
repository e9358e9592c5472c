# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of `rollout_analysis`: look at the router once a second and judge, until there is a verdict."""

from __future__ import annotations

import math
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._traffic import settings
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.analysis import INCONCLUSIVE, Limits, Objectives, Verdict, judge
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.evidence import Arm, Evidence
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.haproxy import RuntimeSocket
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.own_looks import OwnLooks, own_looks
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.routing import open_router
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.samples import RING, Follower, parse_line
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.slots import fallback_server, slot_server

INTERVAL = 1.0
# A router that is restarted is back within a second; one that is away for longer ends the rollout.
ROUTER_PATIENCE = 10.0
LOOKS_PER_LOG_LINE = 5


class Window:
    """One observation window on one router: gathers evidence look by look."""

    def __init__(self, socket: RuntimeSocket, candidate: str, baseline: str | None, *, clock: Clock, overdue_after: float) -> None:
        self._socket = socket
        self._candidate = candidate
        self._baseline = baseline
        self._clock = clock
        self._overdue_after = overdue_after
        self._start = self._answered = clock.monotonic()
        self._is_up = True
        self._counters = self._read_counters()
        self._follower = Follower(lambda: socket.events(RING))
        self.evidence = Evidence(Arm(), Arm() if baseline else None)

    @property
    def overruns(self) -> int:
        """How often the ring was overwritten between two looks; those requests were not seen."""
        return self._follower.overruns

    def look(self) -> Evidence:
        """Read the router once more. One that does not answer is forgiven for a while: its share survives a restart."""
        try:
            self._add_finished()
            self._add_counters()
            self._add_waiting()
            self._answered = self._clock.monotonic()
        except WebopsError:
            self.evidence.router_answers = self._clock.monotonic() - self._answered <= ROUTER_PATIENCE
        self.evidence.elapsed = self._clock.monotonic() - self._start
        return self.evidence

    def _add_finished(self) -> None:
        for line in self._follower.new_lines():
            sample = parse_line(line)
            if sample is None:
                continue
            if sample.slot == self._candidate:
                self.evidence.candidate.add(sample)
            elif self.evidence.baseline and sample.server == self._baseline:
                self.evidence.baseline.add(sample)

    def _read_counters(self) -> dict[str, int]:
        servers = self._socket.servers()
        own = slot_server(servers, self._candidate)
        self._is_up = own.is_up
        return {
            "retries": own.retries + own.redispatches,
            "fallbacks": fallback_server(servers, self._candidate).total,
            "downs": own.downs,
        }

    def _add_counters(self) -> None:
        """The counters of the router run since its start; a restart puts them back to nought."""
        now = self._read_counters()
        grown = {name: now[name] - self._counters[name] if now[name] >= self._counters[name] else now[name] for name in now}
        self._counters = now
        self.evidence.retries += grown["retries"]
        self.evidence.fallbacks += grown["fallbacks"]
        if grown["downs"] or not self._is_up:
            self.evidence.healthy = False

    def _add_waiting(self) -> None:
        waiting = self._socket.waiting()
        self.evidence.overdue = sum(
            request.backend == f"slot_{self._candidate}" and request.age >= self._overdue_after for request in waiting
        )


def check(params: dict[str, t.Any]) -> tuple[Objectives, Limits]:
    """The options as the rules want them; InputError when they contradict each other."""
    if params["candidate"] == params["baseline"]:
        raise InputError(f"baseline: {params['baseline']} is the candidate itself.", hint="Name the other slot, or none at 100 %.")
    if params["window"] < 1 or params["max_window"] < params["window"]:
        raise InputError(
            f"window: {params['window']} s does not fit max_window: {params['max_window']} s.", hint="Give 1 <= window <= max_window."
        )
    if params["min_samples"] < 1:
        raise InputError(f"min_samples: {params['min_samples']} must be 1 or more.")
    objectives = Objectives(**(params["objectives"] or {}))
    if objectives.latency_p95_ms <= 0 or not 0 < objectives.error_rate < objectives.error_rate_bad < 1:
        raise InputError(
            f"objectives: latency_p95_ms {objectives.latency_p95_ms:g}, error_rate {objectives.error_rate:g} and error_rate_bad "
            f"{objectives.error_rate_bad:g} do not fit together.",
            hint="Give 0 < error_rate < error_rate_bad < 1 (shares, not percent) and a latency above 0 ms.",
        )
    looks = math.ceil(params["max_window"] / INTERVAL)
    return objectives, Limits(params["window"], params["max_window"], params["min_samples"], looks)


def analyse(call: Call, clock: Clock | None = None) -> Outcome:
    """Watch a rollout step until there is a verdict."""
    clock = clock or SystemClock()
    objectives, limits = check(call.params)
    looks = own_looks(call, clock)
    started, start = clock.now(), clock.monotonic()
    verdict, overruns = _skipped(), 0
    if not call.check_mode:
        window = _open_window(call.params, objectives, clock)
        with looks:
            verdict, overruns = _watch(window, looks, objectives, limits, call, clock), window.overruns
    return Outcome(
        {},
        {},
        {
            "verdict": {"verdict": verdict.verdict, "rule": verdict.rule, "reason": verdict.reason, "figures": verdict.figures or None},
            "started": iso(started),
            "duration_s": round(clock.monotonic() - start, 1),
        },
        warnings=_warnings(overruns),
    )


def _open_window(params: dict[str, t.Any], objectives: Objectives, clock: Clock) -> Window:
    router = open_router(params, must_run=True)
    socket = t.cast(RuntimeSocket, router.socket)
    candidate = params["candidate"]
    if settings.from_tables(t.cast(settings.Tables, router.live_tables())).weights[candidate] == 0:
        raise InputError(f"candidate: {candidate} gets no traffic that could be judged.", hint="Give it a share with slot_router first.")
    return Window(socket, candidate, params["baseline"], clock=clock, overdue_after=objectives.latency_p95_ms / 1000)


def _watch(window: Window, looks: OwnLooks, objectives: Objectives, limits: Limits, call: Call, clock: Clock) -> Verdict:
    look = 0
    next_look = clock.monotonic()
    while True:
        next_look += INTERVAL
        clock.sleep(next_look - clock.monotonic())
        look += 1
        evidence = window.look()
        evidence.complaint, evidence.doubt = looks.opinion(call)
        verdict = judge(evidence, objectives, limits, look=look)
        if verdict or look % LOOKS_PER_LOG_LINE == 0:
            call.log(progress(evidence, verdict, call.params["candidate"]))
        if verdict:
            return verdict


def progress(evidence: Evidence, verdict: Verdict | None, candidate: str) -> str:
    """A line for the target's log."""
    arm = evidence.candidate
    state = f"{verdict.verdict} ({verdict.rule}): {verdict.reason}" if verdict else "goes on"
    seen = f"{arm.number} requests, {arm.errors} errors, {evidence.overdue} overdue"
    return f"rollout of {candidate}: {evidence.elapsed:.0f} s, {seen}: {state}"


def _skipped() -> Verdict:
    return Verdict(INCONCLUSIVE, "check_mode", "In check mode no traffic was moved, so there is nothing to judge.")


def _warnings(overruns: int) -> tuple[str, ...]:
    if not overruns:
        return ()
    return (f"The router's ring was overwritten or emptied {overruns} times between two looks; the requests in between were not judged.",)
