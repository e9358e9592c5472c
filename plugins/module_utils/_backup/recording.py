# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the ledger keeps of a policy's backups and proofs. Pure."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.limits import DATABASE
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso

Record = t.Mapping[str, t.Any]


def records(policy: str, kind: str, made: t.Sequence[Record], now: datetime.datetime) -> list[dict[str, t.Any]]:
    """Entries for release_ledger. Each of `made` is {part, backup, proof, changed}; in check mode a backup may be null.

    Objects and configuration that did not change have no new backup, but are as well backed up as if they had: the old one is
    recorded anew, as of now. Also what an earlier run made and could not record, because it was killed, is recorded.
    """
    return [entry for one in made for entry in _records_of(policy, kind, one, now)]


def _records_of(policy: str, kind: str, made: Record, now: datetime.datetime) -> t.Iterator[dict[str, t.Any]]:
    backup, proof = made["backup"] or {}, made["proof"]
    looked_at_again = kind != DATABASE and not made["changed"]
    about = {"backup_id": backup.get("id"), "policy": policy, "kind": kind, **({"part": made["part"]} if made["part"] else {})}
    taken_at = iso(now) if looked_at_again else backup.get("at")
    yield {"event": "backup.recorded", "once": not looked_at_again, "data": {**about, "taken_at": taken_at, "bytes": _size(backup)}}
    if proof:
        shown = {"proven_at": proof["at"], "bytes": proof.get("bytes"), "duration_s": proof.get("duration_s")}
        yield {"event": "proof.recorded", "once": True, "data": {**about, **shown}}


def _size(backup: Record) -> t.Optional[int]:
    """What is held against earlier ones: of objects all that they hold, of others the archive."""
    sizes = (backup.get(name) for name in ("bytes", "size"))
    return next((int(size) for size in sizes if size is not None), None)


def parts(backups: t.Sequence[Record], proofs: t.Sequence[Record]) -> list[dict[str, t.Any]]:
    """What was made of each bucket, from the results of object_backup and object_restore in the same order."""
    found = []
    for number, result in enumerate(backups):
        proven = proofs[number] if number < len(proofs) and not proofs[number].get("skipped") else {}
        backup = result.get("backup")
        part = str((backup or {}).get("name") or result.get("__portal_back_up_bucket") or "")
        proof, changed = proven.get("proof"), bool(result.get("changed"))
        found.append({"part": part, "backup": backup, "proof": proof, "changed": changed, "proven": bool(proven.get("changed"))})
    return found


def result(done: t.Sequence[Record], failed: t.Sequence[Record], status: Record) -> dict[str, t.Any]:
    """`portal_back_up_result`. `backup` and `proof` are those of the database, where it was backed up."""
    made = [{**one, "policy": policy["policy"], "kind": policy["kind"]} for policy in done for one in policy["made"]]
    database = next((one for one in made if one["kind"] == DATABASE), {"backup": None, "proof": None})
    removed = [backup["id"] for policy in done for backup in policy["retained"].get("removed") or ()]
    changed = any(one["changed"] or one["proven"] for one in made) or any(policy["retained"].get("changed") for policy in done)
    return {
        "backup": database["backup"],
        "proof": database["proof"],
        "removed": removed,
        "changed": changed,
        "policies": [{name: one[name] for name in ("policy", "kind", "part", "backup", "proof", "changed")} for one in made],
        "failed": list(failed),
        "reason": _reason(failed, len(done) + len(failed)),
        "alerts": list(status.get("alerts") or ()),
        "lines": list(status.get("lines") or ()),
    }


def _reason(failed: t.Sequence[Record], all_of_them: int) -> t.Optional[str]:
    """With one policy there is no need to say which."""
    if not failed:
        return None
    return str(failed[0]["reason"]) if all_of_them == 1 else " ".join(f"{one['policy']}: {one['reason']}" for one in failed)
