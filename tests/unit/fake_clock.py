"""The clock of every unit test: time passes only when somebody sleeps."""

from __future__ import annotations

import datetime
import typing as t

START = datetime.datetime(2026, 11, 21, 22, 30, tzinfo=datetime.UTC)


class FakeClock:
    """A Clock that does not wait. `slept` is every sleep so far; `on_sleep` is called after each."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []
        self.on_sleep: t.Callable[[], object] = lambda: None

    def now(self) -> datetime.datetime:
        return START + datetime.timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_by(max(seconds, 0.0))
        self.on_sleep()

    def pass_by(self, seconds: float) -> None:
        """Time goes on without anybody sleeping."""
        self.seconds += seconds
