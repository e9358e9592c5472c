# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which stored contents no snapshot needs any more, and their removal.

Called after the manifests of snapshots were removed. First the claims of running backups are looked for, then the snapshots that are
left: a backup that finished in between shows its snapshot, one that is at work its claim, and one that begins later sees only
snapshots that are left here too. So nothing goes that a snapshot relies on, or will.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, Listing, read_catalog, read_listing
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import index_from
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.sealed import read_checked
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.together import side_by_side
from ansible_collections.holdfast.webops.plugins.module_utils._backup.store_clock import clock_of
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store, StoredObject

WORKERS = 32


@dataclasses.dataclass(frozen=True)
class Spent:
    """Contents that can go, by store; how many there are in all, and why others stay that no snapshot needs."""

    objects: tuple[tuple[Store, StoredObject], ...] = ()
    total: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        return sum(stored.size for _store, stored in self.objects)


def spent_contents(
    stores: t.Sequence[Store],
    portal: str,
    *,
    grace: datetime.timedelta,
    now: datetime.datetime,
    finished: t.Collection[str],
    leaving: t.Collection[str],
) -> Spent:
    """`finished` are runs that are known to have ended with a snapshot, `leaving` snapshots that count as removed already.

    Contents of other runs stay while they are younger than `grace` by the clocks of who wrote them, of the store and of this host.
    """
    listings = [read_listing(store, portal, naming.OBJECTS) for store in stores]
    claims = _claims(listings)
    # By the slowest of all clocks, so that one that is ahead takes no backup for dead.
    slowest = min([now, *(clock_of(store, portal) for store in stores)]) if claims else now
    running = {run for run, claimed in claims.items() if claimed >= slowest - grace}
    snapshots = [one for one in read_catalog(stores, portal, naming.OBJECTS) if one.id not in leaving]
    held = [(store, stored) for store in stores for stored in store.list(naming.contents_folder(portal))]
    if running:
        return Spent((), len(held), (f"Contents stay while a backup is running ({', '.join(sorted(running))}); the next run looks again.",))
    try:
        needed = {name for names in side_by_side(_needs, snapshots, WORKERS) for name in names}
    except WebopsError as exc:
        return Spent((), len(held), (f"No contents are removed, because nobody knows what a snapshot needs: {exc}",))
    start = len(naming.contents_folder(portal))
    unneeded = [(store, stored) for store, stored in held if stored.key[start:] not in needed and _is_ours(stored.key[start:])]
    old = [one for store in stores for one in _old_enough(store, portal, unneeded, finished, now, grace)]
    locked = _locked(old, now)
    warnings = (f"{len(locked)} contents that no snapshot needs are locked and stay.",) if locked else ()
    return Spent(tuple(one for one in old if one[1].key not in locked), len(held), warnings)


def remove_contents(spent: Spent) -> None:
    """Many at once; the first error ends it, and the next run goes on."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda one: one[0].delete(one[1].key), spent.objects))


def _claims(listings: t.Sequence[Listing]) -> dict[str, datetime.datetime]:
    """Runs that have claimed and not finished, and when; one that was killed leaves its claim behind."""
    done = {run for listing in listings for run, objects in listing.items() if naming.MANIFEST in objects}
    found: dict[str, datetime.datetime] = {}
    for listing in listings:
        for run, objects in listing.items():
            if naming.CLAIM in objects and run not in done:
                found[run] = max(objects[naming.CLAIM].modified, naming.moment_of(run), found.get(run, naming.moment_of(run)))
    return found


def _needs(snapshot: Backup) -> t.Iterable[str]:
    """Contents of a snapshot, damaged or not: what is left of it may still be of use."""
    index = snapshot.manifest.get("index")
    if index is None:
        raise WebopsError(f"the manifest of {snapshot.id} cannot be read.")
    stores = [copy.store for copy in snapshot.copies]
    return index_from(
        read_checked(stores, naming.folder_of(snapshot.manifest) + index["name"], index["sha256"]), f"The index of {snapshot.id}"
    ).contents


def _is_ours(name: str) -> bool:
    """Whether object_backup writes contents of that name."""
    run, _slash, file = name.partition("/")
    plain = file[: -len(".age")] if file.endswith(".age") else file
    return naming.is_id(run) and (plain.isdigit() or plain == "details.jsonl.gz")


def _old_enough(
    store: Store,
    portal: str,
    unneeded: t.Sequence[tuple[Store, StoredObject]],
    finished: t.Collection[str],
    now: datetime.datetime,
    grace: datetime.timedelta,
) -> list[tuple[Store, StoredObject]]:
    start = len(naming.contents_folder(portal))
    own = [stored for one, stored in unneeded if one is store]
    runs = {stored.key: stored.key[start:].partition("/")[0] for stored in own}
    newest = {stored.key: max(stored.modified, naming.moment_of(runs[stored.key])) for stored in own}
    of_finished = [stored for stored in own if runs[stored.key] in finished]
    others = [stored for stored in own if runs[stored.key] not in finished and newest[stored.key] < now - grace]
    if others:
        oldest = clock_of(store, portal) - grace  # a host whose clock is ahead takes everything for old
        others = [stored for stored in others if newest[stored.key] < oldest]
    return [(store, stored) for stored in [*of_finished, *others]]


def _locked(objects: t.Sequence[tuple[Store, StoredObject]], now: datetime.datetime) -> set[str]:
    """Keys that one of the stores does not give away yet: they stay in all of them."""

    def until(one: tuple[Store, StoredObject]) -> datetime.datetime | None:
        return one[0].protected_until(one[1].key)

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        moments = list(pool.map(until, objects))
    return {stored.key for (_store, stored), moment in zip(objects, moments) if moment is not None and moment > now}
