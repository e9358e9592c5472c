# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long to wait before a hosted API is asked again. Pure: answers in, seconds out."""

from __future__ import annotations

import email.utils
import typing as t

# Seconds. Enough for a restart on the other side; whoever is away for longer is away.
FIRST = 0.25
TRIES = 6
# Where a 429 does not say when.
UNSAID = 5.0


def after_failure(failures: int) -> t.Optional[float]:
    """Seconds to wait after so many failures in a row (connection lost, 5xx); None when it is enough."""
    if failures >= TRIES:
        return None
    return FIRST * 2.0 ** (failures - 1)


def retry_after(headers: t.Mapping[str, str], now: float) -> t.Optional[float]:
    """What the header Retry-After says, in seconds or as a date. `now` is in seconds since 1970."""
    text = headers.get("Retry-After", "")
    seconds = number(text)
    if seconds is not None:
        return seconds
    try:
        return email.utils.parsedate_to_datetime(text).timestamp() - now
    except (TypeError, ValueError, IndexError):
        return None


def number(value: t.Any) -> t.Optional[float]:
    """A number as it stands in a header or a body; None for anything else."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
