# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long to wait before a request to Vercel is sent again. Pure: answers in, seconds out."""

from __future__ import annotations

import email.utils
import typing as t

# Seconds. Enough for a restart on the other side; whoever is away for longer is away.
FIRST = 0.25
LONGEST = 8.0
TRIES = 6
# Where a 429 does not say when.
UNSAID = 5.0


def after_failure(failures: int) -> t.Optional[float]:
    """Seconds to wait after so many failures in a row (connection lost, 5xx); None when it is enough."""
    if failures >= TRIES:
        return None
    return min(FIRST * 2.0 ** (failures - 1), LONGEST)


def after_limit(headers: t.Mapping[str, str], body: t.Any, now: float) -> float:
    """Seconds that a 429 asks for. `now` is in seconds since 1970.

    In this order: Retry-After (seconds or a date), the time of the reset in the body, the same in a header.
    """
    said = _seconds(headers.get("Retry-After", ""), now)
    if said is None:
        said = _until(_reset(body), now)
    if said is None:
        said = _until(headers.get("X-RateLimit-Reset"), now)
    return UNSAID if said is None else max(said, 0.0)


def _seconds(text: str, now: float) -> t.Optional[float]:
    """What Retry-After says."""
    number = _number(text)
    if number is not None:
        return number
    try:
        return email.utils.parsedate_to_datetime(text).timestamp() - now
    except (TypeError, ValueError, IndexError):
        return None


def _reset(body: t.Any) -> t.Any:
    error = body.get("error") if isinstance(body, dict) else None
    limit = error.get("limit") if isinstance(error, dict) else None
    return limit.get("reset") if isinstance(limit, dict) else None


def _until(moment: t.Any, now: float) -> t.Optional[float]:
    number = _number(moment)
    return None if number is None else number - now


def _number(value: t.Any) -> t.Optional[float]:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
