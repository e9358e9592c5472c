from __future__ import annotations

import os
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import (
    INTERVAL,
    LONGEST,
    PREFIX,
    STALE,
    Progress,
    nobody_watches,
)

if t.TYPE_CHECKING:
    from pathlib import Path


class Ticking:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / f"{PREFIX}0123"


def test_nothing_is_written_when_nobody_watches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for progress in (nobody_watches(), Progress("", str)):
        assert not progress.due
        progress.show("x")
        progress.end()
    assert list(tmp_path.iterdir()) == []


def test_the_latest_sentence_stands_alone_in_a_file_that_others_may_read(path: Path) -> None:
    clock = Ticking()
    progress = Progress(str(path), str, clock)
    progress.show("the first sentence,\nwhich is long")
    assert path.read_text() == "the first sentence, which is long"
    clock.seconds += INTERVAL
    progress.show("second")
    assert path.read_text() == "second"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]


def test_sentences_in_quick_succession_cost_nothing(path: Path) -> None:
    clock = Ticking()
    progress = Progress(str(path), str, clock)
    progress.show("first")
    clock.seconds += INTERVAL / 2
    assert not progress.due
    progress.show("second")
    assert path.read_text() == "first"


def test_a_sentence_is_masked_and_bounded(path: Path) -> None:
    progress = Progress(str(path), lambda text: text.replace("s3cret", "********"))
    progress.show(f"s3cret {'x' * 10_000}")
    assert path.read_text().startswith("******** xxx")
    assert len(path.read_text()) == LONGEST


def test_a_place_that_cannot_be_written_ends_the_telling_not_the_task(tmp_path: Path) -> None:
    progress = Progress(str(tmp_path / "no such folder" / "file"), str)
    progress.show("x")
    assert not progress.due
    progress.end()


def test_a_link_that_somebody_laid_there_is_not_followed(path: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    for name in (path, path.with_name(f"{path.name}.{os.getpid()}")):
        name.symlink_to(precious)
    Progress(str(path), str).show("x")
    assert precious.read_text() == "precious"
    assert (path.read_text(), path.is_symlink()) == ("x", False)


def test_nothing_is_left_at_the_end_and_what_killed_tasks_left_goes_once_it_is_old(path: Path) -> None:
    old, young, strange = (path.with_name(name) for name in (f"{PREFIX}old", f"{PREFIX}young", "other"))
    for file in (old, young, strange):
        file.write_text("x")
    for file in (old, strange):
        os.utime(file, (file.stat().st_mtime - STALE - 60,) * 2)
    progress = Progress(str(path), str)
    progress.show("x")
    progress.end()
    progress.show("nobody reads this")
    assert sorted(file.name for file in path.parent.iterdir()) == sorted([young.name, strange.name])
