"""The load generator as a child process of a longer story."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

from tools.embedded.privilege import dies_with_parent

REPOSITORY = Path(__file__).resolve().parents[2]
LAST_ANSWERS_SECONDS = 40.0


class BackgroundLoad:
    """`with BackgroundLoad(url, report) as load: ...; load.progress()`. It also ends when this process is killed."""

    def __init__(self, url: str, report: Path, *, rate: float = 250.0, websockets: int = 0) -> None:
        self.report = report.resolve()
        arguments = ["--url", url, "--rate", str(rate), "--websockets", str(websockets), "--report", str(self.report)]
        self._argv = [*dies_with_parent("TERM"), sys.executable, "-m", "tools.load", *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.report.unlink(missing_ok=True)
        log = self.report.with_suffix(".log")
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            # In a session of its own: Ctrl-C reaches the story first, which then ends the load in order.
            self._process = subprocess.Popen(
                self._argv, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def progress(self) -> dict[str, t.Any]:
        """The report of at most a second ago; empty in the first moments."""
        return json.loads(self.report.read_text()) if self.report.exists() else {}

    def wait_until(self, sent: int, *, seconds: float = 60.0) -> None:
        """Return when that many requests were sent, or raise."""
        deadline = time.monotonic() + seconds
        while self.progress().get("sent", 0) < sent:
            if not self.is_running or time.monotonic() > deadline:
                raise RuntimeError(f"the load generator did not send {sent} requests, see {self.report.with_suffix('.log')}")
            time.sleep(0.1)

    def stop(self) -> dict[str, t.Any]:
        """End it, let the requests under way finish, return the final report."""
        if self._process is not None:
            if self.is_running:
                self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(LAST_ANSWERS_SECONDS)
            finally:
                self._process.kill()
                self._process.wait()
        return self.progress()

    def __enter__(self) -> t.Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
