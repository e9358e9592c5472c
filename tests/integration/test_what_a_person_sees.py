"""The live lines of long tasks and the callback `release`, as they reach a terminal and a pipe, on both ansible-cores."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import VARIABLE
from tests.integration.portal import CHECKOUT
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent / "watched"
NEWEST = CHECKOUT / ".cache" / "venv-newest" / "bin" / "python"
# `make test` makes the second one; a part of it that is run alone does without.
PYTHONS = [sys.executable, *([str(NEWEST)] if NEWEST.exists() else [])]
PATIENCE = 120.0
KEPT = ("ANSIBLE_COLLECTIONS_PATH", "ANSIBLE_HOME")
LIVE = "shop production | 214 of 300 requests, ********"
ERASE = "\r\x1b[K"
MARK = "HOLDFAST_TEST_FOLDER"


@dataclasses.dataclass
class Screen:
    """A running playbook and what it has said so far."""

    child: subprocess.Popen[bytes]
    reading: int
    said: str = ""

    def until(self, text: str | None) -> str:
        """Read on until the text was said, or with None until the end."""
        end = time.monotonic() + PATIENCE
        while text is None or text not in self.said:
            assert select.select([self.reading], [], [], max(end - time.monotonic(), 0))[0], f"no {text!r} in: {self.said}"
            piece = b""
            with contextlib.suppress(OSError):  # how a pseudo-terminal ends
                piece = os.read(self.reading, 65536)
            if not piece:
                assert text is None, f"no {text!r} in: {self.said}"
                break
            self.said += piece.decode()
        return self.said


@dataclasses.dataclass(frozen=True)
class Stage:
    """Where the playbook runs, and what lets its long task go on."""

    folder: Path

    @property
    def go_on(self) -> Path:
        return self.folder / "go on"

    @contextlib.contextmanager
    def play(self, python: str = sys.executable, *, terminal: bool = False, remote: bool = False, **environment: str) -> Iterator[Screen]:
        variables = {
            "store": f"file://{self.folder / 'store'}",
            "go_on": str(self.go_on),
            "ansible_connection": "ssh" if remote else "local",
            "ansible_ssh_executable": str(HERE / "ssh"),
            "ansible_python_interpreter": python,
        }
        argv = [python, "-m", "ansible", "playbook", "-i", "web1,", str(HERE / "release.yml"), "-e", json.dumps(variables)]
        # How the console of whoever runs the tests is set up is no part of them.
        inherited = {name: value for name, value in os.environ.items() if name in KEPT or not name.startswith(("ANSIBLE_", "PYTHONUN"))}
        given = {**inherited, MARK: str(self.folder), "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "TERM": "xterm", **environment}
        reading, writing = pty.openpty() if terminal else os.pipe()
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=writing, stderr=writing, env=given, cwd=self.folder)
        os.close(writing)
        try:
            yield Screen(child, reading)
        finally:
            child.kill()
            child.wait()
            os.close(reading)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def environments(stage: Stage) -> Iterator[dict[bytes, bytes]]:
    """Those of all processes that one test has started."""
    for process in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            pairs = dict(pair.split(b"=", 1) for pair in process.read_bytes().split(b"\0") if b"=" in pair)
            if pairs.get(MARK.encode()) == os.fsencode(stage.folder):
                yield pairs


def told_in(stage: Stage) -> Path:
    """The file in which the long task, which runs, tells its progress."""
    (path,) = {pairs[VARIABLE.encode()] for pairs in environments(stage) if VARIABLE.encode() in pairs}
    return Path(os.fsdecode(path))


@pytest.mark.parametrize("python", PYTHONS)
def test_in_a_pipe_every_line_is_a_plain_one_and_comes_when_it_happens(stage: Stage, python: str) -> None:
    with stage.play(python, ANSIBLE_STDOUT_CALLBACK="holdfast.webops.release") as screen:
        screen.until(LIVE)  # while the task waits for it
        progress = told_in(stage)
        assert progress.read_text() == LIVE.removeprefix("shop production | ")
        stage.go_on.touch()
        said = screen.until(None)
    lines = [line for line in said.splitlines() if line.startswith("shop production | ")]
    assert [re.sub(r" \d[\d.]* s\b", " N s", line.removeprefix("shop production | ")) for line in lines] == [
        "deploy 1.1 on green, the first release",
        "shift 10 % ...",
        "214 of 300 requests, ********",
        "shift 10 %: done in N s - pass: 508 requests, errors 0, p95 41 ms",
        "live: all users get it, the public address shows it",
        "one line",
        "another line",
        "FAILED at 'Fail in the end': It was only a test.",
        "deploy 1.1: FAILED: It was only a test. (after N s)",
        row_without_time(lines[-1]),
    ]
    assert "\x1b" not in said
    assert "\r" not in said
    assert "TASK [" not in said
    assert "hunter2222" not in said
    assert not progress.exists()


def row_without_time(line: str) -> str:
    """The row of the only stage in the summary, whatever time it took."""
    assert re.fullmatch(r"shop production \|   shift 10 %  +[\d.]+ s  done - pass: 508 requests, errors 0, p95 41 ms", line)
    return re.sub(r" \d[\d.]* s\b", " N s", line.removeprefix("shop production | "))


@pytest.mark.parametrize("python", PYTHONS)
def test_in_a_terminal_what_goes_on_stands_in_one_line_that_is_written_over(stage: Stage, python: str) -> None:
    with stage.play(python, terminal=True, remote=True, ANSIBLE_STDOUT_CALLBACK="holdfast.webops.release") as screen:
        screen.until(f"{ERASE}{LIVE}")
        stage.go_on.touch()
        said = screen.until(None)
    assert f"{ERASE}shop production | shift 10 % ..." in said
    assert "shift 10 % ...\r\n" not in said
    assert f"{LIVE}{ERASE}" in said  # taken away when the task ended
    left = [line.rpartition(ERASE)[2] for line in said.replace("\r\n", "\n").split("\n")]
    assert not [line for line in left if "214 of 300" in line]


def test_every_other_callback_shows_the_live_lines_too_and_the_stages_beside_its_own_where_asked(stage: Stage) -> None:
    with stage.play(ANSIBLE_CALLBACKS_ENABLED="holdfast.webops.release", PYTHONUNBUFFERED="1") as screen:
        screen.until(LIVE)
        stage.go_on.touch()
        said = screen.until(None)
    assert said.index("TASK [Watch what users get]") < said.index(LIVE) < said.index("shift 10 %: done")
    assert "PLAY RECAP" in said
    assert "shop production | deploy 1.1: FAILED: It was only a test." in said
    assert "\x1b" not in said


def test_whoever_interrupts_it_leaves_nothing_running(stage: Stage) -> None:
    with stage.play(terminal=True, ANSIBLE_STDOUT_CALLBACK="holdfast.webops.release") as screen:
        screen.until(LIVE)
        progress = told_in(stage)
        screen.child.send_signal(signal.SIGINT)
        screen.until(None)
        assert screen.child.wait(PATIENCE) != 0
    wait_for(lambda: not list(environments(stage)), "the end of all its processes")
    assert not progress.exists()
