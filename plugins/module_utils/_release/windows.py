# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plots of a release: its share of the traffic, and what users got in each observation window. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._report.chart import Line, chart
from ansible_collections.holdfast.webops.plugins.module_utils._report.page import badge, text

Record = t.Mapping[str, t.Any]
# Up to a quarter of an hour in seconds, up to a day in minutes, then in hours: unit by the longest span in seconds.
UNITS: t.Final = ((900.0, 1.0, "s"), (86400.0, 60.0, "min"), (float("inf"), 3600.0, "h"))


def traffic_chart(shares: t.Sequence[Record], until: str) -> str:
    """The share of the release over time, in steps, up to the moment `until`; "" when it never had a course."""
    if not shares:
        return ""
    first = parse_iso(shares[0]["at"]).timestamp()
    moments = [parse_iso(share["at"]).timestamp() - first for share in shares] + [parse_iso(until).timestamp() - first]
    _limit, divisor, unit = next(entry for entry in UNITS if moments[-1] <= entry[0])
    points: list[tuple[float, float | None]] = []
    for share, begins, ends in zip(shares, moments, moments[1:]):
        points += [(begins / divisor, float(share["percent"])), (ends / divisor, float(share["percent"]))]
    return chart("Share of the traffic", "%", [Line("this release", "mine", points)], moments[-1] / divisor, unit, ceiling=100)


def window_charts(window: Record) -> t.Iterator[str]:
    """One observation window: its verdict in words, and the figures it rests on."""
    figures = window.get("figures") or {}
    yield f"<h3>At {text(window['percent'])} % {badge(window['verdict'])} {text(window['rule'])}</h3>"
    yield f"<p>{text(window['reason'])} {text(_samples(figures))}</p>"
    series = figures.get("series") or {}
    if series.get("elapsed_s"):
        yield '<div class="charts">'
        yield _latency(series, figures)
        yield _errors(series, figures)
        yield "</div>"


def _samples(figures: Record) -> str:
    mine, other = figures.get("candidate") or {}, figures.get("baseline") or {}
    if not mine:
        return ""
    beside = f", beside {other['samples']} of the live slot" if other else ""
    return f"Seen in {figures.get('elapsed_s')} s: {mine.get('samples')} requests{beside}, {mine.get('errors')} errors."


def _latency(series: Record, figures: Record) -> str:
    """95 % of the requests so far were answered within so many milliseconds."""
    at, limit = series["elapsed_s"], figures.get("latency_objective_ms")
    lines = [Line("new release", "mine", list(zip(at, series["p95_ms"])))]
    if "baseline_p95_ms" in series:
        lines.append(Line("live slot", "other", list(zip(at, series["baseline_p95_ms"]))))
    if limit:
        lines.append(Line("objective", "limit", [(0.0, limit), (at[-1], limit)]))
    return chart("p95 so far", "ms", lines, at[-1])


def _errors(series: Record, figures: Record) -> str:
    at, limit = series["elapsed_s"], figures.get("error_rate_bad")
    lines = [Line("new release", "mine", _rates(at, series["errors"], series["samples"]))]
    if "baseline_errors" in series:
        lines.append(Line("live slot", "other", _rates(at, series["baseline_errors"], series["baseline_samples"])))
    if limit:
        lines.append(Line("certainly bad", "limit", [(0.0, limit * 100), (at[-1], limit * 100)]))
    return chart("Errors so far", "%", lines, at[-1])


def _rates(at: t.Sequence[float], errors: t.Sequence[int], samples: t.Sequence[int]) -> list[tuple[float, float | None]]:
    return [(moment, 100 * bad / number if number else None) for moment, bad, number in zip(at, errors, samples)]
