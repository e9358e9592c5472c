# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the result of a task, or an entry of the ledger, says in one line. Pure; "" where there is nothing worth a line."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_size

Record = t.Mapping[str, t.Any]
LONGEST = 1000  # letters of a reason


def one_line(text: t.Any) -> str:
    """A text as it may stand in a line: no line ends, no control characters, not endless."""
    words = "".join(letter for letter in " ".join(str(text).split()) if letter.isprintable())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."


def outcomes(result: Record) -> list[Record]:
    """The results in the result of a task: of each item where it is a loop, as over the hosts of a portal."""
    items = result.get("results")
    return [item for item in items if not item.get("skipped")] if isinstance(items, list) else [result]


def verdict_words(verdict: Record | None) -> str:
    """pass: 508 requests, errors 0, p95 41 ms."""
    if not verdict:
        return ""
    if verdict.get("verdict") != "pass":
        return one_line(f"{verdict.get('verdict')} ({verdict.get('rule')}): {verdict.get('reason')}")
    seen = (verdict.get("figures") or {}).get("candidate") or {}
    p95 = seen.get("p95_ms")
    latency = "" if p95 is None else f", p95 {p95:.0f} ms"
    return f"pass: {seen.get('samples', 0)} requests, errors {seen.get('errors', 0)}{latency}"


def migration_words(applied: t.Sequence[t.Any]) -> str:
    """2 migrations: 20261121093000, 20261121094500."""
    if not applied:
        return "no migrations"
    return one_line(f"{len(applied)} migration{'s' if len(applied) > 1 else ''}: {', '.join(map(str, applied))}")


def entry_words(event: str, data: Record) -> str:
    """What an entry of the ledger tells besides its name."""
    if data.get("reason"):
        return one_line(data["reason"])
    if "verdict" in data and isinstance(data["verdict"], dict):
        return verdict_words(data["verdict"])
    if "applied" in data:
        return migration_words(data["applied"] or ())
    if data.get("backup_id"):
        return f"backup {one_line(data['backup_id'])}"
    if event == "retire.completed" and data.get("state"):
        return f"the old slot is {one_line(data['state'])}"
    return one_line(data["summary"]) if data.get("summary") else ""


def _router(result: Record) -> str:
    weights = (result.get("router") or {}).get("weights") or {}
    return f"traffic: {', '.join(f'{slot} {share} %' for slot, share in sorted(weights.items()))}" if weights else ""


def _backup(result: Record) -> str:
    backup = result.get("backup") or {}
    if not backup.get("id"):
        return ""
    size = f", {as_size(backup['size'])}" if backup.get("size") is not None else ""
    made = "written" if result.get("changed") else "is young enough"
    return f"backup {backup['id']} {made}{size}, in {len(backup.get('copies') or ())} place(s)"


def _restore(result: Record) -> str:
    backup, proof, restored = (result.get(name) or {} for name in ("backup", "proof", "restored"))
    if proof:
        equal = "equal to its source" if proof.get("equal") else "DIFFERENT from its source"
        size = f"{proof.get('tables')} tables, {proof.get('rows')} rows"
        return f"backup {backup.get('id')} was restored in scratch space and is {equal}: {size}"
    return f"database {restored.get('database')} restored from backup {backup.get('id')}" if restored else ""


def _migrations(result: Record) -> str:
    back = result.get("rolled_back") or ()
    return f"taken back: {', '.join(map(str, back))}" if back else migration_words(result.get("applied") or ())


def _slot(result: Record) -> str:
    slot = result.get("slot")
    return f"slot {slot.get('slot') or slot.get('name')}: {slot.get('state')}" if isinstance(slot, dict) and result.get("changed") else ""


# What a person wants to hear of, by the module, with the name of the stage that it is where no ledger names one.
TOLD: t.Final[dict[str, tuple[str, t.Callable[[Record], str]]]] = {
    "health_check": ("look", lambda result: one_line(result.get("summary") or "")),
    "host_slot": ("stage", _slot),
    "pg_backup": ("back up", _backup),
    "pg_restore": ("restore", _restore),
    "prisma_migration": ("migrate", _migrations),
    "rollout_analysis": ("watch", lambda result: verdict_words(result.get("verdict"))),
    "slot_router": ("shift", lambda result: _router(result) if result.get("changed") else ""),
    "supabase_migration": ("migrate", _migrations),
}
