# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prove that a snapshot can be restored and equals its source: into a place that is emptied again.

A proof is a small object beside the manifest, in every destination that holds the snapshot (format 1):

    format, id, at        its own name and the moment when the comparison ended
    portal, name, backup  what was proven
    equal                 true
    objects, bytes        what was restored, listed again, read back and compared by SHA-256
    target                the bucket it was restored into, null for a folder of its own
    duration_s            all in all
"""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import canonical
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.copying import Copying
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.restore_planning import plan_restore
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.scratch_bucket import ScratchBucket
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.session import RestoreSession, present_in
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.shown import described, described_proof
from ansible_collections.holdfast.webops.plugins.module_utils._backup.scratch import free_room, private_folder
from ansible_collections.holdfast.webops.plugins.module_utils._backup.telling import Teller
from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_size, as_transfer
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Bucket

FORMAT = 1


def prove(session: RestoreSession) -> Outcome:
    """Restore and compare unless a proof that is young enough is there."""
    backup, wanted = session.backup, {"backup": session.backup.id, "proof": "valid"}
    state = _state_of_proof(session)
    if state == "valid":
        return outcome_of(session, wanted, wanted)
    before = {"backup": backup.id, "proof": state}
    if session.call.check_mode:
        check_place(session)
        return outcome_of(session, before, wanted)
    return outcome_of(session, before, wanted, prove_anew(session))


def prove_anew(session: RestoreSession) -> dict[str, t.Any]:
    """Restore, compare, remove; the proof, written beside every sound copy."""
    backup, began = session.backup, session.clock.monotonic()
    with _place(session) as target:
        _compare(session, target)
    proof = _proof(session, round(session.clock.monotonic() - began, 3))
    key = f"{naming.folder_of(backup.manifest)}{proof['id']}.json"
    for store in session.shelf.stores:
        store.create(key, canonical(proof))
    seen = read_catalog(session.shelf.stores, backup.manifest["portal"], naming.OBJECTS, only=backup.id)
    if not seen or not seen[0].is_proven_by(proof):
        raise WebopsError(f"The proof {proof['id']} was written, but is not there when looked at.")
    session.call.log(f"snapshot {backup.id} of portal {backup.manifest['portal']} proven")
    return proof


def _state_of_proof(session: RestoreSession) -> str:
    if session.backup.proof is None:
        return "none"
    age = (session.clock.now() - parse_iso(session.backup.proof["at"])).total_seconds()
    limit = session.call.params["proof_max_age"]
    return "valid" if limit is None or age <= limit else "too old"


def check_place(session: RestoreSession) -> None:
    """Where it goes has to be empty, or to have room."""
    if session.target is None:
        needed, free = int(session.backup.manifest["content"]["bytes"]), free_room(session.call.params["scratch_dir"])
        if needed > free:
            raise InputError(
                f"scratch_dir has {as_size(free)} free, the snapshot needs {as_size(needed)}.",
                hint="Name another one, or an empty bucket as target.",
            )
    elif present_in(session.target):
        raise InputError(
            f"{session.target.url} is not empty; what a proof restores is removed again.", hint="Name an empty bucket or prefix."
        )


@contextlib.contextmanager
def _place(session: RestoreSession) -> t.Iterator[Bucket]:
    """Where it is restored to; nothing of it is left there."""
    check_place(session)
    if session.target is not None:
        try:
            yield session.target
        finally:
            ours = {entry.key for entry in session.shelf.entries}
            Copying(session, session.target).remove_all(sorted(ours & set(present_in(session.target))))
        return
    with private_folder(session.call.params["scratch_dir"], "objects") as folder:
        yield ScratchBucket(f"{folder}/bucket")


def _compare(session: RestoreSession, target: Bucket) -> None:
    """Restore all of it, then list and read what is there now."""
    session.shelf.load()
    entries, size = session.shelf.entries, int(session.backup.manifest["content"]["bytes"])
    copying, comparing = Copying(session, target), Copying(session, target)
    teller = Teller(session.call.progress, session.clock)
    with teller.saying(
        lambda seconds: f"Restoring: {copying.objects} of {len(entries)} objects, {as_transfer(copying.bytes, size, seconds)}"
    ):
        copying.put_all(entries)
    present = present_in(target)
    with teller.saying(
        lambda seconds: f"Comparing: {comparing.objects} of {len(entries)} objects, {as_transfer(comparing.bytes, size, seconds)}"
    ):
        equal = comparing.equal(entries, present)
    left = plan_restore(entries, present, equal, "", remove_others=True)
    if left.any:
        wrong = [*(entry.key for entry in left.putting), *left.remove]
        raise WebopsError(
            f"What was restored is not what was backed up: {len(wrong)} objects differ, such as {wrong[0]}.",
            hint="Keep the snapshot, use another, and find out why.",
        )


def _proof(session: RestoreSession, duration: float) -> dict[str, t.Any]:
    moment, manifest = session.clock.now(), session.backup.manifest
    return {
        "format": FORMAT,
        "id": naming.proof_name(moment)[: -len(".json")],
        "at": iso(moment),
        "portal": manifest["portal"],
        "name": manifest["name"],
        "backup": manifest["id"],
        "equal": True,
        "objects": len(session.shelf.entries),
        "bytes": sum(entry.size for entry in session.shelf.entries),
        "target": None if session.target is None else session.target.url,
        "duration_s": duration,
    }


def outcome_of(
    session: RestoreSession, before: dict[str, t.Any], after: dict[str, t.Any], proof: dict[str, t.Any] | None = None
) -> Outcome:
    """In check mode `plan` is what a real run would restore."""
    content = session.backup.manifest["content"]
    writing = before != after
    plan = {
        "objects": content["objects"],
        "write": content["objects"] if writing else 0,
        "write_bytes": content["bytes"] if writing else 0,
        "replace": 0,
        "remove": 0,
        "unchanged": 0,
    }
    shown = described(session.backup)
    newest = described_proof(proof) or shown["proof"]
    values = {"backup": {**shown, "proof": newest}, "plan": plan, "proof": newest, "rehearsal": None}
    return Outcome(before, after, values, session.doubts)
