# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind backup: is there a backup that is young enough, and one that was proven by a restore?"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, backups_in, read_copy, read_listing
from ansible_collections.holdfast.webops.plugins.module_utils._backup.naming import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.store import BackupTarget
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store


def prepare(target: BackupTarget) -> None:
    """InputError for a URL that names no store, and for a name that no portal has."""
    check_portal(target.portal)
    open_store(target.url, target.options)


def look(target: BackupTarget, deadline: Deadline, clock: Clock) -> Finding:
    """Read manifests and proofs, newest first, as far as needed; a damaged backup counts as none.

    Not by read_catalog: its threads would keep the process alive beyond the deadline where a store hangs.
    """
    figures: dict[str, t.Any] = {"newest_hours": None, "proven_hours": None, "backups": None}
    store = open_store(target.url, target.options)
    try:
        found = _find(store, target, deadline)
    except WebopsError as exc:
        return Finding("", problems=(exc.message.rstrip("."),), figures=figures, evidence=Evidence(value=store.url))
    figures["backups"] = found.listed - found.damaged
    figures["newest_hours"] = _age(found.newest, clock.now())
    figures["proven_hours"] = _age(found.proven, clock.now())
    named = [f"{word} {backup.id}" for word, backup in (("newest", found.newest), ("proven", found.proven)) if backup]
    warnings = (f"{found.damaged} newer ones cannot be used",) if found.damaged and found.newest else ()
    problems = tuple(_problems(target, found, late=deadline.expired))
    return Finding(_seen(found), problems, warnings, figures=figures, evidence=Evidence(value=", ".join(named) or None))


@dataclasses.dataclass
class _Found:
    """`damaged` are those among the ones that were read."""

    listed: int = 0
    damaged: int = 0
    newest: t.Optional[Backup] = None
    proven: t.Optional[Backup] = None


def _find(store: Store, target: BackupTarget, deadline: Deadline) -> _Found:
    listing = backups_in(read_listing(store, target.portal))
    found = _Found(listed=len(listing))
    for backup_id, objects in sorted(listing.items(), reverse=True):
        if deadline.expired:
            break
        backup = Backup(backup_id, (read_copy(store, target.portal, backup_id, objects),), ())
        if not backup.sound:
            found.damaged += 1
            continue
        found.newest = found.newest or backup
        if not target.require_proof:
            break
        if backup.proof:
            found.proven = backup
            break
    return found


def _age(backup: t.Optional[Backup], now: datetime.datetime) -> t.Optional[float]:
    return round((now - backup.at).total_seconds() / 3600, 2) if backup else None


def _seen(found: _Found) -> str:
    words = f"the newest backup is of {iso(found.newest.at)}" if found.newest else "there is no backup"
    return f"{words}, the newest proven one of {iso(found.proven.at)}" if found.proven else words


def _problems(target: BackupTarget, found: _Found, *, late: bool) -> t.Iterator[str]:
    reservation = " among those that could be read in time" if late else ""
    if found.newest is None:
        yield f"there is no usable backup of {target.portal} in {target.url}{reservation}"
    elif found.proven is None and target.require_proof:
        yield f"no backup of {target.portal} in {target.url} was proven by a restore{reservation}"
