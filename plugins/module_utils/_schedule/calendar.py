# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a job is due, written as in crontab(5), and what systemd calls the same. Pure."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WORDS: t.Final = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *"}
HINT = (
    "Write it as in a crontab: minute, hour, day of the month, month, day of the week. "
    "'0 2 * * *' is daily at 02:00, '0 1 * * 0' Sundays at 01:00."
)
# Long enough for a 29th of February, also around a year such as 2100.
_FIRST_DAY, _DAYS = datetime.date(2094, 1, 1), 366 * 12
_PART = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d+))?")


@dataclasses.dataclass(frozen=True)
class _Field:
    """One of the five; names are as good as the numbers from `first` on."""

    name: str
    first: int
    last: int
    names: tuple[str, ...] = ()

    def read(self, text: str) -> frozenset[int]:
        return frozenset(itertools.chain.from_iterable(self._part(part) for part in text.split(",")))

    def _part(self, text: str) -> range:
        found = _PART.fullmatch(text)
        if not found:
            raise _WrongError(f"'{text}' is no {self.name}")
        start, end, step = found.groups()
        first = self.first if start is None else self._number(start)
        alone = start is not None and end is None
        last = self._number(end) if end is not None else (first if alone and step is None else self.last)
        if last < first or step == "0":
            raise _WrongError(f"'{text}' is no {self.name}, for it holds nothing")
        return range(first, last + 1, int(step or 1))

    def _number(self, text: str) -> int:
        names = [name.lower() for name in self.names]
        number = names.index(text.lower()) + self.first if text.lower() in names else int(text) if text.isdigit() else -1
        if not self.first <= number <= self.last:
            raise _WrongError(f"'{text}' is no {self.name} ({self.first} to {self.last})")
        return number


class _WrongError(ValueError):
    """A part of the text; the message has no full stop."""


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, MONTHS),
    _Field("day of the week", 0, 7, DAYS),
)


@dataclasses.dataclass(frozen=True)
class Calendar:
    """`text` is the five fields, the others what they hold; a Sunday is 0."""

    text: str
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    @property
    def longest_gap(self) -> int:
        """The longest time from one moment to the next, in seconds, but for changes of the clock."""
        times = sorted(3600 * hour + 60 * minute for hour in self.hours for minute in self.minutes)
        days = [day for day in range(_DAYS) if self._is_on(_FIRST_DAY + datetime.timedelta(days=day))]
        within = max((later - earlier for earlier, later in zip(times, times[1:])), default=0)
        apart = max((later - earlier for earlier, later in zip(days, days[1:])), default=0)
        return max(within, apart * 86400 - (times[-1] - times[0]))

    def _is_on(self, day: datetime.date) -> bool:
        return day.day in self.days and day.month in self.months and day.isoweekday() % 7 in self.weekdays


def read_calendar(text: str) -> Calendar:
    """The moments that a line of a crontab names; InputError for one that makes no sense."""
    words = WORDS.get(text.strip(), text).split()
    if len(words) != len(_FIELDS):
        raise InputError(f"'{text}' has {len(words)} fields instead of five.", hint=HINT)
    try:
        minutes, hours, days, months, weekdays = (field.read(word) for field, word in zip(_FIELDS, words))
    except _WrongError as exc:
        raise InputError(f"'{text}': {exc}.", hint=HINT) from exc
    calendar = Calendar(" ".join(words), minutes, hours, days, months, frozenset(day % 7 for day in weekdays))
    if len(calendar.days) < 31 and len(calendar.weekdays) < 7:
        raise InputError(
            f"'{text}' names days of the month and days of the week; cron and systemd disagree about what that means.",
            hint="Leave one of them *.",
        )
    if not calendar.longest_gap:
        raise InputError(f"'{text}' never comes.", hint=HINT)
    return calendar


def on_calendar(calendar: Calendar) -> str:
    """The same moments for OnCalendar= (systemd.time(7))."""
    weekdays = "" if len(calendar.weekdays) == 7 else ",".join(DAYS[day] for day in sorted(calendar.weekdays)) + " "
    date = f"*-{_listed(calendar.months, 12)}-{_listed(calendar.days, 31)}"
    return f"{weekdays}{date} {_listed(calendar.hours, 24)}:{_listed(calendar.minutes, 60)}:00"


def _listed(numbers: t.Collection[int], all_of_them: int) -> str:
    return "*" if len(numbers) == all_of_them else ",".join(f"{number:02d}" for number in sorted(numbers))
