"""Which Python the set-up takes."""

from __future__ import annotations

import ast
import pathlib
import sys
import typing as t

import pytest

from tools.setup import interpreters
from tools.setup.interpreters import Interpreter

ROOT = pathlib.Path(__file__).resolve().parents[4]


def script(path: pathlib.Path, text: str) -> str:
    """An executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_program_that_exists_and_fails_is_no_python(tmp_path: pathlib.Path) -> None:
    shim = script(tmp_path / "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    assert interpreters.ask(shim) is None


def test_a_program_that_says_something_else_is_no_python(tmp_path: pathlib.Path) -> None:
    assert interpreters.ask(script(tmp_path / "python3.12", "echo hello")) is None


def test_a_missing_program_is_no_python(tmp_path: pathlib.Path) -> None:
    assert interpreters.ask(str(tmp_path / "python3.11")) is None


def test_a_virtual_environment_leads_to_the_python_it_was_made_with() -> None:
    found = interpreters.ask(sys.executable)
    assert found is not None
    assert found.version == sys.version_info[:2]
    assert pathlib.Path(found.path) == pathlib.Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def test_only_supported_versions_are_taken_and_the_oldest_comes_first() -> None:
    found = [Interpreter((3, 13), "/c"), None, Interpreter((3, 9), "/a"), Interpreter((3, 11), "/b"), Interpreter((3, 99), "/d")]
    assert [chosen.path for chosen in interpreters.supported(found)] == ["/b", "/c"]


def test_of_two_with_the_same_version_the_first_wins() -> None:
    found = [Interpreter((3, 12), "/first"), Interpreter((3, 12), "/second")]
    assert [chosen.path for chosen in interpreters.supported(found)] == ["/first"]


def test_older_targets_can_be_asked_for() -> None:
    found = [Interpreter((3, 9), "/a"), Interpreter((3, 8), "/too-old")]
    assert [chosen.path for chosen in interpreters.supported(found, (3, 9))] == ["/a"]


def test_candidates_are_looked_for_in_path_and_in_pyenv(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = script(tmp_path / "bin" / "python3.12", "")
    second = script(tmp_path / ".pyenv" / "versions" / "3.13.0" / "bin" / "python3.13", "")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert interpreters.candidates()[:2] == [first, second]


def test_the_environment_of_the_checkout_is_no_candidate_for_making_it(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = script(tmp_path / ".venv" / "bin" / "python3", "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / ".venv" / "bin"))
    assert own not in interpreters.candidates()


@pytest.mark.parametrize(("version", "line"), [((3, 11), "oldest"), ((3, 12), "newest"), ((3, 14), "newest")])
def test_the_python_decides_which_ansible_core_it_gets(version: tuple[int, int], line: str) -> None:
    assert interpreters.core_line(version) == line


def test_the_sentence_for_an_old_machine_names_both_versions() -> None:
    assert "Python 3.11 to 3.14" in (text := interpreters.nothing_suitable((3, 6)))
    assert "only 3.6" in text


@pytest.mark.parametrize("name", ["__main__.py", "interpreters.py"])
def test_what_an_old_python_has_to_read_it_can_read(name: str) -> None:
    source = (ROOT / "tools" / "setup" / name).read_text()
    tree = ast.parse(source, feature_version=(3, 6))
    futures = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    assert not futures, "Python 3.6 has no annotations in __future__"


def test_an_old_python_without_a_better_one_gets_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import tools.setup.__main__ as entry

    nothing: t.Callable[[], list[Interpreter]] = list
    monkeypatch.setattr(interpreters, "OLDEST", (3, 98))
    monkeypatch.setattr(interpreters, "NEWEST", (3, 99))
    monkeypatch.setattr(interpreters, "discover", nothing)
    assert entry.main() == 1
    assert capsys.readouterr().err.count("\n") == 1
