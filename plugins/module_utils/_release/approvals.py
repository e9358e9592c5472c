# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who approved a release for this environment, and whether that is enough. Pure.

An approval is an entry in the environment's own ledger, so it is good for this environment only. It covers one artefact
(or version and commit, where there is none), ends by itself, and may be withdrawn by who gave it.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._release.promotion import describe, is_same_artifact

Record = t.Mapping[str, t.Any]
KEYS = ("required", "names", "roles", "max_age", "four_eyes")


@dataclasses.dataclass(frozen=True)
class Policy:
    """How many different people have to approve; `people` is who may (empty: everybody), of each of `roles` one must."""

    required: int
    people: frozenset[str]
    roles: dict[str, tuple[str, ...]]
    max_age: float
    four_eyes: bool


def policy_from(data: Record) -> Policy | None:
    """The policy in a variable of the inventory; None when it asks for nothing. InputError names what makes no sense."""
    unknown = sorted(set(data) - set(KEYS))
    if unknown:
        raise InputError(f"portal_deploy_approvals: {', '.join(unknown)} is unknown.", hint=f"Known are {', '.join(KEYS)}.")
    roles = {str(role): _people(str(role), names) for role, names in (data.get("roles") or {}).items()}
    people = frozenset(str(name) for name in data.get("names") or ()).union(*roles.values())
    required = int(data.get("required", 1 if data else 0))
    if required < 0 or (people and required > len(people)):
        raise InputError(
            f"portal_deploy_approvals: required is {required}, and {len(people)} people may approve.", hint="Nobody could ever fulfil that."
        )
    if not required and not roles:
        return None
    return Policy(max(required, 1), people, roles, float(data.get("max_age") or 0), bool(data.get("four_eyes", False)))


def _people(role: str, names: t.Any) -> tuple[str, ...]:
    if isinstance(names, str) or not names:
        raise InputError(
            f"portal_deploy_approvals: the role {role} has nobody in it.", hint="Give the list of its people, or leave the role out."
        )
    return tuple(str(name) for name in names)


def standing(approvals: t.Sequence[Record], now: datetime.datetime) -> list[Record]:
    """The approvals that were neither withdrawn nor have ended, oldest first."""
    return [approval for approval in approvals if not approval["withdrawn_at"] and now < parse_iso(approval["expires_at"])]


@dataclasses.dataclass(frozen=True)
class Count:
    """Who counts, who does not and why, which roles nobody filled."""

    counted: tuple[Record, ...]
    discounted: tuple[str, ...]
    missing_roles: tuple[str, ...]
    required: int

    @property
    def passed(self) -> bool:
        """Whether that is enough."""
        return not self.missing_roles and len(self.counted) >= self.required


def count(approvals: t.Sequence[Record], wanted: Record, policy: Policy, operator: str, now: datetime.datetime) -> Count:
    """Count the newest approval of each person that covers `wanted`; `operator` is who deploys."""
    newest = {approval["by"]: approval for approval in approvals if is_same_artifact(approval, wanted)}
    reasons = {by: _discounted(approval, policy, operator, now) for by, approval in newest.items()}
    counted = tuple(approval for by, approval in newest.items() if not reasons[by])
    given = {approval["by"] for approval in counted}
    return Count(
        counted,
        tuple(f"{by} {reason}" for by, reason in reasons.items() if reason),
        tuple(role for role, names in policy.roles.items() if not given.intersection(names)),
        policy.required,
    )


def _discounted(approval: Record, policy: Policy, operator: str, now: datetime.datetime) -> str | None:
    """Why an approval does not count, None when it does."""
    if approval["withdrawn_at"]:
        return f"withdrew at {approval['withdrawn_at']}"
    if now >= parse_iso(approval["expires_at"]):
        return f"approved until {approval['expires_at']}"
    if policy.max_age and (now - parse_iso(approval["at"])).total_seconds() > policy.max_age:
        return f"approved at {approval['at']}, longer ago than {policy.max_age:g} s"
    if policy.people and approval["by"] not in policy.people:
        return "may not approve"
    if policy.four_eyes and approval["by"] == operator:
        return "deploys, and four eyes are asked for"
    return None


def said_of(found: Count, wanted: Record, policy: Policy) -> str:
    """The count in a sentence."""
    names = ", ".join(f"{approval['by']} ({approval['reason']})" for approval in found.counted) or "nobody"
    text = f"{describe(wanted)} is approved by {names}; {policy.required} needed."
    if found.missing_roles:
        text += " Still to approve: " + ", ".join(f"{role} ({' or '.join(policy.roles[role])})" for role in found.missing_roles) + "."
    return text + (f" Not counted: {'; '.join(found.discounted)}." if found.discounted else "")


def grant(
    approvals: t.Sequence[Record], wanted: Record, by: str, reason: str, valid_for: float, now: datetime.datetime
) -> dict[str, t.Any]:
    """What to write so that `by` approves `wanted`: an entry, or none when the approval already stands."""
    if not reason.strip():
        raise InputError("reason: it is empty.", hint="Say why, for example the number of the change; it is written into the ledger.")
    if valid_for <= 0:
        raise InputError(f"valid_for: {valid_for:g} s is no time.", hint="Give the seconds for which the approval is good.")
    mine = _mine(standing(approvals, now), wanted, by)
    if mine:
        return _decision([], f"{by} approved {describe(wanted)} at {mine['at']} already, until {mine['expires_at']}.", mine)
    end = iso(now + datetime.timedelta(seconds=valid_for))
    data = {**_identity(wanted), "reason": reason.strip(), "expires_at": end}
    return _decision([{"event": "approval.granted", "data": data}], f"{by} approves {describe(wanted)} until {end}.", data)


def withdraw(approvals: t.Sequence[Record], wanted: Record, by: str, reason: str, now: datetime.datetime) -> dict[str, t.Any]:
    """What to write so that `by` approves `wanted` no more; nothing when no approval of theirs stands."""
    if not reason.strip():
        raise InputError("reason: it is empty.", hint="Say why it is withdrawn; it is written into the ledger.")
    mine = _mine(standing(approvals, now), wanted, by)
    if not mine:
        return _decision([], f"No approval of {describe(wanted)} by {by} stands.", None)
    data = {**_identity(mine), "reason": reason.strip()}
    return _decision([{"event": "approval.withdrawn", "data": data}], f"{by} withdraws the approval of {describe(mine)}.", data)


def _mine(approvals: t.Sequence[Record], wanted: Record, by: str) -> Record | None:
    return next((approval for approval in reversed(approvals) if approval["by"] == by and is_same_artifact(approval, wanted)), None)


def _identity(wanted: Record) -> dict[str, t.Any]:
    return {name: wanted.get(name) or None for name in ("version", "commit", "artifact_sha256")}


def _decision(entries: list[dict[str, t.Any]], says: str, approval: Record | None) -> dict[str, t.Any]:
    return {"entries": entries, "says": says, "approval": dict(approval) if approval else None}
