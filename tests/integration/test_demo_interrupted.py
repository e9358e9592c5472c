"""Whoever interrupts the demo finds nothing of it running afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

import pytest

from tools.embedded import processes
from tools.embedded.home import Home
from tools.embedded.ports import another_base

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


@pytest.fixture
def home() -> t.Iterator[Home]:
    """A home with a short path; whatever still runs in it is ended."""
    with tempfile.TemporaryDirectory(prefix="hf-") as folder:
        place = Home.at(Path(folder, "h"))
        yield place
        processes.end(processes.of_home(place))


def wait_for(text: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while text not in log.read_text() and time.monotonic() < end:
        time.sleep(0.05)
    assert text in log.read_text()


@pytest.mark.parametrize(
    ("number", "moment"),
    [(signal.SIGINT, "Create the owner of the database"), (signal.SIGTERM, "Provision"), (signal.SIGHUP, "Starting PostgreSQL")],
)
def test_an_interrupted_demo_up_stops_what_it_started(home: Home, number: signal.Signals, moment: str) -> None:
    log = home.path.with_suffix(".log")
    # Whoever runs the tests with nohup has SIGHUP ignored in all that they start.
    argv = ["env", "--default-signal=HUP", sys.executable, "-m", "tools.demo", "up", "--home", str(home.path)]
    argv += ["--port-base", str(another_base(27000))]
    with log.open("w") as output, subprocess.Popen(argv, cwd=CHECKOUT, stdout=output, stderr=output, start_new_session=True) as demo:
        wait_for(moment, log)
        # Ctrl-C in a terminal reaches the whole group; whoever sends another signal means the demo.
        (os.killpg if number == signal.SIGINT else os.kill)(demo.pid, number)
        assert demo.wait(PATIENCE) == 130
    assert "interrupted; everything that it started was stopped" in log.read_text()
    assert processes.of_home(home) == []
