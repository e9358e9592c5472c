"""What is made whole or not at all, and how a failure reads."""

from __future__ import annotations

import typing as t

import pytest

from tools.setup import environments, packages, siblings, steps
from tools.setup.interpreters import Interpreter

if t.TYPE_CHECKING:
    import pathlib
import subprocess
import typing as t


def test_a_finished_folder_is_complete_for_its_key_only(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "thing"
    with steps.whole_or_absent(folder, "key one"):
        folder.mkdir()
    assert steps.is_complete(folder, "key one")
    assert not steps.is_complete(folder, "key two")


@pytest.mark.parametrize("error", [steps.SetupError, KeyboardInterrupt])
def test_a_folder_whose_making_failed_is_gone(tmp_path: pathlib.Path, error: type[BaseException]) -> None:
    folder = tmp_path / "thing"
    with pytest.raises(error), steps.whole_or_absent(folder, "key"):
        (folder / "half").mkdir(parents=True)
        raise error
    assert not folder.exists()


def test_what_a_killed_run_left_is_removed_first(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "thing"
    (folder / "half").mkdir(parents=True)
    assert not steps.is_complete(folder, "key")
    with steps.whole_or_absent(folder, "key"):
        assert not folder.exists()
        folder.mkdir()


def test_the_key_follows_the_contents_of_files(tmp_path: pathlib.Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1")
    before = steps.key_of(lock, "place")
    lock.write_text("a==2")
    assert steps.key_of(lock, "place") != before
    assert steps.key_of("ab", "c") != steps.key_of("a", "bc")


def test_an_environment_is_not_ready_in_another_place(tmp_path: pathlib.Path) -> None:
    here, there = (environments.Environment(tmp_path / name) for name in ("here", "there"))
    assert here.key != there.key


def test_an_environment_tells_its_python(tmp_path: pathlib.Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.7\n")
    assert environments.Environment(tmp_path).version == (3, 12)


@pytest.mark.parametrize(
    "output",
    [
        "WARNING: Retrying (Retry(total=1)) after connection broken by NewConnectionError: Failed to establish a new connection",
        "error: Request failed\n  Caused by: dns error: Temporary failure in name resolution",
    ],
)
def test_a_machine_without_network_gets_one_message_that_says_what_was_wanted(output: str) -> None:
    message = steps.failure("the packages of requirements/dev.txt", output)
    assert "could not fetch the packages of requirements/dev.txt" in message
    assert "network" in message
    assert "\n" not in message


def test_another_failure_is_told_with_its_last_line() -> None:
    message = steps.failure("uv", "Collecting uv\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n")
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in message
    assert "network" not in message


@pytest.mark.parametrize(
    ("uid", "sudo", "interactive", "prefix"),
    [
        (0, None, False, []),
        (1000, "/usr/bin/sudo", True, ["/usr/bin/sudo"]),
        (1000, "/usr/bin/sudo", False, ["/usr/bin/sudo", "-n"]),
        (1000, None, True, None),
    ],
)
def test_root_needs_no_sudo_and_nobody_is_asked_where_nobody_answers(
    uid: int, sudo: str | None, interactive: bool, prefix: list[str] | None
) -> None:
    assert packages.as_root(uid=uid, sudo=sudo, interactive=interactive) == prefix


def test_only_the_wanted_collections_are_unpacked(tmp_path: pathlib.Path) -> None:
    import zipfile

    wheel = tmp_path / "ansible-0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("ansible_collections/community/postgresql/galaxy.yml", "")
        archive.writestr("ansible_collections/community/postgresql_other/galaxy.yml", "")
        archive.writestr("ansible_collections/cisco/ios/galaxy.yml", "")
    siblings.unpack(wheel, tmp_path / "tree")
    assert [str(path.relative_to(tmp_path / "tree")) for path in (tmp_path / "tree").rglob("*.yml")] == [
        "ansible_collections/community/postgresql/galaxy.yml"
    ]


def test_an_unknown_word_is_refused_with_what_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    from tools.setup import command

    assert command.run(["instal"]) == 1
    assert "instal; known are environment, newest, packages, lock" in capsys.readouterr().err


def test_a_debian_without_venv_gets_the_package_and_a_second_try(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([1, 0])
    installed: list[str] = []

    def attempt(argv: t.Sequence[str], **_env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(argv, next(answers), "ensurepip is not available")

    monkeypatch.setattr(steps, "attempt", attempt)
    monkeypatch.setattr(packages, "install", installed.extend)
    monkeypatch.setenv("PATH", str(tmp_path))
    environments.lay_out(environments.Environment(tmp_path / "venv"), Interpreter((3, 12), "/usr/bin/python3.12"))
    assert installed == ["python3.12-venv"]


def test_a_python_that_can_make_no_environment_is_named(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "attempt", lambda argv, **_env: subprocess.CompletedProcess(argv, 1, "no space left on device"))
    monkeypatch.setattr(packages, "install", lambda _names: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(steps.SetupError, match=r"/opt/python cannot make .*: no space left on device"):
        environments.lay_out(environments.Environment(tmp_path / "venv"), Interpreter((3, 12), "/opt/python"))
