from __future__ import annotations

import importlib
import itertools
import json
import typing as t

import pytest

from tests.bench import __main__ as bench
from tests.bench.figures import Figure, Goal, by_turns, in_rounds, rounded
from tests.bench.settings import number

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def figure(ours: float, peer: float, goal: Goal) -> Figure:
    return Figure("release", "switch", "ms", ours, peer, goal, 5, "reload")


@pytest.mark.parametrize(
    ("ours", "peer", "goal", "met"),
    [
        (9, 10, Goal(0.9), True),
        (9.1, 10, Goal(0.9), False),
        (0, 6, Goal(0, of="ours"), True),
        (1, 6, Goal(0, of="ours"), False),
        (5, 0, Goal(1.0), False),
        (5, 0, Goal(5, of="ours"), True),
    ],
)
def test_a_goal_is_met_by_the_ratio_or_by_our_own_number(ours: float, peer: float, goal: Goal, met: bool) -> None:
    assert figure(ours, peer, goal).is_met is met


def test_a_line_says_who_needed_what_and_whether_that_is_good_enough() -> None:
    assert figure(12.345, 10, Goal(1.0)).as_line() == "release.switch 12.3 10 ms 1.23 ratio <= 1 MISSED"
    assert figure(0, 0, Goal(0, of="ours")).as_line() == "release.switch 0 0 ms - ours <= 0 met"


def test_the_record_of_a_figure_is_complete() -> None:
    record = figure(1, 2, Goal(1.0)).as_dict()
    assert sorted(record) == sorted(["group", "name", "unit", "ours", "peer", "ratio", "goal", "met", "runs", "peer_command"])


@pytest.mark.parametrize(("exact", "short"), [(0, 0), (0.0123456, 0.0123), (123.456, 123), (98765, 98800), (1.0, 1.0)])
def test_numbers_are_shown_to_three_digits(exact: float, short: float) -> None:
    assert rounded(exact) == short


def test_both_take_turns_in_beginning_and_the_median_counts() -> None:
    order: list[str] = []
    times = {"ours": iter([5.0, 1.0, 2.0]), "peer": iter([7.0, 9.0, 8.0])}

    def measured(name: str) -> dict[str, float]:
        order.append(name)
        return {"wall": next(times[name])}

    samples = by_turns(lambda: measured("ours"), lambda: measured("peer"), 3)
    assert order == ["ours", "peer", "peer", "ours", "ours", "peer"]
    assert samples == ({"wall": 2.0}, {"wall": 8.0})


def test_every_way_is_measured_in_every_round_and_none_always_meets_what_the_same_other_one_left() -> None:
    order: list[str] = []

    def way(name: str) -> Callable[[], dict[str, float]]:
        def measured() -> dict[str, float]:
            order.append(name)
            return {"wall": float(len(order))}

        return measured

    found = in_rounds({name: way(name) for name in "abc"}, 9)
    rounds = [order[start : start + 3] for start in range(0, 27, 3)]
    assert all(sorted(one) == ["a", "b", "c"] for one in rounds)
    before = {name: {left for left, met in itertools.pairwise(order) if met == name} - {name} for name in "abc"}
    assert all(len(others) == 2 for others in before.values())
    assert {name: len(samples) for name, samples in found.items()} == {"a": 9, "b": 9, "c": 9}


@pytest.mark.parametrize("group", bench.GROUPS)
def test_every_group_that_can_be_asked_for_has_figures(group: str) -> None:
    assert callable(importlib.import_module(f"tests.bench.{group}").measure)


def test_an_unknown_group_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        bench.main(["--only", "speed"])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert all(group in said for group in ("speed", *bench.GROUPS))


def test_results_are_written_as_they_come(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "build/results.json")

    def two(group: str) -> t.Iterator[Figure]:
        yield figure(1, 2, Goal(1.0))
        assert len(json.loads(bench.RESULTS.read_text())) == 1
        yield figure(3, 2, Goal(1.0))

    monkeypatch.setattr(bench, "measure", two)
    assert bench.main(["--only", "release"]) == 0
    assert [record["met"] for record in json.loads(bench.RESULTS.read_text())] == [True, False]
    assert "2 figures, 1 MISSED" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "many", "0", "-3", "1.5"])
def test_a_size_that_is_no_size_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("BENCH_SCALE", text)
    with pytest.raises(SystemExit, match="BENCH_SCALE is"):
        number("BENCH_SCALE", 10)
