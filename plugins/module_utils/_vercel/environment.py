# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of `vercel_env`: the environment variables of a project."""

from __future__ import annotations

import collections
import contextlib
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError, Query
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import remembering, serving, variables
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import Params, open_api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.variables import Change, Comparison, Present, Wanted

# A lost answer is followed by another look and another plan.
ROUNDS = 4
# Letters that are left for a comment beside our note.
LONGEST_COMMENT = 380


def reconcile(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """Bring the variables to what the task lists."""
    params = call.params
    wanted = _wanted(params)
    for item in wanted:
        if item.kind != "plain":
            call.mask(item.value)
    purged = params["purge_targets"] if params["purge"] else []
    key = params["digest_key"] or ""
    comparison = Comparison(key)
    api = open_api(params, clock or SystemClock())
    project = str(serving.read_project(api, params["project"])["id"])
    decrypt = any(item.kind == "encrypted" for item in wanted)
    before = _read(api, project, call, decrypt=decrypt)
    changes = variables.plan(before, wanted, purged, comparison)
    shown = variables.view(before, wanted, purged, comparison)
    if call.check_mode:
        after = variables.after(before, changes, api.server_time(), key)
    else:
        written = Comparison(key, trusting=True)
        after = _carry_out(call, api, project, before, changes, lambda present: variables.plan(present, wanted, purged, written))
        comparison = written if changes else comparison
    seen = variables.view(after, wanted, purged, comparison)
    return Outcome(shown, seen, {"changes": [_shown(change) for change in changes], "variables": seen})


def _carry_out(
    call: Call,
    api: Api,
    project: str,
    present: list[Present],
    changes: t.Sequence[Change],
    plan: t.Callable[[list[Present]], list[Change]],
) -> list[Present]:
    """Carry out the changes, look again and plan again, until nothing is left to do."""
    key = call.params["digest_key"] or ""
    decrypt = any(change.item is not None and change.item.kind == "encrypted" for change in changes)
    for _round in range(ROUNDS):
        if not changes:
            return present
        with contextlib.suppress(LostAnswerError):  # the next look tells what was done
            _apply(api, project, present, changes, key)
        present = _read(api, project, call, decrypt=decrypt)
        changes = plan(present)
    if changes:
        raise ConflictError(
            f"Vercel took the variables, but shows others: {', '.join(sorted({change.name for change in changes}))}.",
            hint="Somebody else may be changing them at the same time.",
        )
    return present


def _apply(api: Api, project: str, present: t.Sequence[Present], changes: t.Sequence[Change], key: str) -> None:
    old = {record.id: record for record in present}
    for change in changes:
        path = f"/v9/projects/{project}/env/{change.id}"
        if change.action == "delete":
            api.change(f"remove the variable {change.name}", "DELETE", path, repeat=False)
        elif change.action == "update":
            api.change(f"change the variable {change.name}", "PATCH", path, _fields(api, change, old.get(change.id), key), repeat=True)
    created = [change for change in changes if change.action == "create"]
    if created:
        body = [_record(api, change, key) for change in created]
        answer = api.change("add the variables", "POST", f"/v10/projects/{project}/env", body, repeat=False) or {}
        _refuse_failed(answer.get("failed") or [])


def _fields(api: Api, change: Change, old: t.Optional[Present], key: str) -> dict[str, t.Any]:
    fields: dict[str, t.Any] = {"target": [target for target in change.targets if target in variables.TARGETS]}
    if change.item is not None:
        fields["value"] = change.item.value
        fields["comment"] = variables.comment_of(change.item, old, key, api.server_time())
    return fields


def _record(api: Api, change: Change, key: str) -> dict[str, t.Any]:
    item = t.cast(Wanted, change.item)
    record = {
        "key": item.name,
        "value": item.value,
        "type": item.kind,
        "target": list(change.targets),
        "comment": variables.comment_of(item, None, key, api.server_time()),
    }
    return {**record, "gitBranch": item.branch} if item.branch else record


def _refuse_failed(failed: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    """Vercel answers 201 even if some could not be added."""
    if not failed:
        return
    errors = [entry.get("error") or {} for entry in failed]
    said = "; ".join(f"{error.get('key') or error.get('envVarKey')}: {error.get('message') or error.get('code')}" for error in errors)
    raise WebopsError(
        f"Vercel added the variables only in part: {said}.", hint="The others are there; run the task again when it is mended."
    )


def _read(api: Api, project: str, call: Call, *, decrypt: bool) -> list[Present]:
    """The variables of a project; secret values are only asked for when they have to be compared, and are masked."""
    query: Query = {"decrypt": "true" if decrypt else None}
    answer = api.get("list the environment variables", f"/v10/projects/{project}/env", query) or {}
    found = [_present(record) for record in answer.get("envs") or []]
    for record in found:
        if record.value and record.kind != "plain":
            call.mask(record.value)
    return found


def _present(record: t.Mapping[str, t.Any]) -> Present:
    targets = record.get("target") or []
    custom = [str(name) for name in record.get("customEnvironmentIds") or []]
    return Present(
        id=str(record["id"]),
        name=str(record["key"]),
        branch=str(record.get("gitBranch") or ""),
        targets=(*([targets] if isinstance(targets, str) else targets), *custom),
        kind=str(record.get("type")),
        value=record.get("value"),
        comment=str(record.get("comment") or ""),
        updated=float(record.get("updatedAt") or record.get("createdAt") or 0) / 1000,
        custom=bool(custom),
    )


def _wanted(params: Params) -> list[Wanted]:
    """The variables that the task lists, checked; a value for the same target twice is an error."""
    items = [part for number, variable in enumerate(params["variables"]) for part in _items(params, variable, f"variables[{number}]")]
    cells = collections.Counter(cell for item in items for cell in item.cells())
    twice = [str(cell) for cell, count in cells.items() if count > 1]
    if twice:
        raise InputError(f"variables: {', '.join(sorted(twice))} is listed more than once.", hint="Give each target one value.")
    return items


def _items(params: Params, variable: t.Mapping[str, t.Any], place: str) -> list[Wanted]:
    name, targets = variable["name"], tuple(variable["targets"] or params["targets"])
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise InputError(f"{place}.name: '{name}' is no name of a variable.", hint="Letters, digits and '_', and no digit first.")
    if len(set(targets)) != len(targets):
        raise InputError(f"{place}.targets: {', '.join(targets)} names one twice.")
    branch = variable["git_branch"] or ""
    if branch and targets != ("preview",):
        raise InputError(f"{place}.git_branch: only variables of the target preview can belong to a branch.")
    if variable["state"] == "absent":
        return [Wanted(name, branch, targets, "", "", absent=True)]
    comment = variable["comment"]
    if comment is not None and (len(comment) > LONGEST_COMMENT or remembering.without_note(comment) != comment.strip()):
        raise InputError(f"{place}.comment: a comment has at most {LONGEST_COMMENT} letters, and no note of ours at its end.")
    if variable["plain_value"] is not None:
        return [Wanted(name, branch, targets, "plain", variable["plain_value"], comment)]
    return _secret_items(variable, place, targets, comment)


def _secret_items(variable: t.Mapping[str, t.Any], place: str, targets: tuple[str, ...], comment: t.Optional[str]) -> list[Wanted]:
    """Vercel allows no sensitive values for development; those are encrypted, unless something else was asked for."""
    name, value, branch = variable["name"], variable["value"], variable["git_branch"] or ""
    if value is None:
        raise InputError(f"{place}: {name} has neither 'value' nor 'plain_value'.", hint="Give one of them, or state: absent.")
    if variable["type"] == "encrypted":
        return [Wanted(name, branch, targets, "encrypted", value, comment)]
    if variable["type"] == "sensitive" and "development" in targets:
        raise InputError(f"{place}.type: Vercel takes no sensitive values for development.", hint="Use type: encrypted for that target.")
    guarded = tuple(target for target in targets if target != "development")
    parts = ((guarded, "sensitive"), (tuple(target for target in targets if target not in guarded), "encrypted"))
    return [Wanted(name, branch, part, kind, value, comment) for part, kind in parts if part]


def _shown(change: Change) -> dict[str, t.Any]:
    return {"action": change.action, "name": change.name, "targets": list(change.targets), "git_branch": change.branch or None}
