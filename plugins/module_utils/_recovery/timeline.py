# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steps on one line of time: as they were planned, as they went, and where the RTO is. SVG inside a page. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Record
from ansible_collections.holdfast.webops.plugins.module_utils._report.page import text

WIDTH, ROW, THICK, LEAST = 360, 30, 6, 2.0
STYLE = """
.planned { fill: var(--line); } .measured { fill: var(--mine); print-color-adjust: exact; }
.rto { stroke: var(--limit); stroke-dasharray: 1 3; stroke-width: 2; }
"""


def timeline(rehearsal: Record) -> str:
    """A figure with two bars for each step; the scale reaches to whatever comes last."""
    steps, target = rehearsal["steps"], rehearsal["rto"]["target_s"]
    planned, measured = planned_spans(steps), _measured_spans(rehearsal)
    last = max([target, *(end for _start, end in [*planned.values(), *measured.values()])])
    height = ROW * len(steps) + 12
    drawn = [_row(step, number, planned, measured, last) for number, step in enumerate(steps)]
    x = target / last * (WIDTH - 1)
    drawn.append(f'<line class="rto" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{height - 12}"/>')
    place = f'x="{max(x, 12):.1f}" y="{height - 2}" text-anchor="{"end" if x > 40 else "start"}"'
    drawn.append(f'<text x="0" y="{height - 2}">0</text><text {place}>RTO {text(as_duration(target))}</text>')
    label = "Steps as planned and as they went: " + "; ".join(_said(step) for step in steps)
    return (
        f'<figure class="timeline"><svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{text(label)}">{"".join(drawn)}</svg>'
        "<figcaption>grey as planned, coloured as it went, dotted the RTO</figcaption></figure>"
    )


def planned_spans(steps: t.Sequence[Record]) -> dict[str, tuple[float, float]]:
    """Step id -> (begin, end) in seconds by the estimates, when each step begins as soon as it may."""
    spans: dict[str, tuple[float, float]] = {}
    for step in steps:  # each after those that it needs
        begin = max((spans[needed][1] for needed in step["depends_on"]), default=0.0)
        spans[step["id"]] = (begin, begin + step["estimate_s"])
    return spans


def _measured_spans(rehearsal: Record) -> dict[str, tuple[float, float]]:
    first = parse_iso(rehearsal["began"])
    spans = {}
    for step in rehearsal["steps"]:
        if step["seconds"] is not None:
            begin = max((parse_iso(step["began"]) - first).total_seconds(), 0.0)
            spans[step["id"]] = (begin, begin + step["seconds"])
    return spans


def _row(
    step: Record, number: int, planned: t.Mapping[str, tuple[float, float]], measured: t.Mapping[str, tuple[float, float]], last: float
) -> str:
    y = number * ROW
    bars = [_bar("planned", planned[step["id"]], y + 13, last)]
    if step["id"] in measured:
        bars.append(_bar("measured", measured[step["id"]], y + 13 + THICK, last))
    return f'<text x="0" y="{y + 10}">{text(step["id"])}</text>{"".join(bars)}'


def _bar(look: str, span: tuple[float, float], y: int, last: float) -> str:
    """Never so short that it could not be seen."""
    left, right = (moment / last * WIDTH for moment in span)
    width = max(right - left, LEAST)
    return f'<rect class="{look}" x="{min(left, WIDTH - width):.1f}" y="{y}" width="{width:.1f}" height="{THICK}"/>'


def _said(step: Record) -> str:
    went = step["status"] if step["seconds"] is None else f"{step['status']} in {as_duration(step['seconds'])}"
    return f"{step['id']} {went}, planned {as_duration(step['estimate_s'])}"
