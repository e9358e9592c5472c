# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every provider says of a moment that a database shall go back to: what is lost, and why it cannot be had. Pure."""

from __future__ import annotations

import datetime

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.target import Target


def lost_seconds(moment: datetime.datetime, now: datetime.datetime) -> float:
    """How much comes after the moment."""
    return round(max((now - moment).total_seconds(), 0.0), 1)


def loss(moment: datetime.datetime, now: datetime.datetime) -> str:
    """What a person has to know before it is done."""
    return f"Everything that was committed after {iso(moment)} is lost: {as_duration(lost_seconds(moment, now))} until now."


def whole_second(moment: datetime.datetime) -> datetime.datetime:
    """The fraction is cut off, so that nothing younger than the target is there."""
    return moment.astimezone(datetime.timezone.utc).replace(microsecond=0)


def refuse_future(target: Target, at: datetime.datetime, now: datetime.datetime) -> None:
    """InputError for what is still to come."""
    if at > now:
        raise InputError(f"target is {target}, which is in the future; it is {iso(now)}.", hint="Give a moment that was.")


def refuse_outside(target: Target, at: datetime.datetime, oldest: datetime.datetime, newest: datetime.datetime) -> None:
    """InputError for a moment that is not in the window, which it names."""
    if at < oldest:
        raise InputError(
            f"target is {target}, before the first moment that can be restored, which is {iso(oldest)}.", hint="Give a later moment."
        )
    if whole_second(at) > newest:
        raise InputError(f"target is {target}, and the newest moment that can be restored is {iso(newest)}.", hint="Give latest.")
