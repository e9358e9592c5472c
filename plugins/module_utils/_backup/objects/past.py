# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What earlier snapshots of a bucket hold that a new one can use."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, read_catalog, read_listing
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import Content, Index, index_from
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.planning import usable_contents
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.sealed import read_part
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import Verifier
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store


@dataclasses.dataclass(frozen=True)
class Past:
    """The snapshots of a portal, the newest first, and which contents each store has (name -> bytes)."""

    snapshots: tuple[Backup, ...]
    stored: tuple[dict[str, int], ...]
    stores: tuple[Store, ...]

    def newest(self, name: str) -> Backup | None:
        """Of one bucket, undamaged somewhere."""
        return next((one for one in self.snapshots if one.sound and one.manifest["name"] == name), None)

    def base(self, name: str) -> Backup | None:
        """The newest one that all these stores have undamaged."""
        return next((one for one in self.snapshots if one.manifest.get("name") == name and self._everywhere(one)), None)

    def older(self, base: Backup | None) -> list[Backup]:
        """All others that can lend a content, of any bucket."""
        return [one for one in self.snapshots if one is not base and self._everywhere(one)]

    def usable(self, indexes: t.Iterable[Index], recipients: t.Sequence[str]) -> dict[str, Content]:
        return usable_contents(indexes, self.stored, recipients)

    def _everywhere(self, backup: Backup) -> bool:
        have = {copy.store.url for copy in backup.sound}
        return all(store.url in have for store in self.stores)


def read_past(stores: t.Sequence[Store], portal: str, verifier: Verifier | None) -> Past:
    """Look at snapshots and contents; nothing of the contents is read. What the verifier refuses lends nothing."""
    snapshots = read_catalog(stores, portal, naming.OBJECTS, verifier=verifier)
    return Past(tuple(snapshots), tuple(stored_contents(store, portal) for store in stores), tuple(stores))


def stored_contents(store: Store, portal: str) -> dict[str, int]:
    """Name of a content -> its bytes in a store."""
    start = naming.contents_folder(portal)
    return {stored.key[len(start) :]: stored.size for stored in store.list(start)}


def read_index(backup: Backup) -> Index:
    """The index of a snapshot, from the first copy that is what was written."""
    return index_from(read_part(backup, "index"), f"The index of {backup.id}")


def read_indexes(backups: t.Sequence[Backup]) -> list[Index]:
    """Of many; what cannot be read lends nothing. Snapshots with equal indexes are read once."""
    different = {backup.manifest["index"]["sha256"]: backup for backup in backups}
    found: list[Index] = []
    for backup in different.values():
        try:
            found.append(read_index(backup))
        except WebopsError:
            continue
    return found


def still_there(stores: t.Sequence[Store], portal: str, backup_ids: t.Collection[str]) -> set[str]:
    """Those of these snapshots that every store has this moment."""
    left = set(backup_ids)
    for store in stores:
        left &= {one for one, objects in read_listing(store, portal, naming.OBJECTS).items() if naming.MANIFEST in objects}
    return left
