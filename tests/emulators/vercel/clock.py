"""Time that can be pushed on, and what is to happen when."""

from __future__ import annotations

import heapq
import itertools
import time
import typing as t

Action = t.Callable[..., None]


class Clock:
    """Nothing runs by itself: whoever is asked something first calls `catch_up`, and finds the state that time has brought.

    What is due runs in its order, each at the time it was due. That makes the same code testable without a server and without waiting.
    """

    def __init__(self, read: t.Callable[[], float] = time.time) -> None:
        self._read = read
        self._ahead = 0.0
        self._running: float | None = None
        self._due: list[tuple[float, int, Action, tuple[t.Any, ...]]] = []
        self._order = itertools.count()

    @property
    def now(self) -> float:
        """Seconds since the epoch; inside an action the time that it was due."""
        return self._read() + self._ahead if self._running is None else self._running

    @property
    def now_ms(self) -> int:
        return int(self.now * 1000)

    def push_on(self, seconds: float) -> None:
        self._ahead += seconds

    def after(self, seconds: float, action: Action, *arguments: t.Any) -> None:
        heapq.heappush(self._due, (self.now + seconds, next(self._order), action, arguments))

    def catch_up(self) -> None:
        """Run everything that has become due."""
        until = self._read() + self._ahead
        while self._due and self._due[0][0] <= until:
            self._running, _number, action, arguments = heapq.heappop(self._due)
            try:
                action(*arguments)
            finally:
                self._running = None
