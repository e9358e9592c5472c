"""A molecule scenario that is interrupted leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

from tools.quality import scenario

STAND_IN = """\
#!{python}
import sys, time, pathlib
with pathlib.Path({log!r}).open("a") as log:
    print(*sys.argv[1:], file=log, flush=True)
if sys.argv[1] == "test":
    {behaviour}
"""


@pytest.fixture
def molecule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Callable[[str], Path]:
    """Puts a program `molecule` in front that notes how it was called; `behaviour` is what its `test` does."""

    def make(behaviour: str) -> Path:
        program, log = tmp_path / "molecule", tmp_path / "calls"
        program.write_text(STAND_IN.format(python=sys.executable, log=str(log), behaviour=behaviour))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return log

    return make


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_that_of_molecule(molecule: t.Callable[[str], Path], code: int) -> None:
    log = molecule(f"sys.exit({code})")
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert scenario.run("default") == code
    finally:
        signal.signal(signal.SIGTERM, before)
    assert log.read_text() == "test --scenario-name default\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_scenario_is_destroyed(molecule: t.Callable[[str], Path], number: signal.Signals) -> None:
    log = molecule("time.sleep(300)")
    running = subprocess.Popen([sys.executable, "-m", "tools.quality.scenario", "hosts"], start_new_session=True)
    end = time.monotonic() + 60
    while not (log.exists() and log.read_text()) and time.monotonic() < end:
        time.sleep(0.05)
    os.killpg(running.pid, number)
    assert running.wait(60) == 130
    assert log.read_text() == "test --scenario-name hosts\ndestroy --scenario-name hosts\n"
