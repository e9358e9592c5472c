"""What the gates refuse although the tool behind them said that all is well."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from tools.quality import ansible_test, artefact, changelog, links, shell_scripts

LEFT_OUT = 'WARNING: Skipping sanity test "import" on Python 3.9 because it could not be found.'


def test_a_run_that_tested_nothing_is_a_failure() -> None:
    assert ansible_test.complaints("WARNING: All targets skipped.\n", set()) == ["it tested nothing: all targets were skipped"]


def test_a_python_of_this_machine_must_not_be_left_out() -> None:
    assert ansible_test.complaints(LEFT_OUT, {"3.9", "3.13"}) == ["it left out Python 3.9, which this machine has"]


def test_a_python_that_is_not_here_may_be_left_out() -> None:
    assert ansible_test.complaints(LEFT_OUT, {"3.13"}) == []


def test_the_artefact_holds_tracked_files_of_the_collection_only() -> None:
    names = ["MANIFEST.json", "plugins/modules/a.py", "notes.txt", "tests/unit/test_a.py"]
    assert artefact.strangers(names, {"plugins/modules/a.py", "tests/unit/test_a.py"}) == ["notes.txt", "tests/unit/test_a.py"]


def test_the_artefact_must_hold_what_galaxy_wants() -> None:
    assert "LICENSE" in artefact.lacking(["README.md"])
    assert "roles" not in artefact.lacking(["roles/portal_check/README.md"])


def test_a_link_that_leads_nowhere_is_found() -> None:
    page = pathlib.PurePosixPath("docs/guide.md")
    text = "[a](there.md) [b](gone.md#part) [c](https://example.com/x) `[d](code.md)` ![e](gone.png)"
    assert links.broken(page, text, {"docs/there.md"}.__contains__) == [
        "docs/guide.md: gone.md does not exist",
        "docs/guide.md: gone.png does not exist",
    ]


@pytest.mark.parametrize(
    ("name", "first_line", "expected"),
    [("run", "#!/bin/bash\n", True), ("a.sh", "", True), ("b", "#!/usr/bin/env python3\n", False), ("c.md", "#! sh\n", True)],
)
def test_shell_scripts_are_known_by_ending_or_first_line(tmp_path: pathlib.Path, name: str, first_line: str, expected: bool) -> None:
    (tmp_path / name).write_text(first_line)
    assert shell_scripts.is_shell_script(tmp_path / name) is expected


def test_a_version_is_taken_out_of_the_changelog_to_be_written_anew() -> None:
    changes: dict[str, t.Any] = {"ancestor": None, "releases": {"0.1.0": {"modules": []}, "0.2.0": {"modules": []}}}
    assert changelog.without(changes, "0.2.0") == {"ancestor": None, "releases": {"0.1.0": {"modules": []}}}
