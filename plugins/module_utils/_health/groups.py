# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check groups: parts of a portal's checks that can be run by name, such as smoke or security. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import Check


def select(checks: tuple[Check, ...], wanted: t.Sequence[str]) -> tuple[Check, ...]:
    """The checks that are in one of the wanted groups, in their order; all of them when none is wanted."""
    known = sorted({group for check in checks for group in check.groups})
    for group in wanted:
        if group not in known:
            raise InputError(
                f"The option groups names '{group}', but no check is in such a group.",
                hint=f"There are the groups {', '.join(known)}." if known else "Give checks the option groups first.",
            )
    return tuple(check for check in checks if not wanted or set(check.groups) & set(wanted))
