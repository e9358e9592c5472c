# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of `supabase_bucket`: a list of buckets, reconciled through the project's own storage API."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, DeadlineError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted_options import checked_address, checked_times, checked_token
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._core.pacing import Pace
from ansible_collections.holdfast.webops.plugins.module_utils._supabase import buckets, keys
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.buckets import Change, Wanted
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import checked_ref, open_project
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.storage_api import ABOUT_KEYS, StorageApi

# A lost answer is followed by another look and another plan.
ROUNDS = 3
Present = dict[str, dict[str, t.Any]]


def reconcile(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """Bring the buckets to what the task lists."""
    wanted = buckets.wanted_from(call.params["buckets"])
    api = _open(call, clock or SystemClock())
    before = buckets.present_from(api.buckets())
    changes = buckets.plan(before, wanted)
    _refuse_full(api, changes, may_empty=call.params["delete_objects"])
    if call.check_mode:
        after = {bucket.name: buckets.settled(before, bucket) for bucket in wanted}
    else:
        present = _carry_out(api, before, changes, wanted)
        after = {bucket.name: present.get(bucket.name) for bucket in wanted}
    seen = {bucket.name: before.get(bucket.name) for bucket in wanted}
    return Outcome(seen, after, {"buckets": after, "unlisted": sorted(before.keys() - after.keys())})


def _open(call: Call, clock: Clock) -> StorageApi:
    """A session with the storage; the key comes from the Management API where none was given."""
    params = call.params
    checked_times(params, ("wait_timeout", "request_timeout"))
    ref = checked_ref(params["project_ref"])
    url = checked_address("project_url", params["project_url"].replace("<project_ref>", ref), f"https://{ref}.supabase.co")
    if params["service_key"]:
        key = checked_token("service_key", params["service_key"], ABOUT_KEYS)
    else:
        key = keys.service_key(open_project(params, clock), call.mask)
    return StorageApi(url, key, params["request_timeout"], clock, Deadline(clock, params["wait_timeout"]))


def _refuse_full(api: StorageApi, changes: t.Sequence[Change], *, may_empty: bool) -> None:
    full = [change.name for change in changes if change.action == "delete" and not may_empty and api.holds_objects(change.name)]
    if full:
        raise ConflictError(
            f"buckets: {', '.join(full)} shall be absent and still holds objects.",
            hint="Say delete_objects: true if they shall be gone for good. Nothing was touched.",
        )


def _carry_out(api: StorageApi, present: Present, changes: list[Change], wanted: t.Sequence[Wanted]) -> Present:
    """Carry out the changes, look again and plan again, until nothing is left to do."""
    for _round in range(ROUNDS):
        if not changes:
            return present
        for change in changes:
            with contextlib.suppress(LostAnswerError):  # the next look tells what was done
                _apply(api, change)
        present = buckets.present_from(api.buckets())
        changes = buckets.plan(present, wanted)
    if changes:
        raise ConflictError(
            f"Supabase took the buckets, but shows others: {', '.join(change.name for change in changes)}.",
            hint="The project's own limit of the file size may be lower, or somebody else changes them at the same time.",
        )
    return present


def _apply(api: StorageApi, change: Change) -> None:
    if change.action == "create":
        api.create(change.name, dict(change.settings))
    elif change.action == "update":
        api.update(change.name, dict(change.settings))
    else:
        _remove(api, change.name)


def _remove(api: StorageApi, name: str) -> None:
    """Emptying goes on after its answer, and a bucket is only removed when nothing is left."""
    pace = Pace(api, 0.2, 1.5, 5.0)
    if api.holds_objects(name):
        api.empty(name)
    while api.holds_objects(name):
        if not pace.goes_on():
            raise DeadlineError(f"The bucket {name} is not empty yet.", hint="Run the task again, or raise wait_timeout.")
    api.delete(name)
