"""Which objects are a backup, in which state it is, and which one is chosen."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import choose, read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import canonical
from ansible_collections.holdfast.webops.plugins.module_utils._backup.verification import verify_digests
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from tests.unit.plugins.module_utils._backup.manifests import some_manifest
from tests.unit.plugins.module_utils._backup.places import MemoryStore

OLD, NEW = "20261120T223000Z-aaaaaa", "20261121T223000Z-bbbbbb"


def store_with(*ids: str, name: str = "one", archive: bytes = b"archive", **changes: t.Any) -> MemoryStore:
    store = MemoryStore(name)
    for backup_id in ids:
        store.objects[f"shop/backups/{backup_id}/database.dump"] = archive
        store.objects[f"shop/backups/{backup_id}/manifest.json"] = canonical(some_manifest(backup_id) | changes)
    return store


def proof(at: str, *, equal: bool = True) -> bytes:
    return json.dumps({"at": at, "equal": equal, "id": f"proof of {at}"}).encode()


def states(*stores: MemoryStore) -> dict[str, str]:
    return {backup.id: backup.state for backup in read_catalog(stores, "shop")}


def test_backups_come_newest_first() -> None:
    assert list(states(store_with(OLD, NEW))) == [NEW, OLD]


def test_a_backup_that_one_store_lacks_is_partial() -> None:
    assert states(store_with(OLD, NEW), store_with(NEW, name="two")) == {NEW: "complete", OLD: "partial"}


def test_an_archive_without_a_manifest_is_nothing() -> None:
    store = store_with(NEW)
    del store.objects[f"shop/backups/{NEW}/manifest.json"]
    assert states(store) == {}


def test_other_portals_and_other_objects_are_nothing() -> None:
    store = store_with(NEW)
    store.objects["shop/backups/notes/manifest.json"] = b"{}"
    store.objects[f"shop2/backups/{OLD}/manifest.json"] = b"{}"
    store.objects["shop/ledger/000000000001.json"] = b"{}"
    assert states(store) == {NEW: "complete"}


@pytest.mark.parametrize("content", [b"", b"[]", b"no json", b'{"format": 99}', canonical({"format": 1})])
def test_a_manifest_that_cannot_be_read_is_damage(content: bytes) -> None:
    store = store_with(NEW)
    store.objects[f"shop/backups/{NEW}/manifest.json"] = content
    assert states(store) == {NEW: "damaged"}


def test_a_manifest_of_another_backup_is_damage() -> None:
    store = store_with(NEW)
    store.objects[f"shop/backups/{NEW}/manifest.json"] = canonical(some_manifest(OLD))
    backup = read_catalog([store], "shop")[0]
    assert (backup.id, backup.state) == (NEW, "damaged")
    assert "not this backup" in backup.copies[0].damage


def test_an_archive_of_another_size_or_a_missing_one_is_damage() -> None:
    assert states(store_with(NEW, archive=b"archiv")) == {NEW: "damaged"}
    store = store_with(NEW)
    del store.objects[f"shop/backups/{NEW}/database.dump"]
    assert states(store) == {NEW: "damaged"}


def test_other_content_of_the_same_size_is_found_by_reading_it() -> None:
    backup = read_catalog([store_with(NEW, archive=b"archivE")], "shop")[0]
    assert backup.state == "complete"
    assert verify_digests(backup).state == "damaged"
    assert verify_digests(read_catalog([store_with(NEW)], "shop")[0]).state == "complete"


def test_the_newest_good_proof_counts() -> None:
    store = store_with(NEW)
    folder = f"shop/backups/{NEW}/"
    store.objects[folder + "proof-20261122T030000Z-111111.json"] = proof("2026-11-22T03:00:00Z")
    store.objects[folder + "proof-20261123T030000Z-222222.json"] = proof("2026-11-23T03:00:00Z", equal=False)
    store.objects[folder + "proof-20261124T030000Z-333333.json"] = b"broken"
    found = read_catalog([store], "shop")[0].proof
    assert found is not None
    assert found["at"] == "2026-11-22T03:00:00Z"


def test_a_proof_of_the_same_second_beside_it_takes_nothing_from_a_proof() -> None:
    first, second = store_with(NEW), store_with(NEW, name="two")
    ours, at = proof("2026-11-22T03:00:00Z"), "proof-20261122T030000Z"
    for store in (first, second):
        store.objects[f"shop/backups/{NEW}/{at}-111111.json"] = json.dumps(
            {"at": "2026-11-22T03:00:00Z", "equal": True, "id": "theirs"}
        ).encode()
        store.objects[f"shop/backups/{NEW}/{at}-222222.json"] = ours
    assert read_catalog([first, second], "shop")[0].is_proven_by(json.loads(ours))
    del second.objects[f"shop/backups/{NEW}/{at}-222222.json"]
    assert not read_catalog([first, second], "shop")[0].is_proven_by(json.loads(ours))


def test_of_two_proofs_of_the_same_second_the_id_tells_which_is_the_newest() -> None:
    store, at = store_with(NEW), "2026-11-22T03:00:00Z"
    for number in ("8000aaaaaa", "ff00bbbbbb", "0001cccccc"):
        name = f"proof-20261122T030000Z-{number}"
        store.objects[f"shop/backups/{NEW}/{name}.json"] = json.dumps({"at": at, "equal": True, "id": name}).encode()
    found = read_catalog([store], "shop")[0].proof
    assert found is not None
    assert found["id"] == "proof-20261122T030000Z-ff00bbbbbb"


def test_latest_is_the_newest_that_has_a_sound_copy() -> None:
    damaged = store_with(NEW, archive=b"")
    damaged.objects |= store_with(OLD).objects
    assert choose(read_catalog([damaged], "shop"), "latest").id == OLD
    assert choose(read_catalog([damaged, store_with(NEW, name="two")], "shop"), "latest").id == NEW


def test_latest_proven_passes_over_newer_ones_without_a_proof() -> None:
    store = store_with(OLD, NEW)
    store.objects[f"shop/backups/{OLD}/proof-20261122T030000Z-111111.json"] = proof("2026-11-22T03:00:00Z")
    assert choose(read_catalog([store], "shop"), "latest_proven").id == OLD
    assert choose(read_catalog([store], "shop"), NEW).id == NEW


def test_what_is_not_there_is_said_with_what_is() -> None:
    with pytest.raises(NotFoundError, match=f"No usable backup '{OLD}' was found. The newest of 1 is {NEW}."):
        choose(read_catalog([store_with(NEW)], "shop"), OLD)
    with pytest.raises(NotFoundError, match="There is none"):
        choose([], "latest")


def test_the_order_is_that_of_the_database_servers_clock() -> None:
    """The host that made OLD has a clock that is days behind."""
    late = store_with(OLD, at="2026-11-22T09:00:00Z")
    late.objects |= store_with(NEW).objects
    assert list(states(late)) == [OLD, NEW]


def test_only_the_newest_are_read() -> None:
    store = store_with(OLD, NEW)
    assert [backup.id for backup in read_catalog([store], "shop", newest=1)] == [NEW]


def test_a_manifest_that_tells_another_story_than_most_is_damage() -> None:
    stores = [store_with(NEW), store_with(NEW, name="two"), store_with(NEW, name="three", warnings=["forged"])]
    backup = read_catalog(stores, "shop")[0]
    assert [bool(copy.damage) for copy in backup.copies] == [False, False, True]
    assert backup.manifest["warnings"] == []
    assert [bool(copy.damage) for copy in read_catalog(stores[1:], "shop")[0].copies] == [True, True]


def test_a_lost_or_swapped_part_of_the_globals_is_damage() -> None:
    described = {"name": "globals.sql", "size": 3, "sha256": "0" * 64, "with_passwords": False}
    store = store_with(NEW, globals=described)
    assert read_catalog([store], "shop")[0].copies[0].damage == "globals.sql is missing."
    store.objects[f"shop/backups/{NEW}/globals.sql"] = b"abc"
    backup = read_catalog([store], "shop")[0]
    assert backup.state == "complete"
    assert "globals.sql has SHA-256" in verify_digests(backup).copies[0].damage


def test_what_is_wrong_with_the_only_copy_is_said_when_it_is_wanted() -> None:
    with pytest.raises(NotFoundError, match=r"There is none. memory://one: .*format 99; this version reads 1"):
        store = store_with(NEW)
        store.objects[f"shop/backups/{NEW}/manifest.json"] = b'{"format": 99}'
        choose(read_catalog([store], "shop"), "latest")
