# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What backups there are, seen over several stores. A backup exists where its manifest is.

One listing of a store says which objects there are and how long; each manifest (and each proof) is one small read, and many
of them go on at once: the names alone would not tell a damaged manifest from a whole one.
"""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import datetime
import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import canonical, parse_manifest, parts_of
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import Verifier
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store, StoredObject

READERS = 32

# Backup id -> name of the object -> what the listing says of it.
Listing = t.Dict[str, t.Dict[str, StoredObject]]


@dataclasses.dataclass(frozen=True)
class Copy:
    """One backup in one store. `sizes` maps object names to bytes; `damage` says what is wrong, "" when nothing was found.

    `doubt` is what a wrong or missing signature is where it shall not count as damage. `known` is False where the manifest
    cannot be read: `manifest` then holds no more than id, portal and `at`.
    """

    store: Store
    manifest: dict[str, t.Any]
    sizes: dict[str, int]
    proofs: tuple[dict[str, t.Any], ...] = ()
    damage: str = ""
    doubt: str = ""
    known: bool = True


@dataclasses.dataclass(frozen=True)
class Backup:
    """One backup over all stores that were asked: who has it (undamaged or not), and who lacks it."""

    id: str
    copies: tuple[Copy, ...]
    missing: tuple[str, ...]

    @property
    def manifest(self) -> dict[str, t.Any]:
        """The same in every store that has it undamaged: it was written once."""
        best = sorted(self.copies, key=lambda copy: (bool(copy.damage), not copy.known))
        return best[0].manifest

    @property
    def at(self) -> datetime.datetime:
        return parse_iso(self.manifest["at"])

    @property
    def sound(self) -> tuple[Copy, ...]:
        return tuple(copy for copy in self.copies if not copy.damage)

    @property
    def doubts(self) -> list[str]:
        """Sentences about copies that are used all the same."""
        return [f"{copy.store.url}, backup {self.id}: {copy.doubt}" for copy in self.copies if copy.doubt]

    @property
    def state(self) -> str:
        """`damaged` when any copy is, else `partial` when a store lacks it, else `complete`."""
        if any(copy.damage for copy in self.copies):
            return "damaged"
        return "partial" if self.missing else "complete"

    @property
    def proof(self) -> dict[str, t.Any] | None:
        """The newest proof that a restore of it was equal to its source; of two of the same second their ids tell which one."""
        good = [proof for copy in self.copies for proof in copy.proofs if proof.get("equal") is True]
        return max(good, key=lambda proof: (str(proof["at"]), str(proof.get("id"))), default=None)

    def is_proven_by(self, proof: t.Mapping[str, t.Any]) -> bool:
        """Whether this very proof lies beside every sound copy. Others may, too: two runs can prove a backup in the same second."""
        return all(proof in copy.proofs for copy in self.sound)


def read_catalog(
    stores: t.Sequence[Store],
    portal: str,
    kind: str = naming.DATABASE,
    *,
    only: str | None = None,
    newest: int | None = None,
    verifier: Verifier | None = None,
    unread: list[str] | None = None,
) -> list[Backup]:
    """All backups of a portal that are of one kind, the `newest` of them, or `only` one.

    A store that cannot be read is an error; where `unread` is given, a sentence in there, as long as another one can be.

    Sizes are compared with the manifests; contents are not read. Ordered by the moment that the source told (the database's server),
    the newest first: hosts that make backups may disagree about the time.
    """
    with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
        listings = [backups_in(listing) for listing in _listings(pool, stores, portal, kind, unread)]
        ids = sorted({key for listing in listings for key in listing if only in (None, key)}, reverse=True)[:newest]
        wanted = [(store, key, listing[key]) for store, listing in zip(stores, listings) for key in ids if key in listing]
        reader = _Reader(portal, kind, verifier)
        copies: dict[str, list[Copy]] = {backup_id: [] for backup_id in ids}
        for copy in pool.map(lambda one: reader.copy(*one), wanted):
            copies[copy.manifest["id"]].append(copy)
    found = [_collect(backup_id, own, stores) for backup_id, own in copies.items()]
    return sorted(found, key=lambda backup: (backup.at, backup.id), reverse=True)


def _listings(
    pool: concurrent.futures.Executor, stores: t.Sequence[Store], portal: str, kind: str, unread: list[str] | None
) -> list[Listing]:
    """Of each store, in their order; that of one that cannot be read is empty."""
    errands = [pool.submit(read_listing, store, portal, kind) for store in stores]
    found: list[Listing] = []
    failures: list[WebopsError] = []
    for errand in errands:
        try:
            found.append(errand.result())
        except WebopsError as exc:
            failures.append(exc)
            found.append({})
    if failures and (unread is None or len(failures) == len(stores)):
        raise failures[0]
    if unread is not None:
        unread += [f"{exc.message.rstrip('.')}; the other destinations were used." for exc in failures]
    return found


def read_listing(store: Store, portal: str, kind: str = naming.DATABASE) -> Listing:
    """Everything below the backups of a portal that lies in a folder named like a backup."""
    found: Listing = {}
    start = naming.folder(portal, kind=kind)
    for stored in store.list(start):
        backup_id, _slash, name = stored.key[len(start) :].partition("/")
        if naming.is_id(backup_id):
            found.setdefault(backup_id, {})[name] = stored
    return found


def backups_in(listing: Listing) -> Listing:
    """What has a manifest."""
    return {backup_id: objects for backup_id, objects in listing.items() if naming.MANIFEST in objects}


def list_backups(store: Store, portal: str, kind: str = naming.DATABASE) -> dict[str, dict[str, int]]:
    """Backup id -> object name -> bytes, of everything that has a manifest."""
    found = backups_in(read_listing(store, portal, kind))
    return {backup_id: {name: stored.size for name, stored in objects.items()} for backup_id, objects in found.items()}


def read_copy(store: Store, portal: str, backup_id: str, objects: t.Mapping[str, StoredObject]) -> Copy:
    """One backup of a database from a listing, with its proofs; signatures are not looked at."""
    return _Reader(portal, naming.DATABASE, None).copy(store, backup_id, objects)


def _collect(backup_id: str, copies: t.Sequence[Copy], stores: t.Sequence[Store]) -> Backup:
    have = {copy.store.url for copy in copies}
    return Backup(backup_id, _agreeing(copies), tuple(store.url for store in stores if store.url not in have))


def _agreeing(copies: t.Sequence[Copy]) -> tuple[Copy, ...]:
    """A manifest was written once, so copies that tell another story than most are damaged; without a majority all of them are."""
    sound = [copy.manifest for copy in copies if not copy.damage]
    if all(manifest == sound[0] for manifest in sound):
        return tuple(copies)
    told = collections.Counter(map(canonical, sound))
    (first, count), (_second, next_count) = told.most_common(2)
    right = first if count > next_count else None
    problem = "its manifest differs from the ones in the other stores."
    return tuple(copy if copy.damage or canonical(copy.manifest) == right else dataclasses.replace(copy, damage=problem) for copy in copies)


@dataclasses.dataclass(frozen=True)
class _Reader:
    """Reads what is needed to judge one copy."""

    portal: str
    kind: str
    verifier: Verifier | None

    def copy(self, store: Store, backup_id: str, objects: t.Mapping[str, StoredObject]) -> Copy:
        """One backup that a listing shows, with its proofs; what cannot be read is damaged."""
        sizes = {name: stored.size for name, stored in objects.items()}
        folder = naming.folder(self.portal, backup_id, self.kind)
        where = f"{store.url}/{folder}{naming.MANIFEST}"
        try:
            content = store.read(folder + naming.MANIFEST)[0]
            manifest = parse_manifest(content, where)
            if naming.folder_of(manifest) != folder:
                raise WebopsError(f"{where} describes {naming.folder_of(manifest).rstrip('/')}, not this backup.")
        except WebopsError as exc:
            return Copy(store, self._unreadable(backup_id), sizes, damage=str(exc), known=False)
        found = (_read_proof(store, folder + name) for name in sorted(sizes) if naming.is_proof(name))
        signature = self._signature_problem(store, folder, content, sizes)
        refused = signature if self.verifier is not None and self.verifier.refuse else ""
        proofs = tuple(proof for proof in found if proof)
        doubt = "" if refused else signature
        return Copy(store, manifest, sizes, proofs, refused or damage_of_size(manifest, sizes), doubt)

    def _signature_problem(self, store: Store, folder: str, content: bytes, sizes: t.Mapping[str, int]) -> str:
        if self.verifier is None:
            return ""
        signature = store.read(folder + naming.SIGNATURE)[0] if naming.SIGNATURE in sizes else None
        return self.verifier.problem(content, signature, self.portal)

    def _unreadable(self, backup_id: str) -> dict[str, t.Any]:
        """What stands for a manifest that cannot be read: the id tells the moment."""
        return {"id": backup_id, "portal": self.portal, "kind": self.kind, "at": naming.moment_of(backup_id).isoformat()}


def _read_proof(store: Store, key: str) -> dict[str, t.Any]:
    """A proof that cannot be read proves nothing."""
    try:
        proof = json.loads(store.read(key)[0])
    except (ValueError, WebopsError):
        return {}
    return proof if isinstance(proof, dict) and isinstance(proof.get("at"), str) else {}


def damage_of_size(manifest: t.Mapping[str, t.Any], sizes: t.Mapping[str, int]) -> str:
    """What a listing shows to be wrong with the parts of a backup, "" when nothing."""
    for part in parts_of(manifest):
        found = sizes.get(part["name"])
        if found is None:
            return f"{part['name']} is missing."
        if found != part["size"]:
            return f"{part['name']} has {found} bytes, {part['size']} were written."
    return ""


def choose(catalog: t.Sequence[Backup], wanted: str) -> Backup:
    """The backup that `latest`, `latest_proven` or an id names; damaged copies do not count. NotFoundError where there is none."""
    usable = [backup for backup in catalog if backup.sound]
    fitting = {
        "latest": usable,
        "latest_proven": [backup for backup in usable if backup.proof],
    }.get(wanted, [backup for backup in usable if backup.id == wanted])
    if fitting:
        return fitting[0]
    looked_at = [backup for backup in catalog if wanted in ("latest", backup.id)]
    damage = [f"{copy.store.url}: {copy.damage}" for backup in looked_at for copy in backup.copies if copy.damage]
    known = f"The newest of {len(usable)} is {usable[0].id}." if usable else "There is none."
    raise NotFoundError(
        " ".join([f"No usable backup '{wanted}' was found. {known}", *damage[:3]]),
        hint="pg_backup_info and config_backup_info list them all with their states.",
    )
