# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sizes of files as options give them. Pure."""

from __future__ import annotations

import re

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

UNITS = {"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}


def as_bytes(place: str, text: str) -> int:
    """Bytes: 52428800 and 50MB are the same. Powers of 1024, as Supabase's dashboard has them."""
    found = re.fullmatch(r"\s*(\d+)\s*([A-Za-z]*)\s*", text)
    unit = found[2].upper().replace("IB", "B") if found else ""
    if not found or unit not in UNITS:
        raise InputError(f"{place}: '{text}' is no size.", hint="Write bytes, or a number with kB, MB or GB, such as 50MB.")
    return int(found[1]) * UNITS[unit]
