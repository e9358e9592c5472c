# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Line charts as SVG inside a page: a name that is read out, axes with few round numbers, lines told apart without colours."""

from __future__ import annotations

import dataclasses
import math
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._report.page import text

WIDTH, HEIGHT = 360, 170
DASH = 3.0
LEFT, RIGHT, TOP, BOTTOM = 50, 8, 8, 22
STYLE = """
figure { margin: 0; } figcaption { font-size: .85rem; }
.charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); }
svg { display: block; height: auto; max-width: 34rem; width: 100%; }
svg text { fill: currentColor; font: 10px system-ui, sans-serif; opacity: .8; }
.grid { stroke: var(--line); } .line { fill: none; stroke-width: 2; }
.mine { stroke: var(--mine); } .other { stroke: var(--other); stroke-dasharray: 5 3; }
.limit { stroke: var(--limit); stroke-dasharray: 1 3; }
.key { display: inline-block; height: 8px; margin: 0 .3em 0 .8em; width: 24px; } .key line { stroke-width: 3; }
.name { white-space: nowrap; }
@media print { .charts { break-inside: avoid; } }
"""

Points = t.Sequence[tuple[float, t.Optional[float]]]


@dataclasses.dataclass(frozen=True)
class Line:
    """One line: `look` is mine, other or limit. A point without a value interrupts it."""

    name: str
    look: str
    points: Points

    @property
    def values(self) -> list[float]:
        return [value for _at, value in self.points if value is not None]


def chart(name: str, unit: str, lines: t.Sequence[Line], last: float, x_unit: str = "s", ceiling: float = 0.0) -> str:
    """A figure from 0 to `last` on the x axis. `ceiling`: the y axis reaches at least so far."""
    top = max([ceiling, *(value for line in lines for value in line.values)]) or 1.0
    steps_y, steps_x = _ticks(top), _ticks(last or 1.0)
    scale_x, scale_y = steps_x[-1] if steps_x[-1] > last else last or 1.0, max(top, steps_y[-1])

    def place(at: float, value: float) -> tuple[float, float]:
        return LEFT + at / scale_x * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - value / scale_y * (HEIGHT - TOP - BOTTOM)

    drawn = [*(_grid(place, step, unit, scale_x) for step in steps_y), *(_mark(place, step, x_unit) for step in steps_x)]
    drawn += [path for line in lines for path in _paths(line, place)]
    keys = "".join(_key(line) for line in lines)
    label = f"{name}: {'; '.join(_said(line, unit) for line in lines)}"
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{text(label)}">{"".join(drawn)}</svg>'
        f"<figcaption>{text(name)} {keys}</figcaption></figure>"
    )


def _ticks(top: float) -> list[float]:
    """Round numbers from 0 up to about `top`, three to six of them."""
    power = 10.0 ** math.floor(math.log10(top / 4))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= top / 4)
    return [number * step for number in range(math.ceil(top / step - 1e-9) + 1)]


def _grid(place: t.Callable[[float, float], tuple[float, float]], value: float, unit: str, last: float) -> str:
    (left, y), (right, _y) = place(0, value), place(last, value)
    return (
        f'<line class="grid" x1="{left:.1f}" y1="{y:.1f}" x2="{right:.1f}" y2="{y:.1f}"/>'
        f'<text x="{LEFT - 4}" y="{y + 3:.1f}" text-anchor="end">{text(_number(value))}{text(f" {unit}" if unit else "")}</text>'
    )


def _mark(place: t.Callable[[float, float], tuple[float, float]], at: float, unit: str) -> str:
    x = place(at, 0)[0]
    anchor = "end" if x > WIDTH - 20 else "middle"
    return f'<text x="{x:.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{text(_number(at))} {text(unit)}</text>'


def _paths(line: Line, place: t.Callable[[float, float], tuple[float, float]]) -> t.Iterator[str]:
    run: list[tuple[float, float]] = []
    for at, value in [*line.points, (0.0, None)]:
        if value is not None:
            run.append(place(at, value))
        elif run:
            # A single point would not be seen: a short dash is.
            seen = run if len(run) > 1 else [(run[0][0] - DASH, run[0][1]), (run[0][0] + DASH, run[0][1])]
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in seen)
            yield f'<polyline class="line {line.look}" points="{points}" stroke-linecap="round"/>'
            run = []


def _key(line: Line) -> str:
    drawn = f'<line class="{line.look}" x1="0" y1="4" x2="24" y2="4"/>'
    return f' <span class="name"><svg class="key" viewBox="0 0 24 8" aria-hidden="true">{drawn}</svg>{text(line.name)}</span>'


def _said(line: Line, unit: str) -> str:
    """For who hears the page: the first, the highest and the last value."""
    values = line.values
    if not values:
        return f"{line.name} without values"
    if len(set(values)) == 1:
        return f"{line.name} {_number(values[0])} {unit}".rstrip()
    first, highest, last = (f"{_number(value)} {unit}".rstrip() for value in (values[0], max(values), values[-1]))
    return f"{line.name} from {first} to {last}, at most {highest}"


def _number(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
