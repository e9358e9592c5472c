"""Wait for a server with real probes and a deadline."""

from __future__ import annotations

import time
import typing as t

from tools.embedded.errors import EmbeddedError

if t.TYPE_CHECKING:
    from collections.abc import Callable

PAUSE = 0.05


def wait_for(probe: Callable[[], str | None], *, what: str, seconds: float, is_hopeless: Callable[[], str | None] = lambda: None) -> None:
    """Call `probe` until it returns None (ready); its text says what is still missing.

    `is_hopeless` returns a reason when waiting longer makes no sense (the process died).
    """
    end = time.monotonic() + seconds
    while (missing := probe()) is not None:
        if (reason := is_hopeless()) is not None:
            raise EmbeddedError(f"{what} did not start: {reason}")
        if time.monotonic() > end:
            raise EmbeddedError(f"{what} is not there after {seconds:.0f} s: {missing}")
        time.sleep(PAUSE)


def last_lines(text: str, count: int = 5) -> str:
    return " | ".join(line for line in text.strip().splitlines()[-count:]) or "it printed nothing"
