# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which restore is ordered: the target as a person writes it, weighed against what RDS keeps. Pure."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.holdings import Holdings, Snapshot
from ansible_collections.holdfast.webops.plugins.module_utils._recovery import moments
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.target import Grammar, Target

GRAMMAR = Grammar(("point",))
NO_PITR = "RDS has it where the retention of automated backups is above 0 (rds_protection, backup_retention: 7), from the first backup on."
NO_TRANSACTION = "RDS goes back to moments and snapshots, not to transactions. "


@dataclasses.dataclass(frozen=True)
class Order:
    """What is restored, and to which moment it leads. `snapshot`: the name of the one that is taken, None for a moment."""

    target: Target
    moment: datetime.datetime
    snapshot: t.Optional[str] = None

    @property
    def way(self) -> str:
        return "snapshot" if self.snapshot else "pitr"


def read_target(text: str) -> Target:
    """InputError for what names no moment, and for a transaction, which others can."""
    if text.strip().startswith("transaction "):
        raise InputError(f"target is '{text.strip()}'.", hint=NO_TRANSACTION + GRAMMAR.hint)
    return GRAMMAR.read(text)


def order_for(target: Target, holdings: Holdings, point: t.Optional[Snapshot] = None) -> Order:
    """InputError for a moment that cannot be had, NotFoundError for what is not there. `point`: the snapshot of that name."""
    if target.kind == "point":
        return _of_point(target, point)
    if target.at is not None:
        return _at(target, target.at, holdings)
    if holdings.newest is None:
        raise NotFoundError("RDS keeps nothing of the instance that could be restored.", hint=NO_PITR)
    if holdings.final is not None:
        return _of_snapshot(target, holdings.final)
    if holdings.pitr:
        return Order(target, moments.whole_second(holdings.newest))
    return _of_snapshot(target, next(one for one in holdings.snapshots if one.restorable))


def _of_point(target: Target, point: t.Optional[Snapshot]) -> Order:
    if point is None:
        raise NotFoundError(f"target is '{target}', and the instance has no such restore point or snapshot.", hint="Look at its name.")
    if not point.restorable:
        raise InputError(f"target is '{target}', and that snapshot is {point.status}.", hint="Choose another one.")
    return _of_snapshot(target, point)


def _of_snapshot(target: Target, snapshot: Snapshot) -> Order:
    return Order(target, t.cast(datetime.datetime, snapshot.at), snapshot.name)


def _at(target: Target, at: datetime.datetime, holdings: Holdings) -> Order:
    moments.refuse_future(target, at, holdings.now)
    if not holdings.pitr or holdings.oldest is None or holdings.newest is None:
        before = [one for one in holdings.snapshots if one.restorable and one.at and one.at <= at]
        instead = f" The newest snapshot before it is 'point {before[0].name}' of {iso(before[0].at)}." if before and before[0].at else ""
        raise InputError(f"target is {target}, and the instance has no point-in-time recovery.", hint=NO_PITR + instead)
    moments.refuse_outside(target, at, holdings.oldest, holdings.newest)
    return Order(target, moments.whole_second(at))
