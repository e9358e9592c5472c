# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rehearsal as an HTML page, for a screen, a phone and paper. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._recovery import telling, timeline
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Record
from ansible_collections.holdfast.webops.plugins.module_utils._report import chart, course
from ansible_collections.holdfast.webops.plugins.module_utils._report.page import badge, document, rows, text

STYLE = """
.gauge { fill: none; stroke-width: 14; } .gauge.ground { stroke: var(--line); }
.gauge.kept { stroke: var(--good); } .gauge.missed { stroke: var(--bad); }
svg text.figure { font-size: 22px; font-weight: 600; opacity: 1; }
figure.dial { margin: 0 auto; max-width: 18rem; text-align: center; width: 100%; } figure.dial figcaption { font-weight: 600; }
ul.findings { margin: 0; padding-left: 1.2rem; }
"""
BAR_TONES: t.Final = {"completed": "good", "failed": "bad"}
ARC = 314.16  # length of the half circle of a gauge, whose radius is 100
DAY = 86400.0
MOST_OPEN = 100  # lines


def render(story: Record) -> str:
    """The whole page. `story` is what `story.tell` returned, with `portal` and `environment`."""
    rehearsal = story["rehearsal"]
    word, name = rehearsal["verdict"], telling.title(story)
    return document(
        f"{word}: {name}",
        f"{badge(word)} {text(name)}",
        [
            f"<p>{text(telling.summary(story))}</p>",
            f'<p class="quiet">As the ledger stood at {text(story["ledger"]["at"])}; this page adds nothing to it. Times are UTC.</p>',
            '<div class="charts">',
            gauge("RTO, time to recover", rehearsal["rto"]["total_s"], rehearsal["rto"]),
            gauge("RPO, changes lost", rehearsal["rpo"]["lost_s"], rehearsal["rpo"]),
            "</div>",
            *_findings(rehearsal["findings"]),
            "<h2>Steps, against their estimates</h2>",
            timeline.timeline(rehearsal),
            *_course(rehearsal),
            *_table("What the database took", telling.durations(story)),
            *_judged("Questions of the business", telling.answers(story)),
            *_table("What else was restored", telling.other_sources(story)),
            *_judged("The application on what was restored", telling.health(story)),
            *_table("What could be restored", telling.points(story)),
            *_trend(story["trend"]),
            *_table("With larger databases", telling.projection(story), telling.projection_note(story)),
            *_table("Who, when, which", telling.facts(story)),
            *_judged("Compared with the source", telling.comparisons(story)),
            *_table("Ledger", telling.ledger(story)),
        ],
        chart.STYLE + course.STYLE + timeline.STYLE + STYLE,
    )


def gauge(name: str, seconds: float | None, target: Record) -> str:
    """Half a circle that is full where the target is reached, and where something is missing in what was measured."""
    missing = target.get("missing")
    promise = target["target_s"]  # it may be 0
    share = 1.0 if seconds is None or missing or seconds >= promise else seconds / promise
    shown = "unknown" if seconds is None else as_duration(round(seconds))
    word = "not all went well" if missing else "met" if target["met"] else "not met"
    promised = f"{as_duration(promise)} promised, {word}"
    arc = "M 20 120 A 100 100 0 0 1 220 120"
    return (
        f'<figure class="dial"><svg viewBox="0 0 240 150" role="img" aria-label="{text(f"{name}: {shown}, {promised}")}">'
        f'<path class="gauge ground" d="{arc}"/>'
        f'<path class="gauge {"kept" if target["met"] else "missed"}" d="{arc}" stroke-dasharray="{share * ARC:.1f} 999"/>'
        f'<text class="figure" x="120" y="112" text-anchor="middle">{text(shown)}</text>'
        f'<text x="120" y="144" text-anchor="middle" style="font-size:14px">{text(promised)}</text></svg>'
        f"<figcaption>{text(name)}</figcaption></figure>"
    )


def _findings(findings: t.Sequence[str]) -> t.Iterator[str]:
    yield "<h2>Findings</h2>"
    if not findings:
        yield "<p>None.</p>"
        return
    yield f'<ul class="findings">{"".join(f"<li>{text(one)}</li>" for one in findings)}</ul>'


def _course(rehearsal: Record) -> t.Iterator[str]:
    first = _seconds(rehearsal["began"])
    span = max(_seconds(rehearsal["ended"]) - first, 0.001)
    yield course.course(_step(step, first, span) for step in rehearsal["steps"])


def _step(step: Record, first: float, span: float) -> str:
    drawn = ""
    if step["seconds"] is not None:
        began = _seconds(step["began"])
        drawn = course.bar_of(began, began + step["seconds"], first, span, BAR_TONES.get(step["status"], "none"))
    name = f"{step['id']} (critical)" if step["critical"] else step["id"]
    says = f"{step['description']}. {step['says']}" if step["says"] else step["description"]
    return course.item(name, step["status"], telling.step_line(step), drawn, says)


def _table(name: str, pairs: telling.Rows, note: str = "") -> t.Iterator[str]:
    if pairs:
        yield f"<h2>{text(name)}</h2>"
        yield rows((shown, text(value)) for shown, value in pairs)
        if note:
            yield f'<p class="quiet">{text(note)}</p>'


def _judged(name: str, lines: t.Sequence[tuple[str, bool, str]]) -> t.Iterator[str]:
    """Folded when it is long; paper shows only what is not."""
    if not lines:
        return
    table = rows((shown, f"{badge('pass' if passed else 'fail')} {text(says)}") for shown, passed, says in lines)
    yield f"<h2>{text(name)}</h2>"
    long = len(lines) > MOST_OPEN
    yield f"<details><summary>{len(lines)} of them</summary><div class='more'>{table}</div></details>" if long else table


def _trend(points: t.Sequence[Record]) -> t.Iterator[str]:
    """Over the rehearsals that the ledger knows; one of them is no trend."""
    if len(points) < 2:
        return
    yield "<h2>Over the rehearsals so far</h2>"
    yield '<div class="charts">'
    for name, value, limit in (("Recovery time", "total_s", "rto_s"), ("Data that would be lost", "lost_s", "rpo_s")):
        first = _seconds(points[0]["began"])
        spread, spread_size = _spread(_seconds(points[-1]["began"]) - first)
        at = [(_seconds(point["began"]) - first) / spread_size for point in points]
        unit, size = _unit(max(point[key] or 0.0 for point in points for key in (value, limit)))
        measured = [None if point[value] is None else point[value] / size for point in points]
        lines = [
            chart.Line("measured", "mine", list(zip(at, measured))),
            chart.Line("promised", "limit", [(one, point[limit] / size) for one, point in zip(at, points)]),
        ]
        yield chart.chart(f"{name}, since {points[0]['began'][:10]}", unit, lines, max(at[-1], 0.01), spread)
    yield "</div>"


def _unit(seconds: float) -> tuple[str, float]:
    """In what a time is drawn, so that its numbers stay short."""
    return ("min", 60.0) if seconds < 1000 * 60 else (("h", 3600.0) if seconds < 1000 * 3600 else ("d", DAY))


def _spread(seconds: float) -> tuple[str, float]:
    """In what the time from the first rehearsal to the last is drawn: rehearsals are months apart, or tried one after the other."""
    return ("min", 60.0) if seconds < 2 * 3600 else (("h", 3600.0) if seconds < 3 * DAY else ("d", DAY))


def _seconds(moment: str) -> float:
    return parse_iso(moment).timestamp()
