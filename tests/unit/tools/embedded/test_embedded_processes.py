from __future__ import annotations

import os
import subprocess
import sys
import time
import typing as t

import pytest

from tools.embedded import processes
from tools.embedded.home import Home

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    return tmp_path / "proc"


def pretend(proc: Path, pid: int, *, environ: str, argv: str = "/opt/bin/server", state: str = "S", started: int = 77) -> None:
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    (folder / "environ").write_text(environ.replace(" ", "\0"))
    (folder / "cmdline").write_text(argv.replace(" ", "\0"))
    fields = [state, *["0"] * 18, str(started), "0"]
    (folder / "stat").write_text(f"{pid} (a (strange) name) {' '.join(fields)}")


def test_a_process_is_ours_when_its_environment_names_our_home(tmp_path: Path, proc: Path) -> None:
    home = Home.at(tmp_path / "demo")
    pretend(proc, 101, environ=f"PATH=/bin {processes.MARK}={home.path} LANG=C")
    assert processes.of_home(home, proc) == [processes.Process(101, "77", "/opt/bin/server")]


def test_neither_a_name_nor_a_path_on_the_command_line_nor_a_longer_path_makes_a_process_ours(tmp_path: Path, proc: Path) -> None:
    home = Home.at(tmp_path / "demo")
    pretend(proc, 101, environ="PATH=/bin", argv="postgres -D somewhere")
    pretend(proc, 102, environ="PATH=/bin", argv=f"tail -f {home.log}/postgresql.log")
    pretend(proc, 103, environ=f"{processes.MARK}={home.path}2")
    assert processes.of_home(home, proc) == []


def test_a_process_that_only_waits_to_be_reaped_is_gone(tmp_path: Path, proc: Path) -> None:
    home = Home.at(tmp_path / "demo")
    pretend(proc, 101, environ=f"{processes.MARK}={home.path}", state="Z")
    assert processes.of_home(home, proc) == []


def test_a_later_process_with_the_same_pid_is_another_one() -> None:
    me = processes.describe(os.getpid())
    assert me is not None
    assert me.is_alive
    assert not me._replace(started="1").is_alive


@pytest.fixture
def stubborn(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A child with our mark that ignores the polite signal."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    env = {**os.environ, processes.MARK: str(Home.at(tmp_path).path)}
    with subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        yield child
        child.kill()


def test_who_does_not_end_when_asked_is_made_to(tmp_path: Path, stubborn: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "POLITE_SECONDS", 0.2)
    processes.end(processes.of_home(Home.at(tmp_path)))
    assert stubborn.wait(10) == -9


def test_ending_nobody_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: pytest.fail("there is nobody to wait for"))
    processes.end([])
