"""Backups in every kind of store: what is damaged there is found, whatever it is, and is never taken for a backup to restore."""

from __future__ import annotations

import dataclasses
import os
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, choose, read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import canonical
from ansible_collections.holdfast.webops.plugins.module_utils._backup.verification import verify_digests
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from tests.unit.plugins.module_utils._backup.manifests import described, some_manifest

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store

OLD, NEW = "20261120T223000Z-aaaaaa", "20261121T223000Z-bbbbbb"
ARCHIVE = 6 << 20  # in parts, where there are parts


@dataclasses.dataclass(frozen=True)
class Kept:
    """Two backups with archives of the same size."""

    store: Store

    def key(self, backup_id: str, name: str = "database.dump") -> str:
        return f"shop/backups/{backup_id}/{name}"

    def content(self, key: str) -> bytes:
        return b"".join(self.store.stream(key))

    def overwrite(self, key: str, content: bytes) -> None:
        """As somebody with the right to do so would: the store itself offers no way."""
        self.store.delete(key)
        self.store.create(key, content)

    def newest(self) -> Backup:
        """By its listing."""
        return next(backup for backup in read_catalog([self.store], "shop") if backup.id == NEW)


@pytest.fixture
def kept(store: Store) -> Kept:
    for backup_id in (OLD, NEW):
        archive = os.urandom(ARCHIVE)
        upload = store.upload(f"shop/backups/{backup_id}/database.dump", expected_size=ARCHIVE)
        for start in range(0, ARCHIVE, 1 << 20):
            upload.write(archive[start : start + (1 << 20)])
        upload.commit()
        manifest = some_manifest(backup_id) | {"archive": described(archive)}
        store.create(f"shop/backups/{backup_id}/manifest.json", canonical(manifest))
    return Kept(store)


def test_what_is_whole_is_found_whole(kept: Kept) -> None:
    assert [verify_digests(backup).state for backup in read_catalog([kept.store], "shop")] == ["complete", "complete"]


def test_one_flipped_bit_is_found(kept: Kept) -> None:
    content = bytearray(kept.content(kept.key(NEW)))
    content[len(content) // 2] ^= 1
    kept.overwrite(kept.key(NEW), bytes(content))
    assert "was written" in verify_digests(kept.newest()).copies[0].damage


def test_swapped_archives_are_found(kept: Kept) -> None:
    old, new = kept.content(kept.key(OLD)), kept.content(kept.key(NEW))
    kept.overwrite(kept.key(OLD), new)
    kept.overwrite(kept.key(NEW), old)
    assert [verify_digests(backup).state for backup in read_catalog([kept.store], "shop")] == ["damaged", "damaged"]


def test_a_truncated_archive_is_found_by_a_look_at_the_listing(kept: Kept) -> None:
    kept.overwrite(kept.key(NEW), kept.content(kept.key(NEW))[:-1])
    assert kept.newest().copies[0].damage == f"database.dump has {ARCHIVE - 1} bytes, {ARCHIVE} were written."
    assert choose(read_catalog([kept.store], "shop"), "latest").id == OLD


def test_a_lost_archive_is_found_by_a_look_at_the_listing(kept: Kept) -> None:
    kept.store.delete(kept.key(NEW))
    assert kept.newest().copies[0].damage == "database.dump is missing."
    assert choose(read_catalog([kept.store], "shop"), "latest").id == OLD


@pytest.mark.parametrize("keep", [0, 1, 200])
def test_a_damaged_manifest_makes_no_backup(kept: Kept, keep: int) -> None:
    key = kept.key(NEW, "manifest.json")
    kept.overwrite(key, kept.content(key)[:keep])
    assert "is not a manifest" in kept.newest().copies[0].damage
    assert choose(read_catalog([kept.store], "shop"), "latest").id == OLD
    with pytest.raises(NotFoundError, match="is not a manifest"):
        choose(read_catalog([kept.store], "shop"), NEW)


def test_swapped_manifests_make_no_backups(kept: Kept) -> None:
    old, new = kept.key(OLD, "manifest.json"), kept.key(NEW, "manifest.json")
    contents = kept.content(old), kept.content(new)
    kept.overwrite(old, contents[1])
    kept.overwrite(new, contents[0])
    assert ["not this backup" in backup.copies[0].damage for backup in read_catalog([kept.store], "shop")] == [True, True]
