from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._report.chart import HEIGHT, WIDTH, Line, chart
from tests.unit.plugins.module_utils._report.reading import Page


def points_of(page: Page) -> list[list[tuple[float, float]]]:
    found = [str(line["points"]).split() for line in page.named("polyline")]
    return [[(float(x), float(y)) for x, _comma, y in (point.partition(",") for point in line)] for line in found]


def test_a_line_rises_to_the_right_and_stays_in_the_picture() -> None:
    drawn = points_of(Page(chart("p95", "ms", [Line("new", "mine", [(0, 0.0), (30, 41.0), (60, 2300.5)])], 60)))
    (line,) = drawn
    assert [x for x, _y in line] == sorted({x for x, _y in line})
    assert [y for _x, y in line] == sorted({y for _x, y in line}, reverse=True)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in line)


def test_what_is_not_known_interrupts_the_line() -> None:
    drawn = points_of(Page(chart("p95", "ms", [Line("new", "mine", [(0, None), (1, 5.0), (2, None), (3, 6.0), (4, 7.0)])], 4)))
    # A value alone is a dash, else nobody would see it.
    assert [round(line[1][0] - line[0][0]) for line in drawn] == [6, 76]


def test_who_cannot_see_it_hears_the_values() -> None:
    page = Page(
        chart("p95", "ms", [Line("new", "mine", [(0, 40.0), (1, 90.0), (2, 50.0)]), Line("limit", "limit", [(0, 2000.0), (2, 2000.0)])], 2)
    )
    (picture,) = (svg for svg in page.named("svg") if svg.get("role") == "img")
    assert picture["aria-label"] == "p95: new from 40 ms to 50 ms, at most 90 ms; limit 2000 ms"
    assert all(svg.get("aria-hidden") == "true" for svg in page.named("svg") if svg is not picture)


@pytest.mark.parametrize("points", [[], [(0.0, None)], [(0.0, 0.0)], [(0.0, 0.0), (0.0, 0.0)], [(0.5, 0.001), (1e6, 1e9)]])
def test_any_values_give_a_picture(points: list[tuple[float, float | None]]) -> None:
    page = Page(chart("x", "", [Line("x", "mine", points)], points[-1][0] if points else 0))
    assert not page.open
    assert 3 <= sum("text-anchor" in attributes and attributes["text-anchor"] == "end" for attributes in page.named("text")) <= 8
    assert all("nan" not in str(attributes) for _tag, attributes in page.elements)


def test_names_never_become_part_of_the_page() -> None:
    page = Page(chart('<script>"', '"><b>', [Line("<i>", "mine", [(0, 1.0)])], 1, '"<u>'))
    assert page.tags() == {"figure", "svg", "line", "text", "polyline", "figcaption", "span"}
