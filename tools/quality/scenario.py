"""`python -m tools.quality.scenario NAME`: a molecule scenario from its creation to its end, also when it is interrupted.

molecule alone leaves what it has created behind when it is interrupted: running servers, containers.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import typing as t

PATIENCE = 10.0  # seconds that an interrupted molecule gets to end


def run(name: str) -> int:
    """molecule's exit code; 130 when interrupted, and then everything is destroyed first."""
    # Also SIGINT: a shell that starts something in the background has it ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    testing = subprocess.Popen(["molecule", "test", "--scenario-name", name])
    try:
        return testing.wait()
    except KeyboardInterrupt:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        _end(testing)
        # In a session of its own: whoever loses patience with this process must not end that one half way.
        subprocess.run(["molecule", "destroy", "--scenario-name", name], start_new_session=True, check=False)
        return 130


def _interrupt(_number: int, _frame: object) -> t.NoReturn:
    raise KeyboardInterrupt


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
