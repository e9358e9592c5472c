# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of instances and snapshots, as RDS takes them. Pure."""

from __future__ import annotations

import datetime
import re

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

LONGEST = 63
LONGEST_SNAPSHOT = 255
# One way to say: a letter first, then letters, digits and single dashes, none at the end.
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# What versions have and RDS does not take: the snapshot before release 1.0 has 1-0 in its name.
_SIGNS = re.compile(r"-*[._+][-._+]*")
RESTORING, PROOF = "restoring", "proof"


def check_instance(option: str, name: str) -> str:
    """The name in small letters, as RDS stores it; InputError for one that no instance has."""
    small = name.lower()
    if not _NAME.fullmatch(small) or len(small) > LONGEST:
        raise InputError(
            f"{option} is '{name}', which names no DB instance.",
            hint=f"Give its DB instance identifier: at most {LONGEST} letters, digits and single dashes, a letter first.",
        )
    return small


def beside(name: str, ending: str) -> str:
    """The name of an instance that stands beside another one. A long name is cut, so that RDS takes it."""
    return f"{name[: LONGEST - len(ending) - 1].rstrip('-')}-{ending}"


def dated(name: str, word: str, moment: datetime.datetime) -> str:
    """The name under which a replaced instance is kept, such as shop-before-20261122t190000."""
    return beside(name, f"{word}-{moment.astimezone(datetime.timezone.utc):%Y%m%dt%H%M%S}")


def snapshot_of(name: str, point: str) -> str:
    """The snapshot that a restore point is: snapshots of all instances share their names. Dots, underscores and plusses become dashes."""
    full = _SIGNS.sub("-", f"{name}-{point.lower()}")
    if not _NAME.fullmatch(full) or len(full) > LONGEST_SNAPSHOT:
        raise InputError(
            f"restore_point is '{point}'.",
            hint="Give letters, digits, dots and single dashes, such as before-release-42.",
        )
    return full
