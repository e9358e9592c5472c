# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be so before a release may enter an environment: verified in another one, approved, no freeze. Pure.

A gate is asked when a release is opened. One that is under way passed them then, and is finished or undone without asking
again; going back is never gated, because it is the way out.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._release.approvals import count, policy_from, said_of
from ansible_collections.holdfast.webops.plugins.module_utils._release.freeze import Frozen, frozen_by
from ansible_collections.holdfast.webops.plugins.module_utils._release.promotion import found_good

Record = t.Mapping[str, t.Any]
OPENS = ("deploy", "undo_then_deploy")


@dataclasses.dataclass(frozen=True)
class Gate:
    """One gate: `facts` are what the ledger keeps of it when the release is opened."""

    gate: str
    passed: bool
    says: str
    facts: dict[str, t.Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Rules:
    """What the inventory asks for. `others` are the ledgers it promotes from, `override` is why a freeze does not hold."""

    others: tuple[Record, ...] = ()
    approvals: t.Optional[Record] = None
    freeze: tuple[Record, ...] = ()
    override: str = ""


def judge(course: Record, wanted: Record, state: Record, rules: Rules, operator: str, now: datetime.datetime) -> list[Gate]:
    """Every gate that is asked, in order; none when no release is opened. InputError when a rule makes no sense, in any case."""
    policy, frozen = policy_from(rules.approvals or {}), frozen_by(rules.freeze, now)
    if course["action"] not in OPENS:
        return []
    gates = [_promotion(other, wanted) for other in rules.others]
    if policy:
        found = count(state["approvals"], wanted, policy, operator, now)
        kept = [{name: approval[name] for name in ("by", "at", "reason", "expires_at")} for approval in found.counted]
        gates.append(Gate("approvals", found.passed, said_of(found, wanted, policy), {"approvals": kept, "required": policy.required}))
    if rules.freeze:
        gates.append(_freeze(frozen, rules.override.strip()))
    return gates


def _promotion(other: Record, wanted: Record) -> Gate:
    found = found_good(other, wanted)
    release = found.release or {}
    facts = {"environment": other["environment"], "release": release.get("id"), "verified_at": release.get("completed_at")}
    return Gate(f"verified in {other['environment']}", found.passed, found.says, facts)


def _freeze(frozen: Frozen | None, override: str) -> Gate:
    if not frozen:
        return Gate("freeze", True, "No freeze is on.", {"window": None, "override": None})
    facts = {"window": frozen.name, "until": frozen.until, "override": override or None}
    says = f"The freeze '{frozen.name}' is on until {frozen.until}"
    return Gate("freeze", bool(override), f"{says}; it is overridden: {override}" if override else f"{says}.", facts)


def as_result(gates: t.Sequence[Gate]) -> dict[str, t.Any]:
    """Plain data for a playbook: the gates, what refuses, and what the ledger keeps."""
    return {
        "gates": [{"gate": gate.gate, "passed": gate.passed, "says": gate.says} for gate in gates],
        "refused": [gate.says for gate in gates if not gate.passed],
        "record": [{"gate": gate.gate, **gate.facts} for gate in gates],
    }


def check_others(asked: t.Sequence[Record], others: t.Sequence[Record]) -> None:
    """InputError when a ledger that is asked for was not read: a gate must not open because nobody looked."""
    read = {other["environment"] for other in others}
    unread = sorted({str(each["environment"]) for each in asked} - read)
    if unread:
        raise InputError(f"promotes_from: the ledger of {', '.join(unread)} was not read.")
