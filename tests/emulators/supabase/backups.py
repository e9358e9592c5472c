"""Backups of the database, recovery to one of them, to a moment or to a restore point."""

from __future__ import annotations

import re
import time
import typing as t

from tests.emulators.http_server import Answer
from tests.emulators.supabase import lifecycle
from tests.emulators.supabase.errors import bad_request, not_found, payment_required
from tests.emulators.supabase.project import ACTIVE, RestorePoint, iso, now

if t.TYPE_CHECKING:
    from tests.emulators.postgres.archive import Backup
    from tests.emulators.supabase.call import Call
    from tests.emulators.supabase.project import Object, Project
    from tests.emulators.supabase.world import World

CLOCK = re.compile(r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")


def index(world: World, call: Call) -> Answer:
    """What there really is. A free plan has no backups; with point-in-time recovery, the window in `physical_backup_data`."""
    project = call.project
    is_paid = not project.organization.is_free
    shown = [_wire(one) for one in reversed(project.database.archive.backups)] if is_paid else []
    row: Object = {"region": project.region, "walg_enabled": is_paid, "pitr_enabled": project.has_pitr, "backups": shown}
    return Answer(200, {**row, "physical_backup_data": _window(world, project) if project.has_pitr else {}})


def restore(world: World, call: Call) -> Answer:
    """POST: back to a physical backup."""
    project, number = call.project, call.body["id"]
    _require_paid(project, "Restoring a backup")
    _require_restorable(project)
    backup = next((one for one in project.database.archive.backups if one.id == number), None)
    if backup is None:
        raise bad_request(f"Backup with ID {number} not found")
    if not backup.is_physical:
        raise bad_request(f"Backup {number} is a logical one; only physical backups can be restored here.")
    lifecycle.recover(world, project, lambda: project.database.archive.to_backup(backup))
    return Answer(201)


def restore_pitr(world: World, call: Call) -> Answer:
    """POST: back to a second inside the window."""
    project, moment = call.project, call.body["recovery_time_target_unix"]
    _require_paid(project, "Point in time recovery")
    if not project.has_pitr:
        raise bad_request("Point in time recovery is not enabled for this project.")
    _require_restorable(project)
    window = _window(world, project)
    earliest, latest = (window[f"{name}_physical_backup_date_unix"] for name in ("earliest", "latest"))
    if not earliest <= moment <= latest:
        raise bad_request(f"Recovery time target {moment} is outside of the recovery window from {earliest} to {latest}.")
    lifecycle.recover(world, project, lambda: project.database.archive.to_moment(moment))
    return Answer(201)


def restore_point(world: World, call: Call) -> Answer:
    """GET: the newest, or the newest of a name."""
    found = [one for one in call.project.restore_points if call.word("name") in ("", one.name)]
    if not found:
        raise not_found("Restore point not found")
    return Answer(200, _wire_of_point(found[-1]))


def make_restore_point(world: World, call: Call) -> Answer:
    """POST: PENDING until it is archived."""
    project, name = call.project, call.body["name"]
    _require_paid(project, "Restore points")
    project.require_active()
    if not name:
        raise bad_request("name must not be empty")
    moment = project.database.archive.mark(_label(project, name, len(project.restore_points)))
    due = time.time() + world.settings.restore_point_seconds
    point = RestorePoint(name, moment, due, is_lost=world.faults.one("restore_point_failed") is not None)
    project.restore_points.append(point)
    return Answer(201, _wire_of_point(point))


def undo(world: World, call: Call) -> Answer:
    """POST: back to a restore point."""
    project, name = call.project, call.body["name"]
    _require_paid(project, "Restore points")
    _require_restorable(project)
    point = next((one for one in reversed(project.restore_points) if one.name == name), None)
    if point is None or point.status != "AVAILABLE":
        raise not_found(f"Restore point {name} not found or not available")
    label = _label(project, name, project.restore_points.index(point))
    lifecycle.recover(world, project, lambda: project.database.archive.to_mark(label, point.moment))
    return Answer(201)


def schedule(world: World, call: Call) -> Answer:
    _require_paid(call.project, "Changing when backups are made")
    settings = call.project.settings
    return Answer(200, {"schedule_for": settings.schedule, "updated_at": settings.schedule_changed})


def change_schedule(world: World, call: Call) -> Answer:
    wanted = call.body["schedule_for"]
    _require_paid(call.project, "Changing when backups are made")
    if not CLOCK.match(wanted):
        raise bad_request("Invalid schedule_for format, expected HH:MM[:SS]")
    settings = call.project.settings
    settings.schedule, settings.schedule_changed = wanted if wanted.count(":") > 1 else f"{wanted}:00", now()
    return schedule(world, call)


def _window(world: World, project: Project) -> Object:
    archive = project.database.archive
    latest = archive.latest(is_active=project.status == ACTIVE) - world.settings.archive_lag_seconds
    return {"earliest_physical_backup_date_unix": archive.earliest() or latest, "latest_physical_backup_date_unix": latest}


def _label(project: Project, name: str, number: int) -> str:
    """What PostgreSQL calls it: a name may come again, a label must not."""
    return f"{name}-{number}-{project.ref}"


def _require_restorable(project: Project) -> None:
    """A restore that failed can be tried again."""
    if project.status != "RESTORE_FAILED":
        project.require_active()


def _require_paid(project: Project, what: str) -> None:
    if project.organization.is_free:
        raise payment_required(f"{what} is only available on the Pro Plan and up. Please upgrade the organization.")


def _wire(backup: Backup) -> Object:
    return {"id": backup.id, "is_physical_backup": backup.is_physical, "status": "COMPLETED", "inserted_at": iso(backup.moment)}


def _wire_of_point(point: RestorePoint) -> Object:
    status = point.status
    return {"name": point.name, "status": status, "completed_on": iso(point.due) if status == "AVAILABLE" else None}
