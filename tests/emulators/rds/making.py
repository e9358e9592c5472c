"""CreateDBInstance and the two restores: each makes a new instance with a PostgreSQL of its own."""

from __future__ import annotations

import typing as t

from tests.emulators.postgres.archive import run
from tests.emulators.rds import groups, tags
from tests.emulators.rds.database import version
from tests.emulators.rds.errors import RdsError, contradictory, invalid, not_here
from tests.emulators.rds.facts import check_figures, check_password, settled
from tests.emulators.rds.instance import (
    AVAILABLE,
    DEFAULTS,
    INHERITED,
    RESTORABLE,
    Instance,
    shown,
    whole,
)
from tests.emulators.rds.lifecycle import CHANGE, Failure, Step, begin
from tests.emulators.rds.snapshots import automated

if t.TYPE_CHECKING:
    from tests.emulators.rds.wire import Parameters
    from tests.emulators.rds.world import World

RESTORE: t.Final = Failure("restore_failed", "incompatible-restore")
RESERVED = frozenset(("rdsadmin", "rds_superuser", "admin"))
# What says nothing about the facts of the new instance.
OWN: t.Final = frozenset(
    (
        "DBInstanceIdentifier",
        "MasterUserPassword",
        "Tags",
        "TagSpecifications",
        "VpcSecurityGroupIds",
        "DBParameterGroupName",
        "Port",
        "EngineVersion",
        "SourceDBInstanceIdentifier",
        "TargetDBInstanceIdentifier",
        "RestoreTime",
        "UseLatestRestorableTime",
        "SourceDbiResourceId",
        "SourceDBInstanceAutomatedBackupsArn",
        "DBSnapshotIdentifier",
    )
)


def create(world: World, given: Parameters) -> Parameters:
    name = world.free_name(given["DBInstanceIdentifier"], "DBInstanceIdentifier")
    _check_new(given)
    resource, database = world.new_database()
    user, password = given["MasterUsername"], given["MasterUserPassword"]
    database.begin_with(user=user, password=password, database=given.get("DBName", ""))
    facts = {**DEFAULTS, "MasterUsername": user, **_wanted(world, given), "EngineVersion": version()}
    instance = Instance(name, resource, world.region, facts, database, tags.given(given), *groups.of_new(world, given))
    return _made(world, instance, database.start, CHANGE)


def to_moment(world: World, given: Parameters) -> Parameters:
    """RestoreDBInstanceToPointInTime."""
    name = world.free_name(given["TargetDBInstanceIdentifier"], "TargetDBInstanceIdentifier")
    source = _source(world, given)
    source.require(RESTORABLE, f"Instance {source.identifier} is {source.status}; it has to be available.")
    moment = _moment(world, source, given)
    if not source.flushed:
        source.database.archive.flush()  # now: the source may be renamed, stopped or changed as soon as this is answered
    instance = _successor(world, name, {key: source.facts[key] for key in INHERITED if key in source.facts}, given)

    def work() -> None:
        instance.database.prepare()
        source.database.archive.elsewhere(moment, instance.database)
        instance.database.start()

    return _made(world, instance, work, RESTORE)


def from_snapshot(world: World, given: Parameters) -> Parameters:
    """RestoreDBInstanceFromDBSnapshot."""
    name = world.free_name(given["DBInstanceIdentifier"], "DBInstanceIdentifier")
    if "DBSnapshotIdentifier" not in given:
        raise RdsError("MissingParameter", "The request must contain the parameter DBSnapshotIdentifier.")
    snapshot = world.snapshot(given["DBSnapshotIdentifier"])
    if snapshot.status != AVAILABLE:
        raise RdsError("InvalidDBSnapshotState", f"Snapshot {snapshot.identifier} is {snapshot.status}; it has to be available.")
    instance = _successor(world, name, snapshot.inherited, given)

    def work() -> None:
        instance.database.prepare()
        run("cp", "-a", str(snapshot.folder), str(instance.database.data_dir))
        instance.database.start()

    return _made(world, instance, work, RESTORE)


