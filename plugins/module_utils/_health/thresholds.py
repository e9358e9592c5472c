# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits on the figures of a check: read from its options, and held against what was measured. Pure."""

from __future__ import annotations

import dataclasses
import math
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.kinds import LEAST, Kind, Limits

# What a figure cannot exceed: of a body 1 MiB is read, and no disk is fuller than full. A limit up there would never be broken.
HIGHEST: t.Mapping[str, float] = {"body_bytes": 1_048_576, "disk_used_percent": 100, "wraparound_percent": 100}


@dataclasses.dataclass(frozen=True)
class Threshold:
    """Limits of one figure. One that was `asked` for and could not be measured is a failure; a default is not."""

    figure: str
    direction: str
    warn: t.Optional[float] = None
    fail: t.Optional[float] = None
    asked: bool = True

    def broken(self, value: float, limit: t.Optional[float]) -> bool:
        if limit is None:
            return False
        return value < limit if self.direction == LEAST else value > limit


def read_thresholds(check: str, kind: Kind, given: t.Optional[t.Mapping[str, t.Any]], timeout: float) -> tuple[Threshold, ...]:
    """The thresholds of a check, with the kind's own where it gives none for a figure; InputError for impossible ones.

    `timeout` is that of the check, in seconds: after it no figure is measured.
    """
    asked = {figure: _limits(check, figure, limits) for figure, limits in (given or {}).items()}
    for figure in asked:
        if figure not in kind.figures:
            raise InputError(
                f"The thresholds of the check '{check}' name the figure {figure}, which kind {kind.name} does not measure.",
                hint=f"It measures {', '.join(sorted(kind.figures))}.",
            )
    _refuse_beyond_timeout(check, asked, timeout)
    _refuse_beyond_reach(check, asked)
    merged: Limits = {**kind.thresholds, **asked}
    thresholds = (
        Threshold(figure, kind.figures[figure], limits.get("warn"), limits.get("fail"), figure in asked)
        for figure, limits in sorted(merged.items())
    )
    return tuple(_possible(check, threshold) for threshold in thresholds)


def _limits(check: str, figure: str, limits: t.Any) -> dict[str, float]:
    where = f"The thresholds of the check '{check}' give {figure}"
    if not isinstance(limits, dict) or not limits or not set(limits) <= {"warn", "fail"}:
        raise InputError(f"{where} something else than warn and fail.", hint=f"Write them as {figure}: {{warn: 1, fail: 2}}.")
    return {level: _number(where, level, value) for level, value in limits.items() if value is not None}


def _refuse_beyond_timeout(check: str, asked: Limits, timeout: float) -> None:
    for figure, limits in asked.items():
        if figure.endswith("_ms") and max(limits.values(), default=0) >= timeout * 1000:
            raise InputError(
                f"The thresholds of the check '{check}' give {figure} {max(limits.values()):g} ms, but it is given up after its timeout of "
                f"{timeout:g} s.",
                hint="Make the threshold smaller than the timeout.",
            )


def _refuse_beyond_reach(check: str, asked: Limits) -> None:
    for figure, limits in asked.items():
        most = HIGHEST.get(figure, math.inf)
        if max(limits.values(), default=0) >= most:
            raise InputError(
                f"The thresholds of the check '{check}' give {figure} {max(limits.values()):.10g}, but it is never over {most:.10g}.",
                hint=f"Give a number below {most:.10g}.",
            )


def _number(where: str, level: str, value: t.Any) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise InputError(f"{where} the {level} '{value}'.", hint="Give a number, 0 or more.")
    return number


def _possible(check: str, threshold: Threshold) -> Threshold:
    """A warning that comes with the failure or after it could never be seen."""
    warn, fail = threshold.warn, threshold.fail
    if warn is not None and fail is not None and (warn <= fail if threshold.direction == LEAST else warn >= fail):
        side = "greater" if threshold.direction == LEAST else "smaller"
        raise InputError(
            f"The thresholds of the check '{check}' let {threshold.figure} warn {threshold.direction} {warn:g} and fail "
            f"{threshold.direction} {fail:g}, so that it could never warn.",
            hint=f"Make warn {side} than fail.",
        )
    return threshold


def broken(thresholds: t.Iterable[Threshold], figures: t.Mapping[str, t.Any]) -> tuple[list[str], list[str]]:
    """Sentences without a full stop: what fails, and what warns."""
    fails, warns = [], []
    for threshold in thresholds:
        value = figures.get(threshold.figure)
        if value is None:
            if threshold.asked:
                fails.append(f"{threshold.figure} could not be measured")
        elif threshold.broken(value, threshold.fail):
            fails.append(_said(threshold, value, threshold.fail))
        elif threshold.broken(value, threshold.warn):
            warns.append(_said(threshold, value, threshold.warn))
    return fails, warns


def _said(threshold: Threshold, value: float, limit: t.Optional[float]) -> str:
    return f"{threshold.figure} is {value:.10g}, {threshold.direction} {limit:.10g}"
