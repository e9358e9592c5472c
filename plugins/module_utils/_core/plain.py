# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nested data as ordinary dicts and lists."""

from __future__ import annotations

import typing as t


def plain(value: t.Any) -> t.Any:
    """A deep copy in ordinary containers. What the templar hands to a filter is lazy and refuses to be copied otherwise."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value
