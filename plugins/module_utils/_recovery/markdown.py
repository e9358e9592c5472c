# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rehearsal as Markdown, for a ticket or a wiki. Pure."""

from __future__ import annotations

import html
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._recovery import telling
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Record
from ansible_collections.holdfast.webops.plugins.module_utils._report.page import visible

# What would be markup, or end a cell of a table.
_MARKUP = re.compile(r"([\\`*_\[\]|#])")


def render(story: Record) -> str:
    """The whole document."""
    rehearsal = story["rehearsal"]
    steps = [(f"{step['id']}: {step['status']}", f"{telling.step_line(step)}. {step['says']}".strip()) for step in rehearsal["steps"]]
    parts: list[tuple[str, t.Sequence[tuple[str, str]]]] = [
        ("Steps, against their estimates", steps),
        ("What the database took", telling.durations(story)),
        ("Questions of the business", _judged(telling.answers(story))),
        ("What else was restored", telling.other_sources(story)),
        ("The application on what was restored", _judged(telling.health(story))),
        ("What could be restored", telling.points(story)),
        ("Over the rehearsals so far", telling.trend(story)),
        ("With larger databases", telling.projection(story)),
        ("Who, when, which", telling.facts(story)),
        ("Compared with the source", _judged(telling.comparisons(story))),
        ("Ledger", telling.ledger(story)),
    ]
    lines = [f"# {rehearsal['verdict']}: {plain(telling.title(story))}", "", plain(telling.summary(story)), "", "## Findings", ""]
    lines += [f"- {plain(finding)}" for finding in rehearsal["findings"]] or ["None."]
    for name, pairs in parts:
        lines += _table(name, pairs)
    return "\n".join([*lines, ""])


def _judged(lines: t.Sequence[tuple[str, bool, str]]) -> list[tuple[str, str]]:
    return [(f"{name}: {'good' if passed else 'BAD'}", says) for name, passed, says in lines]


def _table(name: str, pairs: t.Sequence[tuple[str, str]]) -> list[str]:
    if not pairs:
        return []
    return ["", f"## {name}", "", "| | |", "|---|---|", *(f"| {plain(left)} | {plain(right)} |" for left, right in pairs)]


def plain(text: str) -> str:
    """The text on one line, nothing of it taken for markup, nor for HTML, which Markdown may hold."""
    return html.escape(_MARKUP.sub(r"\\\1", " ".join(visible(text).split())), quote=False)
