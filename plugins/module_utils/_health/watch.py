# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of health_check: look, once or until it is healthy, and say what was seen."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, SystemClock, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import derived_secrets, strings_in
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import DAY, Check, Surroundings, checks_from
from ansible_collections.holdfast.webops.plugins.module_utils._health.groups import select
from ansible_collections.holdfast.webops.plugins.module_utils._health.looks import Look, look_of, misplaced_secrets, secrets_of
from ansible_collections.holdfast.webops.plugins.module_utils._health.publishing import prepare, publish
from ansible_collections.holdfast.webops.plugins.module_utils._health.reports import Reports
from ansible_collections.holdfast.webops.plugins.module_utils._health.rounds import run_round
from ansible_collections.holdfast.webops.plugins.module_utils._health.verdict import (
    DEGRADED,
    HEALTHY,
    Round,
    is_failure,
    summary_of,
    verdict_of,
    worst_of,
)

RunRound = t.Callable[[t.Optional[Deadline]], Round]


@dataclasses.dataclass(frozen=True)
class Patience:
    """How long to wait for how many healthy rounds in a row; times in seconds."""

    timeout: float
    interval: float
    consecutive: int


@dataclasses.dataclass(frozen=True)
class Report:
    """What a whole watch came to. `results` are the worst of the rounds that counted."""

    verdict: str
    results: Round
    summary: str
    rounds: int
    waited_s: float

    def as_values(self) -> dict[str, t.Any]:
        return {
            "verdict": self.verdict,
            "summary": self.summary,
            "checks": [result.as_dict() for result in self.results],
            "rounds": self.rounds,
            "waited_s": self.waited_s,
        }


def health_check(call: Call) -> Outcome:
    """Nothing is changed on what is looked at; a verdict as bad as `fail_on` is the failure of the task, and so is a lost report."""
    looks = looks_for(call)
    patience = _patience(call.params)
    reports = prepare(call.params["reports"])
    clock = SystemClock()
    started = iso(clock.now())
    report = watch(lambda until: run_round(looks, clock, until), clock, patience)
    return _tell(call, {"started": started, **report.as_values()}, reports, clock)


def looks_for(call: Call) -> list[tuple[Check, Look]]:
    """The checks among a task's options, ready to look; what is secret in them is masked from then on."""
    params = call.params
    surroundings = Surroundings(params["base_url"], params["headers"] or {}, params["secret_headers"] or {})
    for secret in misplaced_secrets(params):
        call.mask(secret)
    checks = select(checks_from(params["checks"], surroundings), params.get("groups") or [])
    _drop_unset(params["checks"])
    for secret in secrets_of(checks):
        call.mask(secret)
    return [(check, look_of(check, check_mode=call.check_mode)) for check in checks]


def _drop_unset(checks: t.Iterable[dict[str, t.Any]]) -> None:
    """Options that were not given: the result shows the arguments of the task, and a check has few of the many that there are."""
    for check in checks:
        for option in [option for option, value in check.items() if value is None]:
            del check[option]


def _tell(call: Call, values: dict[str, t.Any], reports: Reports, clock: Clock) -> Outcome:
    """Write the reports, and end the task with the result."""
    for text in strings_in(values):
        for secret in derived_secrets(text):
            call.mask(secret)
    reports = dataclasses.replace(reports, labels=call.hide(reports.labels))
    hidden = call.hide(values) if reports.paths or reports.history else values
    published = publish(reports, hidden, clock, write=not call.check_mode)
    values = {**values, "since": published.since, "reports": published.paths}
    complaints = list(published.problems)
    if is_failure(values["verdict"], call.params["fail_on"]):
        complaints.insert(0, values["summary"][:1].upper() + values["summary"][1:])
    if complaints:
        raise WebopsError(" ".join(complaints), changed=False, **values)
    return Outcome({}, {}, values)


def watch(run: RunRound, clock: Clock, patience: t.Optional[Patience]) -> Report:
    """One round, or with `patience` rounds until the wanted number in a row was healthy or the time is up."""
    started = clock.monotonic()
    until = None if patience is None else Deadline(clock, patience.timeout)
    wanted = 1 if patience is None else patience.consecutive
    rounds = [run(until)]
    while patience is not None and until is not None and not _satisfied(rounds, wanted):
        if until.remaining() <= patience.interval:
            break
        clock.sleep(patience.interval)
        rounds.append(run(until))
    return _report(rounds, wanted, round(clock.monotonic() - started, 1))


def _satisfied(rounds: t.Sequence[Round], wanted: int) -> bool:
    return len(rounds) >= wanted and all(verdict_of(results) == HEALTHY for results in rounds[-wanted:])


def _report(rounds: t.Sequence[Round], wanted: int, waited: float) -> Report:
    """Only the last `wanted` rounds count; fewer than that cannot be healthy, however good they were."""
    counted = worst_of(rounds[-wanted:])
    verdict = verdict_of(counted)
    if verdict == HEALTHY and len(rounds) < wanted:
        verdict = DEGRADED
        return Report(verdict, counted, f"{verdict}: healthy in {len(rounds)} rounds, {wanted} in a row were wanted.", len(rounds), waited)
    return Report(verdict, counted, summary_of(counted, verdict), len(rounds), waited)


def _patience(params: t.Mapping[str, t.Any]) -> t.Optional[Patience]:
    if params["consecutive"] < 1:
        raise InputError(f"The option consecutive is {params['consecutive']}.", hint="Give 1 or more rounds.")
    if not params["wait_until_healthy"]:
        if params["consecutive"] > 1:
            raise InputError(
                f"The option consecutive is {params['consecutive']}, but only one round is run.", hint="Set wait_until_healthy."
            )
        return None
    for option in ("wait_timeout", "interval"):
        if not 0 < params[option] <= DAY:
            raise InputError(f"The {option} is {params[option]:g} s.", hint=f"Give seconds above 0, at most {DAY}.")
    if (params["consecutive"] - 1) * params["interval"] >= params["wait_timeout"]:
        raise InputError(
            f"{params['consecutive']} rounds, {params['interval']:g} s apart, do not fit into the wait_timeout of "
            f"{params['wait_timeout']:g} s.",
            hint="Raise wait_timeout, or lower consecutive or interval.",
        )
    return Patience(params["wait_timeout"], params["interval"], params["consecutive"])
