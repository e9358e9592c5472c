# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which backup is restored, and what is known of it: how large it is, and how long it will take by past runs."""

from __future__ import annotations

import dataclasses
import datetime
import statistics
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.asking import CHOICES, RestoreRequest
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, choose, read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.dump_files import read_file
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_identity_file
from ansible_collections.holdfast.webops.plugins.module_utils._backup.scratch import free_room
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import Verifier
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import Supply, of_backup
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client


@dataclasses.dataclass(frozen=True)
class Chosen:
    """What is restored. `backup` is None for a file; `catalog` has all backups of the portal, for their proofs,
    and `unread` is said of stores that could not be read."""

    id: str
    manifest: dict[str, t.Any]
    supply: Supply
    backup: Backup | None
    catalog: tuple[Backup, ...]
    unread: tuple[str, ...] = ()


def choose_for(
    request: RestoreRequest, verifier: Verifier | None, commands: Commands, clients: t.Sequence[Client], deadline: Deadline
) -> Chosen:
    """Find it; NotFoundError where there is none, InputError where its key is missing."""
    if request.archive is not None:
        manifest, supply = read_file(request.archive, request.identity_file, commands, clients, deadline)
        return Chosen(manifest["id"], manifest, supply, None, ())
    unread: list[str] = []
    catalog = read_catalog(request.stores, request.portal, verifier=verifier, unread=unread)
    chosen = of_catalog(choose_backup(catalog, request.backup), catalog, request.identity_file)
    return dataclasses.replace(chosen, unread=tuple(unread))


def of_catalog(backup: Backup, catalog: t.Sequence[Backup], identity_file: str | None) -> Chosen:
    """This backup; InputError where its key is missing."""
    key_file = check_identity_file(identity_file) if backup.manifest["archive"]["encrypted"] else ""
    return Chosen(backup.id, backup.manifest, of_backup(backup, key_file), backup, tuple(catalog))


def choose_backup(catalog: t.Sequence[Backup], wanted: str) -> Backup:
    """The backup that `latest`, `latest_proven`, an id or a time names; a time means the newest one from before it."""
    if wanted in CHOICES or naming.is_id(wanted):
        return choose(catalog, wanted)
    return _before(catalog, parse_iso(wanted))


def _before(catalog: t.Sequence[Backup], moment: datetime.datetime) -> Backup:
    usable = [backup for backup in catalog if backup.sound]
    fitting = max((backup for backup in usable if backup.at <= moment), key=lambda backup: backup.at, default=None)
    if fitting is None:
        oldest = min((backup.at for backup in usable), default=None)
        known = f"The oldest usable one is of {iso(oldest)}." if oldest else "There is none at all."
        raise NotFoundError(
            f"No usable backup from before {iso(moment)} was found. {known}", hint="pg_backup_info and config_backup_info list them all."
        )
    return fitting


def outlook(chosen: Chosen, request: RestoreRequest, *, streamed: bool) -> dict[str, t.Any]:
    """The documented value `plan`: sizes in bytes, and seconds by the proofs of the past (None while there is none)."""
    size = chosen.manifest["database"]["size"]
    seconds_per_byte = _speed(chosen.catalog)
    return {
        "stored_bytes": chosen.supply.size,
        "database_bytes": size or None,
        "scratch_bytes": 0 if streamed else chosen.supply.size,
        "scratch_free_bytes": None if streamed else free_room(request.scratch_dir),
        "estimate_s": None if seconds_per_byte is None or not size else round(seconds_per_byte * size, 1),
        "past_runs": len(_past(chosen.catalog)),
    }


def _past(catalog: t.Sequence[Backup]) -> list[tuple[float, int]]:
    proofs = [proof for backup in catalog for copy in backup.copies[:1] for proof in copy.proofs if proof.get("equal")]
    return [(proof["duration_s"], proof["bytes"]) for proof in proofs if proof.get("bytes") and proof.get("duration_s")]


def _speed(catalog: t.Sequence[Backup]) -> float | None:
    """Seconds per byte on the server, the median of past proofs."""
    past = _past(catalog)
    return statistics.median(seconds / size for seconds, size in past) if past else None
