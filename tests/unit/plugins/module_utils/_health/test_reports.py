from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.reports import OPTIONS, Reports, reports_from


def read(**given: t.Any) -> Reports:
    return reports_from({**{name: spec.get("default") for name, spec in OPTIONS.items()}, **given})


def test_without_the_option_nothing_is_written() -> None:
    assert reports_from(None).paths == {}
    assert read(labels={"portal": "shop"}).paths == {}


def test_paths_are_kept_by_format(tmp_path: Path) -> None:
    paths = {"json": str(tmp_path / "a.json"), "prometheus": str(tmp_path / "a.prom")}
    found = read(history=str(tmp_path / "a.jsonl"), **paths)
    assert (found.paths, found.history) == (paths, str(tmp_path / "a.jsonl"))


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"reports\.json is '.*/absent/a\.json', but there is no directory"):
        read(json=str(tmp_path / "absent" / "a.json"))
    with pytest.raises(InputError, match=r"reports\.html is '.*', which is a directory"):
        read(html=str(tmp_path))


def test_a_file_that_the_textfile_collector_would_not_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="which the textfile collector would not read") as caught:
        read(prometheus=str(tmp_path / "health.txt"))
    assert ".prom" in caught.value.hint


def test_one_file_for_two_reports_is_refused_however_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"reports\.json and reports\.history are the same file"):
        read(json=str(tmp_path / "a"), history=str(tmp_path / "." / "a"))


@pytest.mark.parametrize("name", ["check", "status", "9lives", "__name__", "a-b", ""])
def test_a_label_that_the_metrics_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"has the name '{name}'"):
        read(labels={name: "x"})


def test_labels_are_text_and_empty_ones_are_left_out() -> None:
    assert read(labels={"portal": "shop", "shard": 7, "environment": ""}).labels == {"portal": "shop", "shard": "7"}


def test_a_history_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match=r"history_length is 0"):
        read(history_length=0)
