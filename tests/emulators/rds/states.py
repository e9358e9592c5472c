"""Reboot, stop, start, delete."""

from __future__ import annotations

import shutil
import typing as t

from tests.emulators.rds import snapshots
from tests.emulators.rds.errors import contradictory, wrong_state
from tests.emulators.rds.instance import AVAILABLE, DELETED, STOPPED, shown
from tests.emulators.rds.lifecycle import Step, begin

if t.TYPE_CHECKING:
    from tests.emulators.rds.instance import Instance
    from tests.emulators.rds.wire import Parameters
    from tests.emulators.rds.world import World

UNABLE: t.Final = frozenset(("failed", "incompatible-restore", "incompatible-network"))


def reboot(world: World, given: Parameters) -> Parameters:
    """The parameter group that was waiting for it holds afterwards."""
    instance = world.instance(given["DBInstanceIdentifier"])
    instance.require((AVAILABLE, "storage-full"))

    def work() -> None:
        instance.database.override(world.parameter_groups[instance.parameter_group])
        instance.database.restart()
        instance.parameter_status = "in-sync"

    begin(world, instance, [Step("rebooting", work)], then=instance.status, at_once=True)
    return _answer(world, instance)


def stop(world: World, given: Parameters) -> Parameters:
    instance = world.instance(given["DBInstanceIdentifier"])
    instance.require((AVAILABLE,), f"Instance {instance.identifier} is not in available state.")
    steps = _final(world, instance, given.get("DBSnapshotIdentifier"), given, "stopping")
    begin(world, instance, [*steps, Step("stopping", lambda: silence(instance))], then=STOPPED, at_once=True)
    return _answer(world, instance)


def start(world: World, given: Parameters) -> Parameters:
    instance = world.instance(given["DBInstanceIdentifier"])
    instance.require((STOPPED,), f"Instance {instance.identifier} is not stopped, it cannot be started.")

    def work() -> None:
        instance.database.start()
        instance.flushed = 0.0

    begin(world, instance, [Step("starting", work)], at_once=True)
    return _answer(world, instance)


def delete(world: World, given: Parameters) -> Parameters:
    """Whatever is on its way is finished first."""
    instance = world.instance(given["DBInstanceIdentifier"])
    final, skips = given.get("FinalDBSnapshotIdentifier"), given.get("SkipFinalSnapshot", False)
    _check_deletion(instance, final, skips=skips)
    if final:
        snapshots.free_name(world, final)
    keeps = given.get("DeleteAutomatedBackups") is False and instance.retention > 0
    steps = _final(world, instance, final, given, "deleting")
    begin(world, instance, [*steps, Step("deleting", lambda: remove(world, instance, keeps_backups=keeps))], then=DELETED, at_once=True)
    return _answer(world, instance)


def remove(world: World, instance: Instance, *, keeps_backups: bool = False) -> None:
    """It is gone; its automated backups may stay."""
    if keeps_backups:
        silence(instance)
    instance.database.stop()
    with world.lock:
        if world.instances.get(instance.identifier) is instance:
            del world.instances[instance.identifier]
        if keeps_backups:
            world.retained[instance.resource] = instance
    world.door(instance.identifier).cut()
    if not keeps_backups:
        snapshots.forget_automated(world, instance)
        shutil.rmtree(instance.database.home, ignore_errors=True)


def silence(instance: Instance) -> None:
    """Archive everything and end the server."""
    if instance.database.missing() is None:
        instance.flushed = instance.database.archive.flush()
    instance.database.stop()


def _final(world: World, instance: Instance, name: str | None, given: Parameters, state: str) -> list[Step]:
    """The snapshot that is made before."""
    if name is None:
        return []
    snapshot = snapshots.begun(world, instance, snapshots.free_name(world, name), given)
    return [Step(state, lambda: snapshots.taken(world, snapshot))]


def _check_deletion(instance: Instance, final: str | None, *, skips: bool) -> None:
    if instance.facts["DeletionProtection"]:
        raise contradictory("Cannot delete protected DB Instance, please disable deletion protection and try again.")
    if final and skips:
        raise contradictory("FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is enabled.")
    if not final and not skips:
        raise contradictory("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    if instance.status == "deleting":
        raise wrong_state(f"Instance {instance.identifier} is already being deleted.")
    if final and instance.status in UNABLE:
        raise wrong_state(f"Cannot create a snapshot because the database instance {instance.identifier} is {instance.status}.")


def _answer(world: World, instance: Instance) -> Parameters:
    return {"DBInstance": shown(instance, world.door(instance.identifier).port, world.settings.restorable_lag_seconds)}
