from __future__ import annotations

import json
import stat
import threading
import typing as t
from pathlib import Path

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.publishing import prepare, publish, remembered
from ansible_collections.holdfast.webops.plugins.module_utils._health.reports import Reports
from tests.unit.fake_clock import FakeClock
from tests.unit.plugins.module_utils._health.results import check, seen

SUFFIXES = {"json": "json", "junit": "xml", "prometheus": "prom", "html": "html"}


def values(**given: t.Any) -> dict[str, t.Any]:
    result = seen(check(), **given)
    return {name: value for name, value in result.items() if name not in {"labels", "history", "since"}}


@pytest.fixture
def everything(tmp_path: Path) -> Reports:
    paths = {name: str(tmp_path / f"health.{suffix}") for name, suffix in SUFFIXES.items()}
    return Reports(paths, str(tmp_path / "health.jsonl"), 3, {"portal": "shop"})


def test_every_file_is_there_and_may_be_read_by_all(everything: Reports, clock: FakeClock) -> None:
    published = publish(everything, values(), clock, write=True)
    assert published.paths == sorted([*everything.paths.values(), everything.history or ""])
    assert {stat.S_IMODE(Path(path).stat().st_mode) for path in published.paths} == {0o644}
    assert published.problems == ()


def test_check_mode_writes_nothing_and_still_knows_since_when(everything: Reports, clock: FakeClock, tmp_path: Path) -> None:
    publish(Reports(history=everything.history), values(started="2026-11-21T20:00:00Z"), clock, write=True)
    before = sorted(tmp_path.iterdir())
    published = publish(everything, values(), clock, write=False)
    assert (published.paths, published.since) == ([], "2026-11-21T20:00:00Z")
    assert sorted(tmp_path.iterdir()) == before


def test_the_history_keeps_the_newest_and_no_more_than_wanted(everything: Reports, clock: FakeClock) -> None:
    for number in range(5):
        publish(everything, values(summary=f"look {number}"), clock, write=True)
    kept = remembered(everything.history or "")
    assert [entry["summary"] for entry in kept] == ["look 2", "look 3", "look 4"]
    page = Path(everything.paths["html"]).read_text()
    assert "look 3" in page
    assert "look 1" not in page


def test_looks_at_the_same_time_lose_none_of_their_verdicts(tmp_path: Path) -> None:
    reports = Reports(history=str(tmp_path / "health.jsonl"))
    threads = [threading.Thread(target=publish, args=(reports, values(), SystemClock()), kwargs={"write": True}) for _number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(remembered(reports.history or "")) == 20


def test_without_a_history_nothing_is_claimed_about_the_past(everything: Reports, clock: FakeClock) -> None:
    published = publish(Reports(everything.paths), values(), clock, write=True)
    assert published.since is None
    assert json.loads(Path(everything.paths["json"]).read_text())["since"] is None


def test_a_report_that_cannot_be_written_is_named_and_keeps_back_no_other(everything: Reports, clock: FakeClock) -> None:
    Path(everything.paths["junit"]).mkdir()
    published = publish(everything, values(), clock, write=True)
    assert [problem.partition(" was not written")[0] for problem in published.problems] == [f"The report '{everything.paths['junit']}'"]
    assert len(published.paths) == 4


def test_a_history_that_became_something_else_is_left_alone_and_named(everything: Reports, clock: FakeClock) -> None:
    path = Path(everything.history or "")
    path.write_text("precious\n")
    published = publish(everything, values(), clock, write=True)
    assert path.read_text() == "precious\n"
    assert "was not kept" in published.problems[0]
    assert len(published.paths) == 4


def test_a_history_that_is_something_else_is_refused_before_any_look(tmp_path: Path) -> None:
    path = tmp_path / "passwd"
    path.write_text("root:x:0:0\n")
    options = {"history": str(path), "history_length": 100}
    with pytest.raises(InputError, match="line 1 of that file is no verdict"):
        prepare(options)
