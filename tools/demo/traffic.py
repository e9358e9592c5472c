"""The users of the demo: the load generator as a child process, and what it saw."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

READY_SECONDS = 15.0


class Traffic:
    """Requests from the first release to the end of the story."""

    def __init__(self, url: str, rate: int, report: Path, log: Path) -> None:
        self._report = report
        self._log = log.open("w")
        self._argv = [sys.executable, "-m", "tools.load", "--url", url, "--rate", str(rate), "--report", str(report)]
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._child = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT)
        end = time.monotonic() + READY_SECONDS
        while self.seen().get("ok", 0) == 0 and time.monotonic() < end:
            time.sleep(0.2)

    def seen(self) -> dict[str, Any]:
        """The report so far; empty before the first second."""
        try:
            report: dict[str, Any] = json.loads(self._report.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return report

    def stop(self) -> dict[str, Any]:
        """Let the requests in flight finish; the final report."""
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
            try:
                self._child.wait(60)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self._log.close()
        return self.seen()
