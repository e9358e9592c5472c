# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prove that a backup can be restored and equals its source: into a scratch database that is thrown away.

A proof is a small object beside the manifest, in every destination that holds the backup (format 1):

    format, id, at        its own name and the moment when the comparison ended
    portal, backup        what was proven
    equal                 true
    level                 how closely: full, sample, counts or none (see the manifest's fingerprint)
    schema_compared       whether the schema was part of it (not across versions of pg_dump or server)
    store                 where the archive was read from
    server, client        versions that did it; `own`: a server that was started for it and thrown away
    tables, rows, bytes   what was restored
    duration_s            all in all; `durations` has restore and compare
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.filling import (
    Restored,
    drop_leftovers,
    restore_and_compare,
    scratch_name,
)
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import canonical
from ansible_collections.holdfast.webops.plugins.module_utils._backup.session import Server, Session, shown_choice
from ansible_collections.holdfast.webops.plugins.module_utils._backup.shown import described, described_proof
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.databases import Shape, drop_database, hold_lock
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.target import check_scratch_rights

T = t.TypeVar("T")
FORMAT = 1
PROOF = "proof"  # in the names of scratch databases
# A proof is about content: who owns it, and which roles exist on the scratch server, does not matter.
OWNERSHIP = ("--no-owner", "--no-privileges")


def prove(session: Session) -> Outcome:
    """Restore and compare unless a proof that is young enough is there."""
    request, backup = session.request, session.backup
    wanted = {"backup": backup.id, "proof": "valid"}
    state = _state_of_proof(backup, request.proof_max_age, session.clock.now())
    if state == "valid":
        return _outcome(session, backup, wanted, wanted)
    before = {"backup": backup.id, "proof": state}
    with session.server() as server:
        check_scratch_rights(server.target)
        if session.call.check_mode:
            return _outcome(session, backup, before, wanted)
        proof, restored, _nothing = prove_in(session, server, lambda _name: None)
    return _outcome(session, publish(session, proof), before, wanted, restored)


def _state_of_proof(backup: Backup, max_age: float | None, now: datetime.datetime) -> str:
    if backup.proof is None:
        return "none"
    age = (now - parse_iso(backup.proof["at"])).total_seconds()
    return "valid" if max_age is None or age <= max_age else "too old"


def prove_in(
    session: Session, server: Server, examine: t.Callable[[str], T], kind: str = PROOF, *, keep: bool = False
) -> tuple[dict[str, t.Any], Restored, T]:
    """Restore and compare; the proof, not yet written. `examine` gets the name of the scratch database while it is there.

    With `keep` the database stays when all went well, for whoever removes databases of this `kind`. On a server of our own it is
    not removed: that goes as a whole, which is quicker.
    """
    request, admin = session.request, server.admin
    hold_lock(admin, f"proving backups of database {request.database}")
    drop_leftovers(admin, request.database, kind)
    source = session.manifest["database"]
    shape = Shape(None, source["encoding"], source["collation"], source["character_type"])
    plan = session.plan(server, OWNERSHIP)
    name, kept = scratch_name(request.database, kind, session.clock.now()), False
    goes_with_its_server = request.database_url is None
    try:
        restored = restore_and_compare(plan, name, shape)
        duration = round(session.clock.monotonic() - server.began, 3)
        seen = examine(name)
        kept = keep
    finally:
        if not kept and not goes_with_its_server:
            drop_database(admin, name)
    return _proof(session, server, restored, duration), restored, seen


def _proof(session: Session, server: Server, restored: Restored, duration: float) -> dict[str, t.Any]:
    moment = session.clock.now()
    return {
        "format": FORMAT,
        "id": naming.proof_name(moment)[: -len(".json")],
        "at": iso(moment),
        "portal": session.request.portal,
        "backup": session.backup.id,
        "equal": True,
        "level": session.backup.manifest["fingerprint"]["level"],
        "schema_compared": restored.schema_compared,
        "store": restored.store,
        "server": {"major": server.target.server_major, "own": session.request.database_url is None},
        "client": {"version": server.client.version},
        "tables": restored.tables,
        "rows": restored.rows,
        "bytes": restored.size,
        "duration_s": duration,
        "durations": {"restore": restored.restore_s, "compare": restored.compare_s},
    }


def publish(session: Session, proof: t.Mapping[str, t.Any]) -> Backup:
    """Write a proof beside each sound copy; the backup as it is there then."""
    backup, portal = session.backup, session.request.portal
    key = f"{naming.folder(portal, backup.id)}{proof['id']}.json"
    for copy in backup.sound:
        copy.store.create(key, canonical(proof))
    seen = read_catalog([copy.store for copy in backup.sound], portal, only=backup.id)
    if not seen or not seen[0].is_proven_by(proof):
        raise WebopsError(f"The proof {proof['id']} was written, but is not there when looked at.")
    session.call.log(f"backup {backup.id} of portal {portal} proven")
    return dataclasses.replace(seen[0], missing=backup.missing)


def _outcome(
    session: Session, backup: Backup, before: dict[str, t.Any], after: dict[str, t.Any], restored: Restored | None = None
) -> Outcome:
    comparisons = [dataclasses.asdict(one) for one in restored.comparisons] if restored else []
    proof = described_proof(backup.proof)
    values = {**shown_choice(session), "backup": described(backup), "proof": proof, "restored": None, "comparisons": comparisons}
    return Outcome(before, after, values, restored.warnings if restored else ())
