"""Which action does what."""

from __future__ import annotations

import typing as t

from tests.emulators.rds import changing, describing, making, snapshots, states, tags

if t.TYPE_CHECKING:
    from tests.emulators.rds.wire import Parameters
    from tests.emulators.rds.world import World

Handler = t.Callable[["World", "Parameters"], "Parameters"]
ACTIONS: t.Final[dict[str, Handler]] = {
    "AddTagsToResource": tags.add,
    "CreateDBInstance": making.create,
    "CreateDBSnapshot": snapshots.create,
    "DeleteDBInstance": states.delete,
    "DeleteDBSnapshot": snapshots.delete,
    "DescribeDBInstanceAutomatedBackups": describing.backups,
    "DescribeDBInstances": describing.instances,
    "DescribeDBSnapshots": snapshots.index,
    "DescribeEvents": describing.events,
    "ListTagsForResource": tags.index,
    "ModifyDBInstance": changing.modify,
    "RebootDBInstance": states.reboot,
    "RemoveTagsFromResource": tags.remove,
    "RestoreDBInstanceFromDBSnapshot": making.from_snapshot,
    "RestoreDBInstanceToPointInTime": making.to_moment,
    "StartDBInstance": states.start,
    "StopDBInstance": states.stop,
}
