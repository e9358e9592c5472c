# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which restore is ordered: the target as a person writes it, weighed against what Supabase keeps. Pure."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._recovery import moments
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.target import Grammar, Target
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.holdings import Holdings, Kept

GRAMMAR = Grammar(("backup", "point"))
BACKUPS = "/database/backups"
NO_PITR = (
    "Point-in-time recovery is an add-on of the plan Pro and above (supabase_project, pitr: {retention_days: 7}); "
    "it reaches back to when it was switched on."
)


@dataclasses.dataclass(frozen=True)
class Order:
    """What is sent, and to which moment it leads. `backup`: the number of the one that is taken, None for a moment."""

    target: Target
    moment: datetime.datetime
    way: str
    path: str
    body: t.Mapping[str, t.Any]
    backup: t.Optional[int] = None

    def lost_seconds(self, now: datetime.datetime) -> float:
        """How much comes after the moment."""
        return moments.lost_seconds(self.moment, now)

    def loss(self, now: datetime.datetime) -> str:
        """What a person has to know before it is sent."""
        return (
            f"{moments.loss(self.moment, now)} "
            "Meanwhile the project is down, its API, auth and storage too. Files in buckets stay as they are."
        )


def order_for(target: Target, holdings: Holdings, point: t.Optional[datetime.datetime] = None) -> Order:
    """InputError for a moment that cannot be had, NotFoundError for what is not there. `point`: when the restore point was made."""
    if target.kind == "point":
        if point is None:
            raise NotFoundError(f"target is '{target}', and the project has no such restore point.", hint="Look at its name.")
        return Order(target, point, "point", f"{BACKUPS}/undo", {"name": target.point})
    if target.kind == "backup":
        return _of_backup(target, _numbered(target, holdings))
    if target.at is not None:
        return _at(target, target.at, holdings)
    if holdings.newest is None:
        raise NotFoundError("Supabase keeps nothing of the project that could be ordered back.", hint=NO_PITR)
    if holdings.pitr:
        return _to(target, holdings.newest)
    return _of_backup(target, next(kept for kept in holdings.backups if kept.restorable))


def _numbered(target: Target, holdings: Holdings) -> Kept:
    found = next((kept for kept in holdings.backups if kept.number == target.number), None)
    if found is None:
        have = ", ".join(str(kept.number) for kept in holdings.backups if kept.restorable) or "none that can be restored"
        raise NotFoundError(f"target is '{target}', which Supabase does not keep.", hint=f"It has: {have}.")
    if not found.restorable:
        why = "a logical one, which only the dashboard restores" if not found.physical else found.status
        raise InputError(f"target is '{target}', and that backup is {why}.", hint="Choose another one.")
    return found


def _of_backup(target: Target, kept: Kept) -> Order:
    return Order(target, kept.at, "backup", f"{BACKUPS}/restore", {"id": kept.number}, kept.number)


def _to(target: Target, moment: datetime.datetime) -> Order:
    """Supabase takes whole seconds."""
    whole = moments.whole_second(moment)
    return Order(target, whole, "pitr", f"{BACKUPS}/restore-pitr", {"recovery_time_target_unix": int(whole.timestamp())})


def _at(target: Target, at: datetime.datetime, holdings: Holdings) -> Order:
    moments.refuse_future(target, at, holdings.now)
    if not holdings.pitr or holdings.oldest is None or holdings.newest is None:
        before = [kept for kept in holdings.backups if kept.restorable and kept.at <= at]
        instead = f" The newest backup before it is 'backup {before[0].number}' of {iso(before[0].at)}." if before else ""
        raise InputError(f"target is {target}, and the project has no point-in-time recovery.", hint=NO_PITR + instead)
    moments.refuse_outside(target, at, holdings.oldest, holdings.newest)
    return _to(target, at)
