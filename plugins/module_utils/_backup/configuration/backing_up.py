# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of config_backup: look at everything, compare, then store and commit what has changed."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.collecting import Content, collect, openly
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.committing import Clone, Proposal, clone_for, push_all
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.comparing import differences
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.entries import Entry
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.request import ConfigRequest, read_request
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.shown import described_configuration
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.storing import store_archive, why_store
from ansible_collections.holdfast.webops.plugins.module_utils._backup.surveying import Survey, look_again, survey, warnings_of
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome


@dataclasses.dataclass(frozen=True)
class _Stored:
    """The half in the stores: how many backups were and are there, the one that counts, and why it is a new one."""

    before: dict[str, int]
    after: dict[str, int]
    backup: Backup | None
    reason: str | None
    warnings: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class _Committed:
    """The half in git: the documented value `git`, and what differs."""

    values: dict[str, t.Any] | None = None
    before: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    after: dict[str, t.Any] = dataclasses.field(default_factory=dict)


def back_up(call: Call) -> Outcome:
    """The commit is prepared before the archive is stored, and pushed after it: what is wrong with the place has shown by then."""
    clock, commands = SystemClock(), Commands()
    request = read_request(call.params, commands)
    call.progress.show("Reading the configuration")
    content = collect(request, clock.now())
    going = openly(content.entries, request.git) if request.git else []
    with _clone(request, commands, Deadline(clock, request.wait_timeout)) as clone:
        proposal = clone.propose(going, request.title) if clone else None
        stored = _store(call, request, content, commands, clock)
        try:
            committed = _commit(call, request, clone, proposal, going)
        except WebopsError as exc:
            raise _half_done(exc, stored) from exc
    return _outcome(stored, committed)


@contextlib.contextmanager
def _clone(request: ConfigRequest, commands: Commands, deadline: Deadline) -> t.Iterator[Clone | None]:
    if request.git is None:
        yield None
        return
    with clone_for(request.git, f"{request.portal}/{request.name}", request.scratch_dir, commands, deadline) as clone:
        yield clone


def _store(call: Call, request: ConfigRequest, content: Content, commands: Commands, clock: Clock) -> _Stored:
    warnings = tuple(content.warnings)
    if not request.stores:
        return _Stored({}, {}, None, None, warnings)
    before = survey(request.stores, request.require, request.portal, naming.CONFIGURATION)
    newest = _newest(request, before)
    reason = "A destination cannot be read." if before.errors else why_store(request, newest, content, clock.now())
    if reason is None:
        return _Stored(before.counts, before.counts, newest, None, warnings)
    if call.check_mode:
        return _Stored(before.counts, {url: count + 1 for url, count in before.counts.items()}, None, reason, warnings)
    written = store_archive(request, content, commands, clock, call.progress)
    call.log(f"backup {written.manifest['id']} of the configuration of portal {request.portal} written")
    backup = look_again(request.stores, written)
    after = {url: count + (url not in written.failures) for url, count in before.counts.items()}
    return _Stored(before.counts, after, backup, reason, warnings_of(written))


def _newest(request: ConfigRequest, before: Survey) -> Backup | None:
    """Of this name, in the stores that can be read."""
    stores = [store for store in request.stores if store.url in before.ids]
    catalog = read_catalog(stores, request.portal, naming.CONFIGURATION)
    return next((backup for backup in catalog if backup.manifest.get("name") == request.name), None)


def _commit(call: Call, request: ConfigRequest, clone: Clone | None, proposal: Proposal | None, going: t.Sequence[Entry]) -> _Committed:
    if clone is None or proposal is None:
        return _Committed()
    call.progress.show("Looking at git")
    if not call.check_mode:
        proposal = push_all(clone, proposal, going, request.title)
    predicted = call.check_mode and proposal.changes
    values = {
        "repository": clone.place.repository,
        "branch": clone.place.branch,
        "commit": None if predicted else proposal.commit or None,
        "committed": proposal.changes,
        **proposal.files,
    }
    return _Committed(values, *differences(clone, proposal, lines=call.diff_mode))


def _half_done(exc: WebopsError, stored: _Stored) -> WebopsError:
    if stored.backup is None or stored.reason is None:
        return exc
    return WebopsError(f"The backup {stored.backup.id} is stored, but git has not got it: {exc.message}", hint=exc.hint, **exc.details)


def _outcome(stored: _Stored, committed: _Committed) -> Outcome:
    values = {
        "backup": None if stored.backup is None else described_configuration(stored.backup),
        "stored": stored.reason is not None,
        "reason": stored.reason,
        "git": committed.values,
    }
    before = {"backups": stored.before, "git": committed.before}
    return Outcome(before, {"backups": stored.after, "git": committed.after}, values, stored.warnings)
