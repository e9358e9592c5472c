"""ModifyDBInstance: what holds at once, what waits for the maintenance window, and renaming."""

from __future__ import annotations

import typing as t

from tests.emulators.rds import groups
from tests.emulators.rds.errors import not_here
from tests.emulators.rds.facts import check_figures, check_password, settled
from tests.emulators.rds.instance import CHANGEABLE, shown
from tests.emulators.rds.lifecycle import Step, begin, nothing
from tests.emulators.rds.snapshots import automated, forget_automated

if t.TYPE_CHECKING:
    from tests.emulators.rds.instance import Instance
    from tests.emulators.rds.wire import Parameters
    from tests.emulators.rds.world import World

# With ApplyImmediately, else in the maintenance window, by the names that PendingModifiedValues has for them. All else holds at once.
DEFERRED: t.Final = frozenset(
    (
        "DBInstanceClass",
        "AllocatedStorage",
        "MultiAZ",
        "StorageType",
        "Iops",
        "StorageThroughput",
        "ProcessorFeatures",
        "DedicatedLogVolume",
        "IAMDatabaseAuthenticationEnabled",
    )
)
# What is no fact of the instance, or not as it is given.
OWN: t.Final = frozenset(
    (
        "DBInstanceIdentifier",
        "NewDBInstanceIdentifier",
        "ApplyImmediately",
        "MasterUserPassword",
        "BackupRetentionPeriod",
        "VpcSecurityGroupIds",
        "DBParameterGroupName",
    )
)
NEVER: t.Final = frozenset(("Engine", "EngineVersion", "LicenseModel", "DBSubnetGroupName"))


def modify(world: World, given: Parameters) -> Parameters:
    """Everything is checked before anything changes."""
    instance = world.instance(given["DBInstanceIdentifier"])
    wanted = _checked(world, instance, given)
    instance.require(CHANGEABLE, f"Database instance is not in available state. {instance.identifier} is {instance.status}.")
    instance.facts |= {name: value for name, value in wanted.items() if name not in DEFERRED}
    _change_at_once(instance, given)
    instance.pending |= {name: wanted[name] for name in DEFERRED & set(wanted) if wanted[name] != instance.facts.get(name)}
    instance.pending |= _deferred(instance, given)
    steps = _password_steps(instance, given)
    if given.get("ApplyImmediately"):
        steps += due(world, instance)
    answer = shown(instance, world.door(instance.identifier).port, world.settings.restorable_lag_seconds)
    if steps:
        begin(world, instance, steps, then=instance.status)
    return {"DBInstance": answer}


def due(world: World, instance: Instance) -> list[Step]:
    """What brings the pending values about; renaming comes last."""
    pending, steps = dict(instance.pending), []
    name = pending.pop("DBInstanceIdentifier", None)
    retention = pending.pop("BackupRetentionPeriod", None)
    pending.pop("MasterUserPassword", None)
    if pending:
        steps.append(Step("modifying", lambda: _apply(instance, pending)))
    if retention is not None:
        steps += _retention_steps(world, instance, retention)
    if name is not None:
        steps += [Step("renaming", lambda: _rename(world, instance, name)), Step("rebooting", nothing)]
    return steps


def _checked(world: World, instance: Instance, given: Parameters) -> Parameters:
    """The new facts."""
    unknown = NEVER & set(given)
    if unknown:
        raise not_here(f"changing {min(unknown)}")
    wanted = settled(world, {name: value for name, value in given.items() if name not in OWN})
    check_figures(given)
    if "MasterUserPassword" in given:
        check_password(given["MasterUserPassword"])
    if "NewDBInstanceIdentifier" in given and given["NewDBInstanceIdentifier"].lower() != instance.identifier:
        world.free_name(given["NewDBInstanceIdentifier"], "NewDBInstanceIdentifier")
    groups.security(world, given.get("VpcSecurityGroupIds", []))
    groups.parameters(world, given.get("DBParameterGroupName", instance.parameter_group))
    return wanted


def _change_at_once(instance: Instance, given: Parameters) -> None:
    if given.get("VpcSecurityGroupIds"):
        instance.security_groups = list(given["VpcSecurityGroupIds"])
    group = given.get("DBParameterGroupName", "").lower()
    if group and group != instance.parameter_group:
        instance.parameter_group, instance.parameter_status = group, "pending-reboot"
    if given.get("BackupRetentionPeriod") and instance.retention:
        instance.facts["BackupRetentionPeriod"] = given["BackupRetentionPeriod"]
    if "MasterUserPassword" in given:
        instance.pending["MasterUserPassword"] = given["MasterUserPassword"]


def _deferred(instance: Instance, given: Parameters) -> Parameters:
    """A new name, and backups that begin or end."""
    found: Parameters = {}
    retention = given.get("BackupRetentionPeriod", instance.retention)
    if retention != instance.retention:
        found["BackupRetentionPeriod"] = retention
    name = given.get("NewDBInstanceIdentifier", instance.identifier).lower()
    return {**found, "DBInstanceIdentifier": name} if name != instance.identifier else found


def _password_steps(instance: Instance, given: Parameters) -> list[Step]:
    if "MasterUserPassword" not in given:
        return []

    def work() -> None:
        instance.database.change_password(instance.facts["MasterUsername"], given["MasterUserPassword"])
        instance.pending.pop("MasterUserPassword", None)

    return [Step("resetting-master-credentials", work)]


def _apply(instance: Instance, values: Parameters) -> None:
    """Another class is another machine: the server is begun anew."""
    if "DBInstanceClass" in values:
        instance.database.restart()
    instance.facts |= values
    for name in values:
        instance.pending.pop(name, None)


def _retention_steps(world: World, instance: Instance, days: int) -> list[Step]:
    """From 0 the first backup begins the window, to 0 all are gone."""

    def work() -> None:
        instance.facts["BackupRetentionPeriod"] = days
        instance.pending.pop("BackupRetentionPeriod", None)
        if not days:
            forget_automated(world, instance)

    return [Step("modifying", work), *([Step("backing-up", lambda: automated(world, instance))] if days else [])]


def _rename(world: World, instance: Instance, name: str) -> None:
    """The server is begun anew, and the old address leads nowhere."""
    old = instance.identifier
    instance.database.stop()
    with world.lock:
        free = world.free_name(name, "NewDBInstanceIdentifier")
        world.instances.pop(old, None)
        instance.identifier = free
        world.add(instance)
    instance.pending.pop("DBInstanceIdentifier", None)
    world.door(old).cut()
    instance.database.start()
    world.tell(instance, f"Renamed instance from {old} to {name}.", "notification")
