# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of backup_retention: read, plan, remove, look again.

A backup goes manifest first: from then on it is no backup any more, and what a killed run leaves are parts without a manifest,
which the next run takes away after the grace time. Objects that this collection did not write are never touched.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, backups_in, read_catalog, read_listing
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.retaining import Spent, remove_contents, spent_contents
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.verification import with_contents
from ansible_collections.holdfast.webops.plugins.module_utils._backup.retention import RULES, Decision, Held, check_policy, plan
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import Verifier, verifier
from ansible_collections.holdfast.webops.plugins.module_utils._backup.store_clock import clock_of
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import open_destinations
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store

# The manifest goes first and its signature second, the large parts follow.
_FIRST = (naming.MANIFEST, naming.SIGNATURE)


@dataclasses.dataclass(frozen=True)
class Request:
    """What a task asks for, checked. `grace` in seconds."""

    portal: str
    kind: str
    stores: tuple[Store, ...]
    policy: dict[str, int]
    grace: float
    verifier: Verifier | None


@dataclasses.dataclass(frozen=True)
class Orphan:
    """An object of ours that belongs to no backup. `upload`: its parts were never put together."""

    store: Store
    key: str
    size: int
    upload: bool = False

    def shown(self) -> dict[str, t.Any]:
        return {"store": self.store.url, "key": self.key, "size": self.size, "upload": self.upload}


@dataclasses.dataclass(frozen=True)
class _Plan:
    backups: dict[str, Backup]
    decisions: tuple[Decision, ...]
    orphans: tuple[Orphan, ...]
    warnings: tuple[str, ...]

    @property
    def leaving(self) -> list[Backup]:
        return [self.backups[decision.id] for decision in self.decisions if not decision.kept]


def retain(call: Call) -> Outcome:
    """Remove what the policy does not keep."""
    request, clock = _read_request(call.params), SystemClock()
    planned = _plan(request, clock.now())
    leaving = {backup.id for backup in planned.leaving}
    if not call.check_mode:
        for backup in planned.leaving:
            _remove(backup)
            call.log(f"backup {backup.id} of portal {request.portal} removed by its policy")
        for orphan in planned.orphans:
            if not orphan.upload:
                orphan.store.delete(orphan.key)
        _sweep(request, clock.now(), dry=False)
        _look(request, planned)
    spent = _spent(request, planned, clock.now(), leaving if call.check_mode else set())
    if not call.check_mode:
        remove_contents(spent)
    return _outcome(planned, spent)


def _spent(request: Request, planned: _Plan, now: datetime.datetime, leaving: t.Collection[str]) -> Spent:
    """Contents of buckets are shared by snapshots, so they go when the last one of these is gone."""
    if request.kind != naming.OBJECTS:
        return Spent()
    grace = datetime.timedelta(seconds=request.grace)
    return spent_contents(request.stores, request.portal, grace=grace, now=now, finished=planned.backups, leaving=leaving)


def _read_request(params: t.Mapping[str, t.Any]) -> Request:
    if not params["destinations"]:
        raise InputError("destinations is empty.", hint="Name the stores that hold the backups.")
    if params["grace"] < 3600:
        raise InputError(
            f"grace is {params['grace']}.", hint="Give at least 3600 seconds: parts of a backup that is being made must not be taken away."
        )
    policy = check_policy({rule: params[rule] for rule in RULES})
    stores = tuple(open_destinations(params["destinations"]))
    portal = naming.check_portal(params["portal"])
    return Request(portal, params["kind"], stores, policy, params["grace"], verifier(Commands(), params))


def _plan(request: Request, now: datetime.datetime) -> _Plan:
    """Every store must be readable: what cannot be seen could be the reason to keep something."""
    catalog = read_catalog(request.stores, request.portal, request.kind, verifier=request.verifier)
    if request.kind == naming.OBJECTS:
        catalog = with_contents(catalog, request.stores, request.portal)
    by_id = {backup.id: backup for backup in catalog}
    settled = tuple(_respecting_locks(decision, by_id[decision.id], now) for decision in _decisions(request, catalog, now))
    uploads, warnings = _sweep(request, now, dry=True)
    doubts = [doubt for backup in catalog for doubt in backup.doubts]
    return _Plan(by_id, settled, (*_orphans(request, set(by_id), now), *uploads), (*doubts, *warnings))


def _decisions(request: Request, catalog: t.Sequence[Backup], now: datetime.datetime) -> list[Decision]:
    """Backups of different things are no reason to remove each other: each name in the manifests is judged by itself."""
    names = {backup.id: str(backup.manifest.get("name", "")) for backup in catalog}
    made = {
        decision.id: decision
        for name in set(names.values())
        for decision in plan([_held(backup) for backup in catalog if names[backup.id] == name], request.policy, now)
    }
    return [made[backup.id] for backup in catalog]


def _held(backup: Backup) -> Held:
    sound_in = frozenset(copy.store.url for copy in backup.sound)
    return Held(backup.id, backup.at, sound_in, backup.proof is not None, any(copy.known for copy in backup.copies))


