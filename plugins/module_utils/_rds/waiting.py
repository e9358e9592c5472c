# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Orders that RDS carries out in minutes: given once it takes them, and waited for."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.client import Rds
from ansible_collections.holdfast.webops.plugins.module_utils._rds.failures import TAKEN, AbsentError, AwsError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import Instance, is_ready

NOT_NOW = "InvalidDBInstanceState"
GOES_ON = "Run the same task again: it goes on from there."


def await_instance(
    call: Call, rds: Rds, name: str, *, or_as: str = "", resource: str = "", settled: t.Callable[[Instance], bool] = lambda _instance: True
) -> Instance:
    """The instance of that name (that very resource, where one is given), once it is available and `settled`.

    `or_as` is the name that it is given where an earlier run ordered that and was killed: until RDS is done it shows the old one.
    """
    pauses = rds.pauses()
    while True:
        found = _seen(rds, name, resource) or (_seen(rds, or_as, resource) if or_as else None)
        if found is not None and is_ready(found) and settled(found):
            return found
        status = found.status if found is not None else "not there yet"
        call.progress.show(f"{name} is {status}")
        if not pauses.goes_on():
            raise DeadlineError(f"{name} is {status}, and wait_timeout is over.", hint=GOES_ON, status=status)


def _seen(rds: Rds, name: str, resource: str) -> t.Optional[Instance]:
    found = rds.instance(name)
    return found if found is not None and resource in ("", found.resource) else None


def insist(call: Call, rds: Rds, name: str, what: str, operation: str, *, once: bool = False, **given: t.Any) -> None:
    """Give an order to an instance, as soon as it takes one. `once`: it is fine when it was carried out already."""
    pauses = rds.pauses()
    while True:
        try:
            rds.ask(what, operation, DBInstanceIdentifier=name, **given)
            return
        except AwsError as exc:
            if once and exc.code in TAKEN:
                return
            if exc.code != NOT_NOW or not pauses.goes_on():
                raise
        call.progress.show(f"{name} is busy")
        refuse_lost(rds, name)


def refuse_lost(rds: Rds, name: str) -> None:
    """WebopsError where waiting for an instance would be in vain."""
    found = rds.instance(name)
    if found is not None:
        is_ready(found)


def rename(call: Call, rds: Rds, instance: Instance, name: str) -> Instance:
    """The instance under its new name, which leads to it from now on."""
    given: dict[str, t.Any] = {"NewDBInstanceIdentifier": name, "ApplyImmediately": True}
    with contextlib.suppress(AbsentError):  # it was renamed, and the answer was lost: the wait looks whether it is there
        insist(call, rds, instance.name, f"rename {instance.name} to {name}", "modify_db_instance", **given)
    return await_instance(call, rds, name, resource=instance.resource)
