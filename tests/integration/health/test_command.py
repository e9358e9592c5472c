"""Kind command with real programs."""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

import pytest

from tests.integration.health.lab import look, run
from tests.integration.waiting import wait_for


def test_a_program_that_ends_and_says_what_it_should_passes() -> None:
    check = look("command", command=["printf", "%s", "all $HOME well"], expect_body="all $HOME", expect_regex="w.ll$")
    assert (check["status"], check["evidence"]["status"], check["evidence"]["body_head"]) == ("pass", 0, "all $HOME well")


@pytest.mark.parametrize(
    ("command", "options", "reason"),
    [
        (["false"], {}, "The program false ended with 1 instead of 0."),
        (["false"], {"expect_rc": [0, 2]}, "The program false ended with 1 instead of 0 or 2."),
        (["echo", "no"], {"expect_body": "yes"}, "The output does not contain 'yes'."),
        (["echo", "no"], {"expect_regex": "y.s"}, "The output does not match the regular expression 'y.s'."),
        (["/no/such/program"], {}, "The program '/no/such/program' was not found on this host."),
        ([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], {}, "was ended by signal 9 instead of 0."),
        (["sleep", "60"], {"timeout": 0.3}, "The program sleep did not end in time and was stopped (timeout 0.3 s)."),
    ],
)
def test_a_program_that_does_otherwise_fails(command: list[str], options: dict[str, t.Any], reason: str) -> None:
    check = look("command", command=command, **options)
    assert check["status"] == "fail"
    assert check["reason"].endswith(reason)


def test_what_a_stopped_program_has_started_is_stopped_too(tmp_path: Path) -> None:
    script = "import subprocess, sys; child = subprocess.Popen(['sleep', '60']); open(sys.argv[1], 'w').write(str(child.pid)); child.wait()"
    look("command", command=[sys.executable, "-c", script, str(tmp_path / "pid")], timeout=4)
    pid = int((tmp_path / "pid").read_text())
    wait_for(lambda: not is_running(pid), "the end of the program's child")


def is_running(pid: int) -> bool:
    """Whether it is there and not only waiting to be counted as dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_output_without_end_is_bounded_and_its_environment_is_masked() -> None:
    endless = {"name": "a", "kind": "command", "command": ["yes"], "timeout": 1}
    telling = {"name": "b", "kind": "command", "command": ["printenv", "TOKEN"], "environment": {"TOKEN": "s3cr3tvalue"}}
    found = run(endless, telling)
    assert [check["status"] for check in found["checks"]] == ["fail", "pass"]
    assert found["peak"] < 90 * 1024
    assert "s3cr3tvalue" not in found["raw"]


def test_in_check_mode_nothing_is_run(tmp_path: Path) -> None:
    found = run({"name": "a", "kind": "command", "command": ["touch", str(tmp_path / "file")]}, _ansible_check_mode=True)
    assert found["checks"][0]["status"] == "skipped"
    assert found["verdict"] == "degraded"
    assert not (tmp_path / "file").exists()
