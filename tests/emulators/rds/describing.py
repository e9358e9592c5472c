"""What there is: instances, their automated backups, events."""

from __future__ import annotations

import datetime
import typing as t

from tests.emulators.rds import paging
from tests.emulators.rds.errors import RdsError
from tests.emulators.rds.instance import now, shown, shown_backup

if t.TYPE_CHECKING:
    from tests.emulators.rds.wire import Parameters
    from tests.emulators.rds.world import World

FILTERS: t.Final = ("db-instance-id", "dbi-resource-id", "engine")
BACKUP_FILTERS: t.Final = ("db-instance-id", "dbi-resource-id", "status")
MINUTES = 60


def instances(world: World, given: Parameters) -> Parameters:
    """One that is named has to be there; filters may find nothing."""
    found = sorted(world.instances.values(), key=lambda one: one.identifier)
    if "DBInstanceIdentifier" in given:
        found = [world.instance(given["DBInstanceIdentifier"])]
    lag = world.settings.restorable_lag_seconds
    rows = paging.filtered([shown(one, world.door(one.identifier).port, lag) for one in found], given, FILTERS)
    return paging.page(world, given, "DBInstances", rows)


def backups(world: World, given: Parameters) -> Parameters:
    """DescribeDBInstanceAutomatedBackups: one for each instance that has any, and those that were kept of deleted ones."""
    lag = world.settings.restorable_lag_seconds
    rows = [shown_backup(one, is_retained=False, lag=lag) for one in world.instances.values() if one.retention]
    if "DBInstanceIdentifier" not in given:  # which "must match the identifier of an existing DB instance"; filters find the others too
        rows += [shown_backup(one, is_retained=True, lag=lag) for one in world.retained.values()]
    for name in ("DBInstanceIdentifier", "DbiResourceId", "DBInstanceAutomatedBackupsArn"):
        if name in given:
            rows = [row for row in rows if row[name].lower() == given[name].lower()]
            if not rows:
                message = f"There is no automated backup with {name} {given[name]}."
                raise RdsError("DBInstanceAutomatedBackupNotFound", message, status=404)
    return paging.page(world, given, "DBInstanceAutomatedBackups", paging.filtered(rows, given, BACKUP_FILTERS))


def events(world: World, given: Parameters) -> Parameters:
    """Of the last hour, unless the request says of when."""
    until = given.get("EndTime", now())
    since = given.get("StartTime", until - datetime.timedelta(minutes=given.get("Duration", MINUTES)))
    wanted = {"SourceIdentifier": given.get("SourceIdentifier"), "SourceType": given.get("SourceType")}
    rows = [row for row in world.events if since <= row["Date"] <= until]
    rows = [row for row in rows if all(value is None or row[name] == value for name, value in wanted.items())]
    chosen = set(given.get("EventCategories", []))
    rows = [row for row in rows if not chosen or chosen & set(row["EventCategories"])]
    return paging.page(world, given, "Events", rows)
