"""Wait for what others do: with a deadline that only a failure reaches."""

from __future__ import annotations

import time
import typing as t

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.05


def wait_for(check: t.Callable[[], object], what: str, *, seconds: float = PATIENCE_SECONDS) -> None:
    """Poll until something is true."""
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, f"waited {seconds:g} s for {what} in vain"
        time.sleep(PAUSE_SECONDS)
