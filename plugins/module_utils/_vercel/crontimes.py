# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The times of Vercel's cron jobs: five fields of numbers, in UTC.

Less than other crons take (https://vercel.com/docs/cron-jobs): no names, and one of the two days has to be `*`.
"""

from __future__ import annotations

import re
import typing as t

FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 6))
LONGEST = 256
PART = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?")


def complaint(text: str) -> t.Optional[str]:
    """What is wrong with a time, as a clause; None when Vercel takes it."""
    fields = text.split()
    if len(fields) != len(FIELDS) or len(text) > LONGEST:
        names = ", ".join(name for name, _least, _most in FIELDS)
        return f"'{text[:LONGEST]}' has {len(fields)} fields, not five ({names})"
    for field, (name, least, most) in zip(fields, FIELDS):
        if not all(_is_good(part, least, most) for part in field.split(",")):
            return f"'{field}' is no {name}, which has numbers from {least} to {most}, with * , - and /"
    if fields[2] != "*" and fields[4] != "*":
        return f"'{text}' names both a day of the month and a day of the week; Vercel wants * for one of them"
    return None


def _is_good(part: str, least: int, most: int) -> bool:
    found = PART.fullmatch(part)
    if found is None:
        return False
    first, last, step = (int(number) if number else None for number in found.groups())
    numbers = [number for number in (first, last) if number is not None]
    return numbers == sorted(numbers) and all(least <= number <= most for number in numbers) and step != 0
