# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time as something that is passed in, so that waiting can be tested without waiting."""

from __future__ import annotations

import datetime
import time
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, InputError

T = t.TypeVar("T")


class Clock(t.Protocol):
    """Where time comes from."""

    def now(self) -> datetime.datetime:
        """The wall clock, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go backwards; only differences mean something."""

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime.datetime:
        return datetime.datetime.now(datetime.timezone.utc)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(seconds, 0.0))


def iso(moment: datetime.datetime) -> str:
    """ISO 8601 in UTC to the second: 2026-11-21T22:30:00Z."""
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_exact(moment: datetime.datetime) -> str:
    """The same to the microsecond, for what is put in order by its time: 2026-11-21T22:30:00.123456Z."""
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_iso(text: str) -> datetime.datetime:
    """The moment that `iso` wrote; also takes an offset and fractions of a second."""
    try:
        moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as exc:
        raise InputError(f"'{text}' is not a time.", hint="Write it as 2026-11-21T22:30:00Z.") from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)


def moment(text: str | None) -> datetime.datetime:
    """The moment that a text names, or the present without one."""
    return parse_iso(text) if text else SystemClock().now()


class Deadline:
    """A moment by which something must have ended."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._end = clock.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(self._end - self._clock.monotonic(), 0.0)

    def part(self, seconds: float) -> Deadline:
        """A deadline in `seconds`, or this one's moment when that is sooner."""
        return Deadline(self._clock, min(seconds, self.remaining()))

    @property
    def expired(self) -> bool:
        return self.remaining() <= 0


def wait_until(check: t.Callable[[], T | None], *, clock: Clock, timeout: float, interval: float, what: str) -> T:
    """Call `check` until it returns something true, at the latest after `timeout` seconds; at least once.

    Raises DeadlineError naming `what`. An exception of `check` ends the wait: that is how it says "never".
    """
    deadline = Deadline(clock, timeout)
    while True:
        found = check()
        if found:
            return found
        if deadline.expired:
            raise DeadlineError(f"Waited {timeout:g} s for {what} in vain.")
        clock.sleep(min(interval, deadline.remaining()))
