# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What backups there are, seen over several stores. A backup exists where its manifest is."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime
import hashlib
import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import parse_manifest
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store

READERS = 8


@dataclasses.dataclass(frozen=True)
class Copy:
    """One backup in one store. `sizes` maps object names to bytes; `damage` says what is wrong, "" when nothing was found."""

    store: Store
    manifest: dict[str, t.Any]
    sizes: dict[str, int]
    proofs: tuple[dict[str, t.Any], ...] = ()
    damage: str = ""


@dataclasses.dataclass(frozen=True)
class Backup:
    """One backup over all stores that were asked: who has it (undamaged or not), and who lacks it."""

    id: str
    copies: tuple[Copy, ...]
    missing: tuple[str, ...]

    @property
    def manifest(self) -> dict[str, t.Any]:
        """The same in every store: it was written once."""
        return self.copies[0].manifest

    @property
    def at(self) -> datetime.datetime:
        return parse_iso(self.manifest["at"])

    @property
    def sound(self) -> tuple[Copy, ...]:
        return tuple(copy for copy in self.copies if not copy.damage)

    @property
    def state(self) -> str:
        """`damaged` when any copy is, else `partial` when a store lacks it, else `complete`."""
        if any(copy.damage for copy in self.copies):
            return "damaged"
        return "partial" if self.missing else "complete"

    @property
    def proof(self) -> dict[str, t.Any] | None:
        """The newest proof that a restore of it was equal to its source."""
        good = [proof for copy in self.copies for proof in copy.proofs if proof.get("equal") is True]
        return max(good, key=lambda proof: str(proof["at"]), default=None)


def read_catalog(stores: t.Sequence[Store], portal: str, *, only: str | None = None) -> list[Backup]:
    """All backups of a portal, newest first, or `only` one. Sizes are compared with the manifests; contents are not read."""
    with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
        listings = list(pool.map(lambda store: list_backups(store, portal), stores))
        wanted = [(store, key, sizes) for store, listing in zip(stores, listings) for key, sizes in listing.items() if only in (None, key)]
        copies = list(pool.map(lambda one: read_copy(one[0], portal, one[1], one[2]), wanted))
    ids = sorted({copy.manifest["id"] for copy in copies}, reverse=True)
    return [_collect(backup_id, copies, stores) for backup_id in ids]


def _collect(backup_id: str, copies: t.Sequence[Copy], stores: t.Sequence[Store]) -> Backup:
    own = tuple(copy for copy in copies if copy.manifest["id"] == backup_id)
    have = {copy.store.url for copy in own}
    return Backup(backup_id, own, tuple(store.url for store in stores if store.url not in have))


def list_backups(store: Store, portal: str) -> dict[str, dict[str, int]]:
    """Backup id -> object name -> bytes, of everything that has a manifest."""
    found: dict[str, dict[str, int]] = {}
    start = naming.folder(portal)
    for stored in store.list(start):
        backup_id, _slash, name = stored.key[len(start) :].partition("/")
        if naming.is_id(backup_id):
            found.setdefault(backup_id, {})[name] = stored.size
    return {backup_id: sizes for backup_id, sizes in found.items() if naming.MANIFEST in sizes}


def read_copy(store: Store, portal: str, backup_id: str, sizes: dict[str, int]) -> Copy:
    """One backup that `list_backups` found, with its proofs; what cannot be read is damaged."""
    folder = naming.folder(portal, backup_id)
    content = store.read(folder + naming.MANIFEST)[0]
    try:
        manifest = parse_manifest(content, f"{store.url}/{folder}{naming.MANIFEST}")
        if (manifest["id"], manifest["portal"]) != (backup_id, portal):
            raise WebopsError(f"{store.url}/{folder}{naming.MANIFEST} describes {manifest['portal']}/{manifest['id']}, not this backup.")
    except WebopsError as exc:
        return Copy(store, _unreadable(backup_id, portal), sizes, damage=str(exc))
    found = (_read_proof(store, folder + name) for name in sorted(sizes) if naming.is_proof(name))
    return Copy(store, manifest, sizes, tuple(proof for proof in found if proof), _damage_of_size(manifest, sizes))


def _read_proof(store: Store, key: str) -> dict[str, t.Any]:
    """A proof that cannot be read proves nothing."""
    try:
        proof = json.loads(store.read(key)[0])
    except ValueError:
        return {}
    return proof if isinstance(proof, dict) else {}


def _unreadable(backup_id: str, portal: str) -> dict[str, t.Any]:
    """What stands for a manifest that cannot be read: the id tells the moment."""
    moment = datetime.datetime.strptime(backup_id.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    return {"id": backup_id, "portal": portal, "at": moment.isoformat()}


def _damage_of_size(manifest: t.Mapping[str, t.Any], sizes: t.Mapping[str, int]) -> str:
    archive = manifest["archive"]
    found = sizes.get(archive["name"])
    if found is None:
        return f"{archive['name']} is missing."
    return "" if found == archive["size"] else f"{archive['name']} has {found} bytes, {archive['size']} were written."


def verify(backup: Backup) -> Backup:
    """Read every archive of it and compare its SHA-256 with the manifest."""
    with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
        return dataclasses.replace(backup, copies=tuple(pool.map(_verify, backup.copies)))


def _verify(copy: Copy) -> Copy:
    if copy.damage:
        return copy
    archive, digest = copy.manifest["archive"], hashlib.sha256()
    for piece in copy.store.stream(naming.folder(copy.manifest["portal"], copy.manifest["id"]) + archive["name"]):
        digest.update(piece)
    same = digest.hexdigest() == archive["sha256"]
    return (
        copy
        if same
        else dataclasses.replace(copy, damage=f"{archive['name']} has SHA-256 {digest.hexdigest()}, {archive['sha256']} was written.")
    )


def choose(catalog: t.Sequence[Backup], wanted: str) -> Backup:
    """The backup that `latest`, `latest_proven` or an id names; damaged copies do not count. NotFoundError where there is none."""
    usable = [backup for backup in catalog if backup.sound]
    fitting = {
        "latest": usable,
        "latest_proven": [backup for backup in usable if backup.proof],
    }.get(wanted, [backup for backup in usable if backup.id == wanted])
    if fitting:
        return fitting[0]
    known = f"The newest of {len(usable)} is {usable[0].id}." if usable else "There is none."
    raise NotFoundError(f"No usable backup '{wanted}' was found. {known}", hint="pg_backup_info lists them all with their states.")
