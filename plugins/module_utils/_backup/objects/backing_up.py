# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of object_backup: read, plan, write, look again."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.asking import BackupRequest, read_request
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import Index
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.past import Past, read_index, read_past
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.planning import Changes, changes, plan
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.shown import described
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.transfer import Counter
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.writing import Writer
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import Verifier
from ansible_collections.holdfast.webops.plugins.module_utils._backup.surveying import SKEW, Survey, look_again, survey, warnings_of
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock, iso_exact
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoredObject


@dataclasses.dataclass(frozen=True)
class _Before:
    """What is there: snapshots in the destinations, and objects in the source. `newest` is the snapshot before, with its index."""

    counts: dict[str, int]
    present: tuple[StoredObject, ...]
    newest: Backup | None
    index: Index
    changes: Changes


def back_up(call: Call) -> Outcome:
    """Make a snapshot, unless nothing changed since the newest one, or it is young enough."""
    clock, commands = SystemClock(), Commands()
    request = read_request(call.params, commands)
    found = survey(request.stores, request.require, request.portal, naming.OBJECTS)
    readable = [store for store in request.stores if store.url in found.ids]
    past = read_past(readable, request.portal, _own_signature(request, commands))
    fresh = None if found.errors else _fresh(request, past, clock.now())
    if fresh is not None:
        return _outcome(_Before(found.counts, (), fresh, Index(), Changes(0, 0, 0)), fresh)
    at = iso_exact(clock.now())
    before = _look_at_source(request, past, found)
    if not found.errors and _unchanged(request, past, before):
        return _outcome(before, before.newest)
    if call.check_mode:
        return _outcome(before, None, {url: count + 1 for url, count in before.counts.items()})
    snapshot = Writer(request, past, before.present, at, call, clock, commands).write(found.errors)
    backup = look_again(request.stores, snapshot.written)
    call.log(f"snapshot {backup.id} of {request.name} of portal {request.portal} written")
    after = {url: count + (url not in snapshot.written.failures) for url, count in before.counts.items()}
    return _outcome(before, backup, after, snapshot.counter, warnings_of(snapshot.written))


def _own_signature(request: BackupRequest, commands: Commands) -> Verifier | None:
    """Who signs vouches for all that a snapshot relies on, so only what the same key has signed is relied on."""
    key = request.signing_key
    return None if key is None else Verifier(commands, (f"{request.portal} {key.public}",), refuse=True)


def _fresh(request: BackupRequest, past: Past, now: datetime.datetime) -> Backup | None:
    """The newest snapshot, if it is complete and not older than max_age."""
    newest = past.newest(request.name)
    if newest is None or request.max_age is None or newest.state != "complete":
        return None
    return newest if -SKEW <= now - newest.at <= datetime.timedelta(seconds=request.max_age) else None


def _look_at_source(request: BackupRequest, past: Past, found: Survey) -> _Before:
    """The listing of the source beside the newest snapshot."""
    present = tuple(request.source.list())
    newest = past.newest(request.name)
    index = Index() if newest is None else read_index(newest)
    return _Before(found.counts, present, newest, index, changes(present, index, request.digests))


def _unchanged(request: BackupRequest, past: Past, before: _Before) -> bool:
    """Whether a new snapshot would be the newest one again: same objects, complete everywhere, all contents there, same recipients."""
    newest = before.newest
    if newest is None or newest.state != "complete" or before.changes.any or request.reuse != "unchanged":
        return False
    usable = past.usable([before.index], request.recipients)
    return not plan(before.present, before.index, usable, request.digests, request.reuse).reading


def _outcome(
    before: _Before,
    backup: Backup | None,
    after: dict[str, int] | None = None,
    counter: Counter | None = None,
    warnings: tuple[str, ...] = (),
) -> Outcome:
    """Without `after` nothing changed. Objects of the diff are those of the newest snapshot."""
    held = 0 if before.newest is None else int(before.newest.manifest["content"]["objects"])
    found = {"snapshots": before.counts, "objects": held}
    left = found
    if after is not None:
        left = {"snapshots": after, "objects": len(before.present) if backup is None else int(backup.manifest["content"]["objects"])}
    counted = counter or Counter()
    values = {
        "backup": None if backup is None else described(backup),
        "changes": dataclasses.asdict(before.changes),
        "transferred": {
            "objects_read": counted.objects,
            "bytes_read": counted.bytes,
            "contents_stored": counted.contents,
            "bytes_stored": counted.stored,
        },
    }
    return Outcome(t.cast("dict[str, t.Any]", found), t.cast("dict[str, t.Any]", left), values, warnings)
