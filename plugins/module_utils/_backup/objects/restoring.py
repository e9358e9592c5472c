# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of object_restore: a snapshot into a bucket, or a proof that it can be restored."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.copying import Copying
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.proving import prove
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.rehearsing import rehearse
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.restore_planning import RestorePlan, plan_restore
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.session import RestoreSession, present_in, session_for
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.shown import described
from ansible_collections.holdfast.webops.plugins.module_utils._backup.telling import Teller
from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_transfer
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Bucket
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoredObject

SHOWN_NAMES = 3


def run(call: Call) -> Outcome:
    """Do what `state` says."""
    if call.params["state"] == "rehearsed":
        return rehearse(call)
    session = session_for(call)
    if session.target is None or call.params["state"] == "proven":
        return prove(session)
    return restore(session, session.target)


def restore(session: RestoreSession, target: Bucket) -> Outcome:
    """Make the target hold what the snapshot has. Whatever it has already is left alone."""
    planned, present = _plan(session, target)
    _check_confirmed(session, target, planned, present)
    before, after = _states(target, planned)
    if planned.any and not session.call.check_mode:
        _apply(session, target, planned)
        left, _present = _plan(session, target)
        if left.any:
            raise WebopsError(
                f"{target.url} was written, but does not hold the snapshot: somebody changes it.", hint="Run it again when it is at rest."
            )
        session.call.log(f"{target.url} restored from snapshot {session.backup.id}")
    values = {"backup": described(session.backup), "plan": planned.shown(), "proof": None, "rehearsal": None}
    return Outcome(before, after, values, session.doubts)


def _plan(session: RestoreSession, target: Bucket) -> tuple[RestorePlan, dict[str, StoredObject]]:
    entries = [entry for entry in session.shelf.entries if entry.key.startswith(session.prefix)]
    if not entries and session.prefix:
        raise InputError(
            f"The snapshot {session.backup.id} has nothing that begins with prefix '{session.prefix}'.", hint="Look at its listing."
        )
    session.shelf.load()
    present = present_in(target)
    comparing = Copying(session, target)
    total = sum(entry.size for entry in entries if entry.key in present)
    with Teller(session.call.progress, session.clock).saying(
        lambda seconds: f"Comparing: {comparing.objects} objects, {as_transfer(comparing.bytes, total, seconds)}"
    ):
        equal = comparing.equal(entries, present)
    remove_others = bool(session.call.params["remove_others"])
    return plan_restore(entries, present, equal, session.prefix, remove_others=remove_others), present


def _check_confirmed(session: RestoreSession, target: Bucket, planned: RestorePlan, present: t.Mapping[str, StoredObject]) -> None:
    if not planned.any or not present or session.call.params["confirm"] is not None:
        return
    shown = ", ".join(sorted(present)[:SHOWN_NAMES])
    raise InputError(
        f"{target.url} is not empty: it has {len(present)} objects, such as {shown}. {len(planned.replace)} of them would be replaced.",
        hint=f"Name an empty bucket or prefix, or set confirm to {session.call.params['target']['store']} if you mean it.",
    )


def _states(target: Bucket, planned: RestorePlan) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """Of the diff: how many objects are what the snapshot says, and how many are not."""
    wrong = len(planned.replace) + len(planned.remove)
    total = len(planned.putting) + planned.unchanged
    before = {"target": target.url, "as_in_snapshot": planned.unchanged, "absent": len(planned.write), "different": wrong}
    return before, {"target": target.url, "as_in_snapshot": total, "absent": 0, "different": 0}


def _apply(session: RestoreSession, target: Bucket, planned: RestorePlan) -> None:
    copying = Copying(session, target)
    with Teller(session.call.progress, session.clock).saying(
        lambda seconds: (
            f"Restoring: {copying.objects} of {len(planned.putting)} objects, {as_transfer(copying.bytes, planned.bytes, seconds)}"
        )
    ):
        copying.put_all(planned.putting)
    copying.remove_all(planned.remove)
