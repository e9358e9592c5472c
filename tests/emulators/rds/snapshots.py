"""Snapshots: copies of a whole cluster, made by hand or by the schedule."""

from __future__ import annotations

import shutil
import typing as t

import psycopg

from tests.emulators.rds import paging, tags
from tests.emulators.rds.errors import RdsError
from tests.emulators.rds.instance import AVAILABLE, CHANGEABLE, INHERITED, Snapshot, now, of_snapshot, shown_snapshot
from tests.emulators.rds.lifecycle import Step, begin
from tests.emulators.rds.world import SNAPSHOT, checked
from tools.embedded.errors import EmbeddedError

if t.TYPE_CHECKING:
    from tests.emulators.rds.instance import Instance
    from tests.emulators.rds.wire import Parameters
    from tests.emulators.rds.world import World

FILTERS: t.Final = ("db-instance-id", "db-snapshot-id", "dbi-resource-id", "snapshot-type", "engine")


def create(world: World, given: Parameters) -> Parameters:
    """CreateDBSnapshot: the instance is backing-up meanwhile, and works."""
    instance = world.instance(given["DBInstanceIdentifier"])
    name = free_name(world, given["DBSnapshotIdentifier"])
    message = f"Cannot create a snapshot because the database instance {instance.identifier} is not currently in the available state."
    instance.require(CHANGEABLE, message)
    snapshot = begun(world, instance, name, given)
    begin(world, instance, [Step("backing-up", lambda: taken(world, snapshot))], then=instance.status, at_once=True)
    return {"DBSnapshot": shown_snapshot(snapshot)}


def delete(world: World, given: Parameters) -> Parameters:
    snapshot = world.snapshot(given["DBSnapshotIdentifier"])
    if snapshot.kind != "manual":
        raise RdsError("InvalidDBSnapshotState", f"Snapshot {snapshot.identifier} is an automated one; only manual ones can be deleted.")
    if snapshot.status not in (AVAILABLE, "failed"):
        raise RdsError("InvalidDBSnapshotState", "Cannot delete the snapshot because it is not currently in the available or failed state.")
    del world.snapshots[snapshot.identifier]
    shutil.rmtree(snapshot.folder, ignore_errors=True)
    snapshot.status = "deleted"
    world.tell(snapshot, "Deleted user snapshot", "deletion")
    return {"DBSnapshot": shown_snapshot(snapshot)}


def index(world: World, given: Parameters) -> Parameters:
    """DescribeDBSnapshots: all that are not shared, the automated ones too."""
    named = given.get("DBSnapshotIdentifier")
    found = list(world.snapshots.values()) if named is None else [world.snapshot(named)]
    wanted = {"SnapshotType": given.get("SnapshotType"), "DBInstanceIdentifier": given.get("DBInstanceIdentifier", "").lower() or None}
    wanted["DbiResourceId"] = given.get("DbiResourceId")
    rows = [shown_snapshot(one) for one in found]
    rows = [row for row in rows if all(value is None or row[name] == value for name, value in wanted.items())]
    rows = paging.filtered(rows, given, FILTERS)
    return paging.page(world, given, "DBSnapshots", rows)


def free_name(world: World, wanted: str) -> str:
    name = checked(wanted, "DBSnapshotIdentifier", SNAPSHOT)
    if name in world.snapshots:
        message = f"Cannot create the snapshot because a snapshot with the identifier {name} already exists."
        raise RdsError("DBSnapshotAlreadyExists", message)
    return name


def begun(world: World, instance: Instance, name: str, given: Parameters) -> Snapshot:
    """A manual one that is on its way."""
    own = {**_copied(instance), **tags.given(given)}
    folder = world.home / "snapshots" / name
    snapshot = Snapshot(name, instance, folder, "manual", of_snapshot(instance), _inherited(instance), own)
    world.snapshots[name] = snapshot
    return snapshot


def taken(world: World, snapshot: Snapshot) -> None:
    """Make the copy. A failure is the snapshot's, not the instance's."""
    snapshot.folder.parent.mkdir(exist_ok=True)
    shutil.rmtree(snapshot.folder, ignore_errors=True)
    if world.faults.one("snapshot_failed") is not None:
        snapshot.status = "failed"
        return
    try:
        snapshot.source.database.archive.copy_to(snapshot.folder)
    except (EmbeddedError, OSError, psycopg.Error) as exc:
        world.note(f"{snapshot.identifier}: {exc}")
        snapshot.status = "failed"
        return
    snapshot.created, snapshot.status = now(), AVAILABLE
    world.tell(snapshot, "Manual snapshot created", "creation")


def automated(world: World, instance: Instance) -> None:
    """A backup as the schedule makes them: with it the window of restorable moments begins."""
    backup = instance.database.archive.back_up()
    name = f"rds:{instance.identifier}-{now():%Y-%m-%d-%H-%M}-{backup.id}"
    folder = instance.database.archive.folder_of(backup)
    snapshot = Snapshot(name, instance, folder, "automated", of_snapshot(instance), _inherited(instance), _copied(instance))
    snapshot.status = AVAILABLE
    with world.lock:
        world.snapshots[name] = snapshot
    world.tell(instance, "Finished DB Instance backup", "backup")


def forget_automated(world: World, instance: Instance) -> None:
    """Its automated backups are gone, and with them the window."""
    with world.lock:
        for name in [name for name, one in world.snapshots.items() if one.source is instance and one.kind == "automated"]:
            del world.snapshots[name]
    if instance.database.home.exists():
        instance.database.archive.forget()


def _inherited(instance: Instance) -> Parameters:
    return {name: instance.facts[name] for name in INHERITED if name in instance.facts}


def _copied(instance: Instance) -> dict[str, str]:
    """The tags of an instance go to its snapshots only where it says so."""
    return dict(instance.tags) if instance.facts["CopyTagsToSnapshot"] else {}
