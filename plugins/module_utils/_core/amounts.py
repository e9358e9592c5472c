# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes and seconds as people read them."""

from __future__ import annotations

import typing as t


def as_size(value: t.Any) -> str:
    """Bytes as kB, MB or GB (powers of 1000)."""
    size = float(value)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def as_duration(value: t.Any) -> str:
    """Seconds as s, min and s, or h and min."""
    seconds = float(value)
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds % 1 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def as_ago(seconds: float) -> str:
    """An age in one rough unit: 3 hours ago."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        number = int(seconds // length)
        # Under two days, hours say more.
        if number >= (2 if unit == "day" else 1):
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"


def as_transfer(done: int, total: t.Optional[int], seconds: float) -> str:
    """How far a transfer is, `seconds` after it began: 1.2 GB of about 4.0 GB, 85.0 MB/s, 33 s left. `total` is None when nobody knows."""
    rate = done / seconds if seconds > 0 else 0.0
    parts = [as_size(done) if total is None else f"{as_size(done)} of about {as_size(max(total, done))}"]
    if rate:
        parts.append(f"{as_size(rate)}/s")
    if rate and total is not None:
        parts.append(f"{as_duration(round(max(total - done, 0) / rate))} left")
    return ", ".join(parts)
