# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new snapshot of a bucket: claimed, stored, looked at, and published in all destinations.

The claim comes before the look at what may be used again, and the removal of contents (retaining.py) removes snapshots
before it looks for claims. So one of the two always sees the other: what a running backup relies on is not removed.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import encrypt_bytes, tool_version
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import FORMAT, canonical
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.asking import BackupRequest
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.fleet import Fleet
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import (
    Content,
    Entry,
    Index,
    packed_index,
    packed_listing,
)
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.known import Known
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.past import (
    Past,
    read_index,
    read_indexes,
    still_there,
    stored_contents,
)
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.planning import Plan, index_of, plan
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.transfer import Counter, Transfer
from ansible_collections.holdfast.webops.plugins.module_utils._backup.publishing import Written, publish
from ansible_collections.holdfast.webops.plugins.module_utils._backup.telling import Teller
from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_transfer
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store, StoredObject, StoreError

Marked = t.List[t.Tuple[Entry, str]]
SHOWN_NAMES = 5


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """What was written, and how much went where."""

    written: Written
    counter: Counter


@dataclasses.dataclass(frozen=True)
class Writer:
    """All that one run needs at hand. `present` is the listing of the source, taken at `at`."""

    request: BackupRequest
    past: Past
    present: tuple[StoredObject, ...]
    at: str
    call: Call
    clock: Clock
    commands: Commands

    def write(self, failures: t.Mapping[str, str]) -> Snapshot:
        """Nothing that looks like a snapshot is left anywhere when this raises. `failures`: destinations that are out already."""
        request, began = self.request, self.clock.monotonic()
        run = naming.new_id(self.clock.now())
        fleet = Fleet(request.stores, request.require, Deadline(self.clock, request.wait_timeout), request.jobs)
        for url, said in failures.items():
            fleet.drop(url, said)
        try:
            self._claim(fleet, run)
            return self._write(fleet, run, began)
        finally:
            fleet.forget(lambda store: self._leftovers(store, run))
            fleet.close()

    def _write(self, fleet: Fleet, run: str, began: float) -> Snapshot:
        request = self.request
        base, known = self._usable(fleet)
        planned = plan(self.present, base, known.contents, request.digests, request.reuse)
        transfer = Transfer(request.portal, run, request.source, fleet, known, request.digests, request.recipients, self.commands)
        with Teller(self.call.progress, self.clock).saying(lambda seconds: sentence(transfer.counter, planned, seconds)):
            taken = transfer.take_all(planned.reading, request.jobs)
            self._check_vanished(transfer.vanished)
            transfer.store_details()
        marked = [*((entry, mark) for entry, mark in self._kept(planned)), *taken]
        index = index_of(marked, known.contents)
        self._look(fleet, index)
        manifest = self._manifest(run, marked, index, transfer)
        return Snapshot(self._publish(fleet, manifest, marked, index, began), transfer.counter)

    def _claim(self, fleet: Fleet, run: str) -> None:
        """From here on no content is removed in the destinations, for as long as this may take."""
        claim = {"portal": self.request.portal, "name": self.request.name, "at": self.at, "wait_timeout": self.request.wait_timeout}
        key = naming.folder(self.request.portal, run, naming.OBJECTS) + naming.CLAIM
        fleet.put(key, canonical(claim))

    def _usable(self, fleet: Fleet) -> tuple[Index, Known]:
        """What snapshots that are still there after the claim can lend."""
        request, past = self.request, self.past
        if request.reuse == "nothing":
            return Index(), Known({}, dict)
        base = past.base(request.name)
        older = past.older(base)
        left = still_there(fleet.alive, request.portal, {backup.id for backup in [*older, *([base] if base else [])]})
        index = read_index(base) if base is not None and base.id in left else Index()
        lending = [backup for backup in older if backup.id in left]
        return index, Known(past.usable([index], request.recipients), lambda: self._more(lending))

    def _more(self, lending: t.Sequence[Backup]) -> dict[str, Content]:
        return self.past.usable(read_indexes(lending), self.request.recipients)

    def _kept(self, planned: Plan) -> t.Iterator[tuple[Entry, str]]:
        seen = {one.key: one for one in self.present}
        for entry in planned.kept:
            yield entry, self.request.digests.mark(seen[entry.key])

    def _check_vanished(self, vanished: t.Sequence[str]) -> None:
        """What is listed, but cannot be found when it is read, is no reason to leave it out."""
        if not vanished:
            return
        listed = {seen.key for seen in self.request.source.list()}
        left = sorted(set(vanished) & listed)
        if left:
            raise StoreError(
                f"{self.request.source.url} lists {len(left)} objects that it does not give: {', '.join(left[:SHOWN_NAMES])}.",
                hint="Look at them with the service's own tools; what is left out silently is no backup.",
            )

    def _look(self, fleet: Fleet, index: Index) -> None:
        """Whether every destination shows all contents in their full size, once more before the snapshot exists."""

        def look(store: Store) -> None:
            sizes = stored_contents(store, self.request.portal)
            wrong = sorted(name for name, content in index.contents.items() if sizes.get(name) != content.stored)
            if wrong:
                raise StoreError(f"{store.url} lost {len(wrong)} contents while the backup was made, such as {wrong[0]}.")

        fleet.each(look)

    def _publish(self, fleet: Fleet, manifest: dict[str, t.Any], marked: Marked, index: Index, began: float) -> Written:
        request = self.request
        listing = packed_listing(entry for entry, _mark in marked)
        stored = encrypt_bytes(self.commands, listing, request.recipients) if request.recipients else listing
        folder = naming.folder_of(manifest)
        fan = fleet.fan()
        try:
            for part, data in (("listing", stored), ("index", packed_index(index))):
                manifest[part].update(size=len(data), sha256=hashlib.sha256(data).hexdigest())
                fan.add(folder + manifest[part]["name"], data)
            manifest["finished_at"] = iso(self.clock.now())
            manifest["durations"] = {"total": round(self.clock.monotonic() - began, 3)}
            written = publish(fan, manifest, request.signing_key, self.commands)
        finally:
            fan.abort()
        warnings = [*written.warnings, *self._protect(fleet.alive, index)]
        return dataclasses.replace(written, failures={**fleet.failures, **written.failures}, warnings=warnings)

    def _protect(self, stores: t.Sequence[Store], index: Index) -> list[str]:
        """Contents that are used again are locked anew: they must stay as long as this snapshot."""
        keys = [naming.contents_folder(self.request.portal) + name for name in index.contents]
        problems: list[str] = []
        with concurrent.futures.ThreadPoolExecutor(self.request.jobs) as pool:
            for store in stores:
                try:
                    list(pool.map(store.protect, keys))
                except WebopsError as exc:
                    problems.append(f"The snapshot is complete, but not locked: {exc}")
        return problems

    def _manifest(self, run: str, marked: Marked, index: Index, transfer: Transfer) -> dict[str, t.Any]:
        request, suffix = self.request, ".age" if self.request.recipients else ""
        vanished = [f"{len(transfer.vanished)} objects were removed from the source while it was read."] if transfer.vanished else []
        return {
            "format": FORMAT,
            "kind": naming.OBJECTS,
            "id": run,
            "portal": request.portal,
            "name": request.name,
            "at": self.at,
            "source": request.source.url,
            "content": {
                "objects": len(marked),
                "bytes": sum(entry.size for entry, _mark in marked),
                "contents": len(index.contents),
                "stored_bytes": sum(content.stored for content in index.contents.values()),
                "new_contents": transfer.counter.contents,
                "new_bytes": transfer.counter.stored,
            },
            "digests": request.digests.method,
            "encrypted": bool(request.recipients),
            "recipients": list(request.recipients),
            "listing": {"name": naming.LISTING + suffix},
            "index": {"name": naming.INDEX},
            "tools": {"age": tool_version(self.commands) if request.recipients else None},
            "destinations": [store.url for store in request.stores],
            "warnings": vanished,
            "restore_by_hand": restore_by_hand(encrypted=bool(request.recipients)),
        }

    def _leftovers(self, store: Store, run: str) -> list[str]:
        """The claim; where there is no manifest in the end, also everything that was stored."""
        folder = naming.folder(self.request.portal, run, naming.OBJECTS)
        found = [stored.key for stored in store.list(folder)]
        if folder + naming.MANIFEST in found:
            return [folder + naming.CLAIM]
        contents = store.list(f"{naming.contents_folder(self.request.portal)}{run}/")
        return [*(stored.key for stored in contents), *found]


def sentence(counter: Counter, planned: Plan, seconds: float) -> str:
    """Objects, bytes, rate, estimate. Pure."""
    return f"Backing up: {counter.objects} of {len(planned.reading)} objects, {as_transfer(counter.bytes, planned.bytes, seconds)}"


def restore_by_hand(*, encrypted: bool) -> list[str]:
    """What a person types beside the downloaded listing and contents; KEYFILE holds the secret key."""
    if not encrypted:
        return ["gunzip --stdout listing.jsonl.gz", "cp contents/CONTENT KEY"]
    return [
        "age --decrypt --identity KEYFILE listing.jsonl.gz.age | gunzip",
        "age --decrypt --identity KEYFILE --output KEY contents/CONTENT",
    ]
