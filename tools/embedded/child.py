"""A server as a child process of ours, with its output in a file."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import typing as t

from tools.embedded.waiting import last_lines

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

STOP_SECONDS = 15.0


class Child:
    """One child process. It is ended by its own pid, politely first."""

    def __init__(self, argv: Sequence[str], log: Path, *, env: Mapping[str, str] | None = None, stop_signal: int = signal.SIGTERM) -> None:
        self._argv = list(argv)
        self._log = log
        self._env = {**os.environ, **(env or {})}
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("the child process was not started")
        return self._process.pid

    def start(self) -> None:
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=self._env)

    def why_dead(self) -> str | None:
        """None while the process runs, else how it ended."""
        if self._process is None or self._process.poll() is None:
            return None
        return f"exit code {self._process.returncode}: {last_lines(self._log.read_text(errors='replace'))}"

    def stop(self) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_SECONDS)
        self._process = None