def _respecting_locks(decision: Decision, backup: Backup, now: datetime.datetime) -> Decision:
    """What is locked in one store stays in all of them: a copy less would be no help to anybody."""
    if decision.kept:
        return decision
    moments = [copy.store.protected_until(key) for copy in backup.copies for key in _keys(copy.manifest, copy.sizes)]
    locked = [moment for moment in moments if moment is not None and moment > now]
    return dataclasses.replace(decision, reasons=(f"locked until {iso(max(locked))}",)) if locked else decision


def _keys(manifest: t.Mapping[str, t.Any], sizes: t.Mapping[str, int]) -> list[str]:
    """Our objects of one copy, in the order in which they go."""
    folder = naming.folder_of(manifest)
    names = sorted((name for name in sizes if naming.is_ours(name)), key=lambda name: (_FIRST.index(name) if name in _FIRST else 2, name))
    return [folder + name for name in names]


def _remove(backup: Backup) -> None:
    """The manifests of all stores, then everything else."""
    keys = [(copy.store, key) for copy in backup.copies for key in _keys(copy.manifest, copy.sizes)]
    for store, key in sorted(keys, key=lambda one: not one[1].endswith(naming.MANIFEST)):
        store.delete(key)


def _orphans(request: Request, backups: t.Collection[str], now: datetime.datetime) -> list[Orphan]:
    """Ours, in folders without a manifest in any store, older than the grace time by the clocks of writer, store and this host."""
    return [orphan for store in request.stores for orphan in _orphans_in(store, request, backups, now)]


def _orphans_in(store: Store, request: Request, backups: t.Collection[str], now: datetime.datetime) -> list[Orphan]:
    listing, grace = read_listing(store, request.portal, request.kind), datetime.timedelta(seconds=request.grace)
    found: list[tuple[datetime.datetime, Orphan]] = []
    for backup_id in sorted(set(listing) - set(backups_in(listing)) - set(backups)):
        objects = [stored for name, stored in listing[backup_id].items() if naming.is_ours(name)]
        newest = max([naming.moment_of(backup_id), *(stored.modified for stored in objects)])
        if newest < now - grace:
            found += [(newest, Orphan(store, stored.key, stored.size)) for stored in objects]
    if not found:
        return []
    oldest = clock_of(store, request.portal) - grace  # a host whose clock is ahead takes everything for old
    return [orphan for newest, orphan in found if newest < oldest]


def _sweep(request: Request, now: datetime.datetime, *, dry: bool) -> tuple[list[Orphan], list[str]]:
    """Parts that were never put together, and where they could not be looked for, which stops nothing else."""
    before, prefixes = now - datetime.timedelta(seconds=request.grace), [naming.folder(request.portal, kind=request.kind)]
    if request.kind == naming.OBJECTS:
        prefixes.append(naming.contents_folder(request.portal))
    found: list[Orphan] = []
    warnings: list[str] = []
    for store in request.stores:
        try:
            keys = {key for prefix in prefixes for key in store.sweep(prefix, before, dry=dry)}
            found += [Orphan(store, key, 0, upload=True) for key in sorted(keys)]
        except WebopsError as exc:
            warnings.append(f"Unfinished uploads in {store.url} were not looked for: {exc}")
    return found, warnings


def _look(request: Request, planned: _Plan) -> None:
    """What was removed is gone, and what was to be kept is there."""
    left = {backup_id for store in request.stores for backup_id in backups_in(read_listing(store, request.portal, request.kind))}
    gone = {backup.id for backup in planned.leaving}
    kept = {decision.id for decision in planned.decisions if decision.kept}
    if gone & left:
        raise WebopsError(f"{', '.join(sorted(gone & left))} was removed, but is still there.", hint="Look at the rights of the key.")
    if kept - left:
        raise WebopsError(
            f"{', '.join(sorted(kept - left))} was to be kept, but is gone.", hint="Somebody else removed it meanwhile; find out who."
        )


def _outcome(planned: _Plan, spent: Spent) -> Outcome:
    kept = [decision for decision in planned.decisions if decision.kept]
    removed = planned.leaving
    ids, orphans = [decision.id for decision in planned.decisions], [orphan.key for orphan in planned.orphans]
    before = {"backups": ids, "orphans": orphans, "contents": spent.total}
    after = {"backups": [decision.id for decision in kept], "orphans": [], "contents": spent.total - len(spent.objects)}
    freed = [copy.sizes[name] for backup in removed for copy in backup.copies for name in copy.sizes if naming.is_ours(name)]
    values = {
        "kept": [{"id": one.id, "at": _at(planned, one.id), "reasons": list(one.reasons)} for one in kept],
        "removed": [{"id": one.id, "at": iso(one.at), "stores": [copy.store.url for copy in one.copies]} for one in removed],
        "orphans": [orphan.shown() for orphan in planned.orphans],
        "contents_removed": len(spent.objects),
        "freed_bytes": sum(freed) + sum(orphan.size for orphan in planned.orphans) + spent.bytes,
    }
    return Outcome(before, after, values, (*planned.warnings, *spent.warnings))


def _at(planned: _Plan, backup_id: str) -> str:
    return iso(planned.backups[backup_id].at)
