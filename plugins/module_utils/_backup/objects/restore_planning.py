# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a restore into a bucket does. Pure: a function of the snapshot, the bucket, and which of its objects are equal already."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import Entry
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Attributes
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoredObject


@dataclasses.dataclass(frozen=True)
class RestorePlan:
    """`write` are entries that the target lacks, `replace` those that it has differently, `remove` keys that only it has."""

    write: tuple[Entry, ...]
    replace: tuple[Entry, ...]
    remove: tuple[str, ...]
    unchanged: int

    @property
    def any(self) -> bool:
        return bool(self.write or self.replace or self.remove)

    @property
    def putting(self) -> tuple[Entry, ...]:
        return (*self.write, *self.replace)

    @property
    def bytes(self) -> int:
        return sum(entry.size for entry in self.putting)

    def shown(self) -> dict[str, int]:
        """The documented value `plan`."""
        objects = len(self.putting) + self.unchanged
        counts = {"objects": objects, "write": len(self.write), "write_bytes": self.bytes}
        return {**counts, "replace": len(self.replace), "remove": len(self.remove), "unchanged": self.unchanged}


def plan_restore(
    entries: t.Sequence[Entry], present: t.Mapping[str, StoredObject], equal: t.Collection[str], prefix: str, *, remove_others: bool
) -> RestorePlan:
    """`equal`: keys whose content and attributes are what the snapshot has."""
    wanted = {entry.key: entry for entry in entries}
    others = sorted(key for key in present if key not in wanted and key.startswith(prefix)) if remove_others else []
    return RestorePlan(
        write=tuple(entry for entry in entries if entry.key not in present),
        replace=tuple(entry for entry in entries if entry.key in present and entry.key not in equal),
        remove=tuple(others),
        unchanged=sum(entry.key in equal for entry in entries),
    )


def has(found: Attributes, wanted: Attributes) -> bool:
    """Whether an object has all attributes that are wanted; services add some of their own."""
    return all(found.get(name) == value for name, value in wanted.items())
