# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several modules for backups check of their options. InputError names what is wrong."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_identity_file
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

Given = t.Mapping[str, t.Any]


def check_positive(given: Given, *names: str) -> None:
    """Numbers that may be left out."""
    for name in names:
        if given[name] is not None and given[name] <= 0:
            raise InputError(f"{name} is {given[name]}.", hint="Give a number above 0.")


def check_reading(given: Given, *names: str) -> None:
    """What every module that reads backups takes, and `names`, numbers of its own."""
    if not given["destinations"]:
        raise InputError("destinations is empty.", hint="Name the stores that hold the backups.")
    check_positive(given, "wait_timeout", *names)
    if given["identity_file"] is not None:
        check_identity_file(given["identity_file"])


def check_choice(wanted: str, words: t.Sequence[str]) -> None:
    """Which backup is meant: one of `words`, an id or a time."""
    if wanted in words or naming.is_id(wanted):
        return
    try:
        parse_iso(wanted)
    except InputError as exc:
        raise InputError(
            f"backup '{wanted}' is no backup's name.",
            hint=f"Write {', '.join(words)}, an id such as 20261121T223000Z-1a2b3c, or a time such as 2026-11-21T22:30:00Z.",
        ) from exc
