# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times in which nothing is deployed, as data. Pure.

A window is either weekly (`from` and `to`, with weekdays in them or beside them) or a range of dates (`start` and `end`). All
of its times are wall clock times of its `timezone`, so a window from 16:00 stays at 16:00 when summer time begins.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t
import zoneinfo

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

Record = t.Mapping[str, t.Any]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY, WEEK = 24 * 60, 7 * 24 * 60
KEYS = ("name", "days", "from", "to", "start", "end", "timezone")
_TIME = re.compile(r"(?:([a-z]{3}) +)?(\d{1,2}):(\d\d)", re.IGNORECASE)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d)?)?")


@dataclasses.dataclass(frozen=True)
class Frozen:
    """The window that is open, and when it ends, as a wall clock time of its zone."""

    name: str
    until: str


def frozen_by(windows: t.Sequence[Record], now: datetime.datetime) -> Frozen | None:
    """The window that ends last of those that hold `now`; InputError when any window makes no sense."""
    ends = [(end, _name(window, number)) for number, window in enumerate(windows, 1) for end in [_end(window, number, now)] if end]
    if not ends:
        return None
    end, name = max(ends)
    return Frozen(name, f"{end:%Y-%m-%d %H:%M} {end.tzinfo}")


def _name(window: Record, number: int) -> str:
    return str(window.get("name") or f"window {number}")


def _end(window: Record, number: int, now: datetime.datetime) -> datetime.datetime | None:
    """When the window that holds `now` ends; None when it does not hold it."""
    place = f"portal_deploy_freeze: '{_name(window, number)}'"
    unknown = sorted(set(window) - set(KEYS))
    if unknown:
        raise InputError(f"{place}: {', '.join(unknown)} is unknown.", hint=f"Known are {', '.join(KEYS)}.")
    local = now.astimezone(_zone(place, str(window.get("timezone") or "UTC")))
    if {"start", "end"} <= set(window) and not {"days", "from", "to"} & set(window):
        return _end_of_range(place, window, local)
    if {"start", "end"} & set(window) or not {"days", "from", "to"} & set(window):
        raise InputError(f"{place} is neither a weekly window nor a range of dates.", hint="Give from, to and days, or start and end.")
    return _end_of_weekly(place, window, local)


def _zone(place: str, name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as exc:
        hint = "Write it as Europe/Amsterdam. A controller without a time zone database needs the package tzdata."
        raise InputError(f"{place}: the time zone '{name}' is not known here.", hint=hint) from exc


def _end_of_range(place: str, window: Record, local: datetime.datetime) -> datetime.datetime | None:
    start, end = _moment(place, "start", window["start"], local), _moment(place, "end", window["end"], local, last=True)
    if end <= start:
        raise InputError(f"{place} ends before it starts.", hint="Give start first; an end without a time is the end of that day.")
    return end if start <= local < end else None


def _moment(place: str, name: str, value: t.Any, local: datetime.datetime, *, last: bool = False) -> datetime.datetime:
    """A date, with or without a time; `last` takes a date alone for the end of that day. YAML may have read it as a date already."""
    found = _DATE.fullmatch(value.isoformat() if isinstance(value, datetime.date) else str(value))
    try:
        day = datetime.datetime.fromisoformat(f"{found.group(1)}T{found.group(2) or '00:00'}") if found else None
    except ValueError:
        day = None
    if not found or not day:
        raise InputError(f"{place}: {name} is '{value}'.", hint="Write it as 2026-12-18 or '2026-12-18 17:00'.")
    if last and not found.group(2):
        day += datetime.timedelta(days=1)
    return day.replace(tzinfo=local.tzinfo)


def _end_of_weekly(place: str, window: Record, local: datetime.datetime) -> datetime.datetime | None:
    minute = local.weekday() * DAY + local.hour * 60 + local.minute
    left = [length - (minute - start) % WEEK for start, length in _stretches(place, window) if (minute - start) % WEEK < length]
    if not left:
        return None
    wall = local.replace(second=0, microsecond=0, tzinfo=None) + datetime.timedelta(minutes=max(left))
    return wall.replace(tzinfo=local.tzinfo)


def _stretches(place: str, window: Record) -> list[tuple[int, int]]:
    """(minute of the week at which it starts, minutes that it lasts), one for each time a week."""
    from_day, start = _clock(place, "from", window.get("from", "00:00"))
    to_day, end = _clock(place, "to", window.get("to", "24:00"))
    if (from_day is None) != (to_day is None) or (from_day is not None and "days" in window):
        raise InputError(
            f"{place}: name the weekday in both, from and to, or in days.", hint="For example from: 'fri 16:00' and to: 'mon 08:00'."
        )
    if from_day is not None and to_day is not None:
        begin = from_day * DAY + start
        return [(begin, (to_day * DAY + end - begin) % WEEK or WEEK)]
    days = [_day(place, day) for day in window.get("days") or DAYS]
    return [(day * DAY + start, (end - start) % DAY or DAY) for day in days]


def _clock(place: str, name: str, value: t.Any) -> tuple[int | None, int]:
    """(weekday or None, minute of the day). YAML reads 16:00 without quotes as the number 960, which are its minutes."""
    if isinstance(value, int) and 0 <= value <= DAY:
        return None, value
    found = _TIME.fullmatch(str(value).strip())
    if not found or int(found.group(3)) > 59 or int(found.group(2)) * 60 + int(found.group(3)) > DAY:
        raise InputError(f"{place}: {name} is '{value}'.", hint="Write a time of day, such as '16:00' or 'fri 16:00'.")
    return _day(place, found.group(1)) if found.group(1) else None, int(found.group(2)) * 60 + int(found.group(3))


def _day(place: str, name: t.Any) -> int:
    if str(name).lower() not in DAYS:
        raise InputError(f"{place}: '{name}' is not a weekday.", hint=f"Write {', '.join(DAYS)}.")
    return DAYS.index(str(name).lower())
