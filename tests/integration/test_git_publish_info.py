"""`git_publish_info` where there is nothing yet, or something that nobody here wrote."""

from __future__ import annotations

import subprocess
import typing as t

from tests.integration.module_child import run_module

if t.TYPE_CHECKING:
    from pathlib import Path

NOBODY = "http://127.0.0.1:9"


def look(repository: Path) -> dict[str, t.Any]:
    return run_module("git_publish_info", repository=str(repository), url=NOBODY, release_file="release.json")


def test_an_empty_repository_and_a_site_that_nobody_serves_are_told_and_nothing_is_live(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path)], check=True)
    found = look(tmp_path)
    assert (found["changed"], found["platform"]["live_slot"], found["platform"]["weights"]) == (False, None, {"blue": 0, "green": 0})
    assert found["platform"]["disagreements"] == [
        f"{NOBODY} could not be asked which release it shows: nothing listens at 127.0.0.1:9 (connection refused)."
    ]


def test_a_repository_that_cannot_be_read_is_told_with_gits_own_words(tmp_path: Path) -> None:
    said = look(tmp_path / "nowhere")["msg"]
    assert f"repository {tmp_path / 'nowhere'} cannot be read: fatal: " in said
    assert "Look at its address" in said


def test_a_record_that_somebody_else_wrote_is_named_with_the_way_out(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path)], check=True)
    stream = b"commit refs/holdfast/main\ncommitter A <a@b> 0 +0000\ndata 0\nM 100644 inline state.json\ndata 4\nmine\n"
    subprocess.run([*git, "fast-import", "--quiet"], input=stream, check=True)
    said = look(tmp_path)["msg"]
    assert "refs/holdfast/main of the repository is not what this collection wrote" in said
    assert "Delete it there" in said
