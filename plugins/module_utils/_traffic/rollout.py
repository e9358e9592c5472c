# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of `rollout_analysis`: look at the sources once a second and judge, until there is a verdict."""

from __future__ import annotations

import dataclasses
import math
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._traffic import settings
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.analysis import (
    INCONCLUSIVE,
    PASS,
    Limits,
    Objectives,
    Verdict,
    judge,
)
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.evidence import Arm, Evidence
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.haproxy import RuntimeSocket
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.own_looks import OwnLooks, own_looks
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.router_source import RouterSource
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.routing import open_router
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.sources import Seen, Source
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.synthetic import SyntheticRequests, synthetic_requests
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.telling import Telling

INTERVAL = 1.0
# A router that is restarted is back within a second; one that is away for longer ends the rollout.
ROUTER_PATIENCE = 10.0
LOOKS_PER_LOG_LINE = 5


class Window:
    """One observation window: gathers the evidence of its sources, look by look."""

    def __init__(self, sources: t.Sequence[Source], candidate: str, baseline: str | None, *, share: int, clock: Clock) -> None:
        self._sources = sources
        self._candidate = candidate
        self._baseline = baseline
        self._clock = clock
        self._start = self._answered = clock.monotonic()
        self.share = share
        self.evidence = Evidence(Arm(), Arm() if baseline else None)

    @property
    def overruns(self) -> int:
        """How often requests were lost between two looks; they were not seen."""
        return sum(source.overruns for source in self._sources)

    def look(self) -> Evidence:
        """Ask every source once more. A router that does not answer is forgiven for a while: its share survives a restart."""
        self.evidence.overdue = 0
        try:
            for source in self._sources:
                self._add(source.look())
            self._answered = self._clock.monotonic()
        except WebopsError:
            self.evidence.router_answers = self._clock.monotonic() - self._answered <= ROUTER_PATIENCE
        self.evidence.elapsed = self._clock.monotonic() - self._start
        return self.evidence

    def _add(self, seen: Seen) -> None:
        for sample in seen.samples:
            if sample.slot == self._candidate:
                self.evidence.candidate.add(sample)
            elif self.evidence.baseline and sample.server == self._baseline:
                self.evidence.baseline.add(sample)
        self.evidence.retries += seen.retries
        self.evidence.fallbacks += seen.fallbacks
        self.evidence.overdue += seen.overdue
        self.evidence.healthy = self.evidence.healthy and seen.healthy


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
    if params["directory"] is None:
        _check_without_router(params)
    return _objectives(params), Limits(
        params["window"],
        params["max_window"],
        params["min_samples"],
        math.ceil(params["max_window"] / INTERVAL),
        accepts_undecided=params["when_undecided"] == PASS,
    )


def _check_without_router(params: dict[str, t.Any]) -> None:
    if not params["synthetic"]:
        raise InputError("synthetic: without a router (directory) there are no requests to judge but those of our own.", hint="Give paths.")
    if params["baseline"]:
        raise InputError("baseline: without a router (directory) nothing is known of the other slot.", hint="Leave it out.")
    if not 1 <= params["share"] <= 100:
        raise InputError(f"share: {params['share']} is no share of the users that could be watched.", hint="Give 1 to 100 percent.")


def _objectives(params: dict[str, t.Any]) -> Objectives:
    objectives = Objectives(**(params["objectives"] or {}))
    if objectives.latency_p95_ms <= 0 or not 0 < objectives.error_rate < objectives.error_rate_bad < 1:
        raise InputError(
            f"objectives: latency_p95_ms {objectives.latency_p95_ms:g}, error_rate {objectives.error_rate:g} and error_rate_bad "
            f"{objectives.error_rate_bad:g} do not fit together.",
            hint="Give 0 < error_rate < error_rate_bad < 1 (shares, not percent) and a latency above 0 ms.",
        )
    return objectives


def analyse(call: Call, clock: Clock | None = None) -> Outcome:
    """Watch a rollout step until there is a verdict."""
    clock = clock or SystemClock()
    objectives, limits = check(call.params)
    looks = own_looks(call, clock)
    synthetic = synthetic_requests(call, clock, overdue_after=objectives.latency_p95_ms / 1000)
    started, start = clock.now(), clock.monotonic()
    verdict, overruns = _skipped(), 0
    if not call.check_mode:
        window = _open_window(call.params, objectives, synthetic, clock)
        with looks, synthetic:
            verdict, overruns = _watch(window, looks, synthetic, objectives, limits, call, clock), window.overruns
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


def _open_window(params: dict[str, t.Any], objectives: Objectives, synthetic: SyntheticRequests, clock: Clock) -> Window:
    if params["directory"] is None:
        return Window((synthetic,), params["candidate"], None, share=params["share"], clock=clock)
    router = open_router(params, must_run=True)
    socket = t.cast(RuntimeSocket, router.socket)
    candidate = params["candidate"]
    share = settings.from_tables(t.cast(settings.Tables, router.live_tables())).weights[candidate]
    if share == 0:
        raise InputError(f"candidate: {candidate} gets no traffic that could be judged.", hint="Give it a share with slot_router first.")
    source = RouterSource(socket, candidate, overdue_after=objectives.latency_p95_ms / 1000)
    return Window((source, synthetic), candidate, params["baseline"], share=share, clock=clock)


def _watch(
    window: Window, looks: OwnLooks, synthetic: SyntheticRequests, objectives: Objectives, limits: Limits, call: Call, clock: Clock
) -> Verdict:
    telling = Telling(call.progress, call.params["candidate"], window.share, objectives, limits)
    look = users = 0
    next_look = clock.monotonic()
    while True:
        # Not before the first second has shown how many users there are.
        if look:
            synthetic.top_up(window.evidence.candidate.users - users, INTERVAL)
            users = window.evidence.candidate.users
        next_look += INTERVAL
        clock.sleep(next_look - clock.monotonic())
        look += 1
        evidence = window.look()
        evidence.complaint, evidence.doubt = looks.opinion(call)
        verdict = judge(evidence, objectives, limits, look=look)
        telling.look(evidence)
        if verdict or look % LOOKS_PER_LOG_LINE == 0:
            call.log(progress(evidence, verdict, call.params["candidate"]))
        if verdict:
            return dataclasses.replace(verdict, figures={**verdict.figures, **telling.course()})


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
