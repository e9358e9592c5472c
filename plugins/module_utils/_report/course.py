# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stages or steps below each other, each with its bar on one line of time."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._report.page import badge, text

STYLE = """
ol.course { list-style: none; margin: 0; padding: 0; }
ol.course li { border-bottom: 1px solid var(--line); padding: .4rem 0; }
.bar { background: var(--soft); height: .5rem; margin: .25rem 0; print-color-adjust: exact; }
.bar div { height: 100%; min-width: 3px; print-color-adjust: exact; }
.time { float: right; font-size: .85rem; font-variant-numeric: tabular-nums; margin-left: 1rem; opacity: .75; }
"""


def course(items: t.Iterable[str]) -> str:
    """The list of finished items."""
    return f'<ol class="course">{"".join(items)}</ol>'


def item(name: str, status: str, time: str, drawn: str, says: str) -> str:
    """One of them. All are texts, but `drawn`, which `bar_of` made; "" draws none."""
    return (
        f'<li><span class="time">{text(time)}</span><strong>{text(name)}</strong> {badge(status)}'
        f'<div class="bar" aria-hidden="true">{drawn}</div>{text(says)}</li>'
    )


def bar_of(began: float, ended: float, first: float, span: float, tone: str) -> str:
    """From `began` to `ended` on a line that begins at `first` and is `span` long, all in seconds."""
    left, width = (began - first) / span * 100, (ended - began) / span * 100
    return f'<div class="{tone}" style="margin-left:{min(max(left, 0.0), 99):.1f}%;width:{min(max(width, 0.0), 100):.1f}%"></div>'