def _made(world: World, instance: Instance, work: t.Callable[[], None], failure: Failure) -> Parameters:
    """It comes up by itself: creating, then its first backup where it has any."""
    world.add(instance)
    instance.database.take(world.parameter_groups[instance.parameter_group])
    steps = [Step("creating", work)]
    if instance.retention:
        steps.append(Step("backing-up", lambda: automated(world, instance)))
    is_full = failure == RESTORE and world.faults.one("storage_full") is not None
    begin(world, instance, steps, then="storage-full" if is_full else AVAILABLE, failure=failure, at_once=True)
    return {"DBInstance": shown(instance, world.door(instance.identifier).port, world.settings.restorable_lag_seconds)}


def _successor(world: World, name: str, inherited: Parameters, given: Parameters) -> Instance:
    """Of its source it has the storage, the master and the database; groups, tags and protection are as of a new one."""
    wanted = _wanted(world, given)
    if wanted.get("AllocatedStorage", inherited["AllocatedStorage"]) < inherited["AllocatedStorage"]:
        raise invalid("Allocated storage size can't be less than the source instance size.")
    resource, database = world.new_database()
    facts = {**DEFAULTS, **inherited, **wanted}
    return Instance(name, resource, world.region, facts, database, tags.given(given), *groups.of_new(world, given))


def _source(world: World, given: Parameters) -> Instance:
    named = [key for key in ("SourceDBInstanceIdentifier", "SourceDbiResourceId", "SourceDBInstanceAutomatedBackupsArn") if key in given]
    if len(named) != 1:
        raise contradictory(
            "Exactly one of SourceDBInstanceIdentifier, SourceDbiResourceId and SourceDBInstanceAutomatedBackupsArn must be specified."
        )
    find = {"SourceDBInstanceIdentifier": world.instance, "SourceDbiResourceId": world.by_resource}.get(named[0], world.by_backup)
    return find(given[named[0]])


def _moment(world: World, source: Instance, given: Parameters) -> float:
    """What to go back to, in seconds since the epoch: inside of the window."""
    wanted, is_latest = given.get("RestoreTime"), given.get("UseLatestRestorableTime", False)
    if (wanted is None) != bool(is_latest):
        raise contradictory("Either RestoreTime or UseLatestRestorableTime must be specified, and not both.")
    if not source.retention:
        message = f"SourceDBInstanceIdentifier {source.identifier} refers to a DB instance with BackupRetentionPeriod equal to 0."
        raise RdsError("PointInTimeRestoreNotEnabled", message)
    earliest, latest = source.earliest, source.latest(world.settings.restorable_lag_seconds)
    if earliest is None or latest is None:
        raise invalid(f"DB instance {source.identifier} has no automated backup yet, so it cannot be restored to any time.")
    moment = latest if wanted is None else float(int(wanted.timestamp()))
    if not earliest <= moment <= latest:
        asked, first, last = (f"{whole(one):%Y-%m-%dT%H:%M:%SZ}" for one in (moment, earliest, latest))
        raise invalid(f"The specified restore time {asked} is not valid. It must be between {first} and the latest restorable time {last}.")
    return moment


def _check_new(given: Parameters) -> None:
    if given["Engine"] != "postgres":
        raise not_here(f"the engine {given['Engine']}")
    for name in ("MasterUsername", "MasterUserPassword", "AllocatedStorage"):
        if not given.get(name):
            raise invalid(f"The parameter {name} must be provided and must not be blank.")
    if given["MasterUsername"].lower() in RESERVED:
        raise invalid(f"MasterUsername {given['MasterUsername']} cannot be used as it is a reserved word used by the engine")
    check_password(given["MasterUserPassword"])
    if given.get("EngineVersion", version()) not in (version(), version().partition(".")[0]):
        raise contradictory(f"Cannot find version {given['EngineVersion']} for postgres; there is {version()}.")


def _wanted(world: World, given: Parameters) -> Parameters:
    check_figures(given)
    return settled(world, {name: value for name, value in given.items() if name not in OWN})
