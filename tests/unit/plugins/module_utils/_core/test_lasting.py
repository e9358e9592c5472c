from __future__ import annotations

import signal
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.lasting import end_lasting, holders, lasting, lasting_folder

if t.TYPE_CHECKING:
    import pathlib

CLOCK = SystemClock()
PATIENCE = 60.0


def begun(place: pathlib.Path, *argv: str, seconds: float = 600.0, env: dict[str, str] | None = None) -> str:
    """The folder of a program that runs in it."""
    with lasting_folder(str(place), "test", "shop") as folder:
        folder.start(Commands(), argv, seconds=seconds, end_by=signal.SIGTERM, env=env)
        return folder.path


def nobody_holds(folder: str) -> None:
    wait_until(lambda: not holders(folder) or None, clock=CLOCK, timeout=PATIENCE, interval=0.05, what="the end")


def test_a_program_stays_until_it_is_ended_and_its_folder_goes_with_it(tmp_path: pathlib.Path) -> None:
    folder = begun(tmp_path, "sleep", "600")
    assert holders(folder)
    assert (lasting(str(tmp_path), "test", "shop"), lasting(str(tmp_path), "test", "sho")) == ([folder], [])
    end_lasting(CLOCK, folder, signal.SIGTERM)
    assert (holders(folder), list(tmp_path.iterdir())) == ([], [])


def test_what_another_user_put_there_is_none_of_them(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lock may lead to a file that any program has open, and who has the lock open is ended."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "holdfast-test-shop.link").symlink_to(elsewhere)
    assert lasting(str(tmp_path), "test", "shop") == []
    own = tmp_path / "holdfast-test-shop.own"
    own.mkdir()
    assert lasting(str(tmp_path), "test", "shop") == [str(own)]
    monkeypatch.setattr("os.geteuid", lambda: own.stat().st_uid + 1)
    assert lasting(str(tmp_path), "test", "shop") == []


def test_it_ends_by_itself_when_nobody_ends_it(tmp_path: pathlib.Path) -> None:
    folder = begun(tmp_path, "sleep", "600", seconds=0.1)
    nobody_holds(folder)


def test_of_our_environment_it_gets_what_it_is_given(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_OURS", "secret")
    with lasting_folder(str(tmp_path), "test", "shop") as folder:
        folder.start(Commands(), ["env"], seconds=60, end_by=signal.SIGTERM, env={"PATH": "/usr/bin:/bin", "GIVEN": "1"})
    nobody_holds(folder.path)
    with open(folder.log, encoding="utf-8") as said:
        assert sorted(line.partition("=")[0] for line in said) == ["GIVEN", "LC_ALL", "PATH"]


def test_a_block_that_fails_leaves_neither_program_nor_folder(tmp_path: pathlib.Path) -> None:
    found = []
    with pytest.raises(RuntimeError), lasting_folder(str(tmp_path), "test", "shop") as folder:
        folder.start(Commands(), ["sleep", "600"], seconds=600, end_by=signal.SIGTERM)
        found.append(folder.path)
        raise RuntimeError
    assert (holders(found[0]), list(tmp_path.iterdir())) == ([], [])
