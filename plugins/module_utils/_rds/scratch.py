# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances that we made and that nobody works on: ordered, set up, looked into, thrown away."""

from __future__ import annotations

import dataclasses
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._backup.examining import Answer, Exam, examine
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.client import Rds
from ansible_collections.holdfast.webops.plugins.module_utils._rds.failures import AbsentError, AwsError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import Instance
from ansible_collections.holdfast.webops.plugins.module_utils._rds.marks import Marks, read_marks
from ansible_collections.holdfast.webops.plugins.module_utils._rds.orders import Order
from ansible_collections.holdfast.webops.plugins.module_utils._rds.settings import Settings, corrections, read_settings
from ansible_collections.holdfast.webops.plugins.module_utils._rds.waiting import NOT_NOW, await_instance, insist

APPLICATION = "holdfast rds_backup"
# Seconds. What was taken shows in the description soon, and a new name in the DNS.
SHOWS_WITHIN, REACHED_WITHIN = 60.0, 180.0
# For what has to go after the task's own time.
CLEAN_UP = 1800.0


class Looked(t.NamedTuple):
    """What a restored instance answered, and the moment of its youngest change, None where nobody asked."""

    answers: t.List[t.Dict[str, t.Any]]
    youngest: t.Optional[str]


class WrongAnswerError(WebopsError):
    """A restored instance is not what was expected of it."""


def order_restore(rds: Rds, live: Instance, name: str, order: Order, settings: Settings, tags: t.Mapping[str, str]) -> None:
    """Have a new instance made from what RDS keeps of the live one, which is not touched, or of one that is gone."""
    what = f"restore {live.name} to {order.target} as {name}"
    told = {**settings, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    if order.snapshot:
        operation = "RestoreDBInstanceFromDBSnapshot"
        source = {"DBSnapshotIdentifier": order.snapshot, "DBInstanceIdentifier": name}
        rds.order(what, "restore_db_instance_from_db_snapshot", **source, **rds.takes(operation, told))
        return
    operation = "RestoreDBInstanceToPointInTime"
    source = {"SourceDbiResourceId": live.resource} if live.gone else {"SourceDBInstanceIdentifier": live.name}
    moment = {**source, "TargetDBInstanceIdentifier": name, "RestoreTime": order.moment}
    rds.order(what, "restore_db_instance_to_point_in_time", **moment, **rds.takes(operation, told))


def fit(call: Call, rds: Rds, fresh: Instance, wanted: Settings) -> tuple[Instance, list[str]]:
    """The instance set up as wanted, as far as RDS lets it be; what it refused, in its words."""
    wrong = rds.takes("ModifyDBInstance", corrections(wanted, read_settings(fresh)))
    if not wrong:
        return fresh, []
    call.progress.show(f"{fresh.name} gets {', '.join(wrong)}")
    refused: list[str] = []
    try:
        _change(call, rds, fresh, wrong)
    except AwsError:
        # One that is refused must not keep the others from being carried over, nor the recovery from going on.
        for name, value in wrong.items():
            refused += _tried(call, rds, fresh, {name: value})
    shown = Deadline(rds.clock, SHOWS_WITHIN)

    def settled(seen: Instance) -> bool:
        return not corrections(wanted, read_settings(seen)) or (shown.expired and not seen.raw.get("PendingModifiedValues"))

    return await_instance(call, rds, fresh.name, settled=settled), refused


def _change(call: Call, rds: Rds, fresh: Instance, settings: Settings) -> None:
    insist(call, rds, fresh.name, f"set {', '.join(settings)} of {fresh.name}", "modify_db_instance", ApplyImmediately=True, **settings)


def _tried(call: Call, rds: Rds, fresh: Instance, settings: Settings) -> list[str]:
    try:
        _change(call, rds, fresh, settings)
    except AwsError as exc:
        return [exc.message]
    return []


def look_into(call: Call, rds: Rds, fresh: Instance, url: t.Optional[str], exam: Exam) -> Looked:
    """The answers of a restored instance. WebopsError when it cannot be reached, or one of them is wrong."""
    if not url:
        return Looked([], None)
    call.progress.show(f"{fresh.name} is asked")
    answers, youngest = _reached(rds, at_endpoint(url, fresh.address, fresh.port), exam)
    wrong = [f"{one.name}: {one.says}" for one in answers if not one.passed]
    if wrong:
        raise WrongAnswerError(
            f"The restored instance did not answer as expected. {' '.join(wrong)}",
            hint="Choose another moment. It was thrown away, and the live instance was not touched.",
            checks=[dataclasses.asdict(one) for one in answers],
        )
    return Looked([dataclasses.asdict(one) for one in answers], youngest)


def _reached(rds: Rds, url: str, exam: Exam) -> tuple[list[Answer], str | None]:
    """The name of a new instance takes a while to be known everywhere."""
    patience, pauses = rds.deadline.part(REACHED_WITHIN), rds.pauses()
    while True:
        try:
            return examine(url, exam, APPLICATION, rds.clock, rds.deadline)
        except WebopsError as exc:
            if patience.expired or not pauses.goes_on():
                raise WebopsError(
                    f"The restored instance could not be asked: {exc.message}",
                    hint="Its roles have the passwords of that moment, and its security groups must let this machine in. "
                    "The live instance was not touched; run the same task again when that is corrected.",
                ) from exc


def at_endpoint(url: str, host: str, port: int) -> str:
    """The same connection to another server. Pure."""
    parts = urllib.parse.urlsplit(url)
    user, at, _address = parts.netloc.rpartition("@")
    return urllib.parse.urlunsplit(parts._replace(netloc=f"{user}{at}{host}:{port}"))


def check_throwable(live: Instance, scratch: Instance) -> Marks:
    """ConflictError for an instance that we did not make beside this live one. The live one itself never passes. Pure."""
    marks = read_marks(scratch)
    if marks is None or marks.instance != live.name or marks.source != live.resource or scratch.resource == live.resource:
        raise ConflictError(
            f"An instance named {scratch.name} is there, which no restore of {live.name} as it is now has made.",
            hint="Look at it, and rename or remove it yourself. Nothing was touched.",
        )
    return marks


def throw_away(call: Call, rds: Rds, live: Instance, name: str, *, gone: bool) -> None:
    """Have a scratch instance removed with all of its backups, where it is there; `gone` waits until its name is free."""
    seen = rds.instance(name)
    if seen is None:
        return
    check_throwable(live, seen)
    pauses = rds.pauses()
    while seen is not None and (gone or seen.status != "deleting"):
        call.progress.show(f"{name} is {seen.status}, to be thrown away")
        if seen.status != "deleting":
            _order_removal(rds, seen)
        if not pauses.goes_on():
            raise WebopsError(f"{name} is {seen.status} and could not be thrown away in time.", hint="The next run of the task does it.")
        seen = rds.instance(name)


def _order_removal(rds: Rds, seen: Instance) -> None:
    """Refused while RDS is busy with it; then it is ordered again."""
    try:
        if seen.raw.get("DeletionProtection"):
            rds.ask(
                f"let {seen.name} be removed",
                "modify_db_instance",
                DBInstanceIdentifier=seen.name,
                DeletionProtection=False,
                ApplyImmediately=True,
            )
        rds.ask(
            f"remove {seen.name}",
            "delete_db_instance",
            DBInstanceIdentifier=seen.name,
            SkipFinalSnapshot=True,
            DeleteAutomatedBackups=True,
        )
    except AbsentError:
        return
    except AwsError as exc:
        if exc.code != NOT_NOW:
            raise
