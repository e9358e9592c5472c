# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a rehearsal can go back to the moment that a person chose, and by which ways: said before it begins. Pure."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Record
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.target import Grammar, Target
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.ways import sound_moments

Moment = datetime.datetime
GRAMMAR = Grammar(("transaction", "point"))


def aim(text: str, points: Record, now: Moment) -> dict[str, t.Any]:
    """`problem` ("" for none), `whole` (whether the cluster goes back too) and `moment` (None where only its archive knows it).

    `points`: what the contract's recovery_points said. `whole` and `moment` mean nothing where there is a problem.
    """
    try:
        target = GRAMMAR.read(text)
    except InputError as exc:
        return _aim(f"portal_rehearse_target: {exc.message} {exc.hint}")
    physical = points.get("physical") or {}
    oldest = parse_iso(physical["oldest"]) if physical.get("provable") and physical.get("oldest") else None
    if target.at is None:
        return _aim("" if oldest else _unknown(target), whole=True)
    return _at(target.at, oldest, sorted(sound_moments(points.get("backups") or ())), now)


def _at(at: Moment, oldest: Moment | None, backups: list[Moment], now: Moment) -> dict[str, t.Any]:
    given = f"portal_rehearse_target is {iso(at)}"
    first = min([*([oldest] if oldest else []), *backups[:1]], default=None)
    if at > now:
        return _aim(f"{given}, which is in the future; it is {iso(now)}. Give a moment that was.")
    if first is None:
        return _aim(f"{given}, and there is no backup that could be restored.")
    if at < first:
        return _aim(f"{given}, before the first backup, which is of {iso(first)}. Give a later moment.")
    whole = oldest is not None and at >= oldest
    return _aim("", whole=whole, moment=None if whole else iso(at))


def _aim(problem: str, *, whole: bool = False, moment: str | None = None) -> dict[str, t.Any]:
    return {"problem": problem, "whole": whole, "moment": moment}


def _unknown(target: Target) -> str:
    return (
        f"portal_rehearse_target is '{target}', which only physical backups know, and there are none that could be restored beside"
        " production. Give latest, or a time such as 2026-11-22T08:30:00Z."
    )
