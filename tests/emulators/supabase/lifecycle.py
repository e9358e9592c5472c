"""How a project changes its state: accepted at once, done in the background, seen by whoever asks again."""

from __future__ import annotations

import threading
import time
import typing as t

import psycopg

from tests.emulators.http_server import Answer
from tests.emulators.supabase.errors import bad_request, conflict
from tests.emulators.supabase.project import ACTIVE, IN_TRANSIT
from tools.embedded.errors import EmbeddedError

if t.TYPE_CHECKING:
    from tests.emulators.supabase.call import Call
    from tests.emulators.supabase.project import Project
    from tests.emulators.supabase.world import World

NOTHING_TO_SAY: t.Final = (
    "target_upgrade_versions",
    "legacy_auth_custom_roles",
    "objects_to_be_dropped",
    "unsupported_extensions",
    "user_defined_objects_in_internal_schemas",
    "validation_errors",
    "warnings",
)
DEAD: t.Final = frozenset(("INIT_FAILED", "RESTORE_FAILED"))
LOOK_AGAIN_SECONDS = 0.02
VERSION: t.Final = {"version": "17", "release_channel": "ga", "postgres_engine": "17"}


def pause(world: World, call: Call) -> Answer:
    call.project.require_active()
    _begin(world, call.project, "PAUSING", call.project.database.stop, then="INACTIVE", fault="pause_failed", else_="PAUSE_FAILED")
    return Answer(200)


def resume(world: World, call: Call) -> Answer:
    """POST /restore brings a paused project back."""
    project = call.project
    if project.status in IN_TRANSIT:
        raise conflict(f"Project {project.ref} is {project.status}.")
    if project.status == ACTIVE:
        raise bad_request("Project is not paused.")
    bring_up(world, project)
    return Answer(200)


def versions(world: World, call: Call) -> Answer:
    """GET /restore: what a paused project may come back as."""
    return Answer(200, {"available_versions": [VERSION]})


def restart(world: World, call: Call) -> Answer:
    call.project.require_active()
    start_again(world, call.project)
    return Answer(200)


def bring_up(world: World, project: Project) -> None:
    _begin(world, project, "COMING_UP", lambda: _start(world, project), fault="start_failed", else_="INIT_FAILED")


def start_again(world: World, project: Project, state: str = "RESTARTING") -> None:
    def work() -> None:
        project.database.stop()
        project.database.start()

    _begin(world, project, state, work, fault="start_failed", else_="INIT_FAILED")


def resize(world: World, project: Project) -> None:
    start_again(world, project, "RESIZING")


def recover(world: World, project: Project, work: t.Callable[[], None]) -> None:
    """RESTORING, until `work` has brought the database back."""
    _begin(world, project, "RESTORING", work, fault="restore_failed", else_="RESTORE_FAILED")


def _start(world: World, project: Project) -> None:
    project.database.start()
    if not project.organization.is_free and not project.database.archive.physical():
        project.database.archive.back_up()


def _begin(world: World, project: Project, state: str, work: t.Callable[[], None], *, fault: str, else_: str, then: str = ACTIVE) -> None:
    """Enter `state` now and leave it when `work` is done: to `then`, or to `else_` when it failed or is to fail."""
    project.status, project.looks = state, 0
    is_stuck, fails = (world.faults.one(kind) is not None for kind in ("stuck", fault))

    def run() -> None:
        begun = time.monotonic()
        try:
            if not fails:
                work()
        except (EmbeddedError, OSError, psycopg.Error) as exc:
            world.note(f"{project.ref}: {state}: {exc}")
            outcome = else_
        else:
            outcome = else_ if fails else then
        if outcome in DEAD:
            project.database.stop()
        while time.monotonic() < begun + world.settings.transition_seconds or project.looks < world.settings.transition_looks:
            time.sleep(LOOK_AGAIN_SECONDS)  # the settings may change meanwhile
        with project.lock:
            if project.status == state:
                project.status = outcome

    if not is_stuck:
        project.worker = threading.Thread(target=run, name=f"{project.ref} {state}", daemon=True)
        project.worker.start()


def eligibility(world: World, call: Call) -> Answer:
    """There is nothing newer to upgrade to."""
    version = f"supabase-postgres-{call.project.database.version}"
    nothing: dict[str, list[str]] = {name: [] for name in NOTHING_TO_SAY}
    row = {"eligible": False, "current_app_version": version, "current_app_version_release_channel": "ga", "latest_app_version": version}
    return Answer(200, {**row, **nothing, "duration_estimate_hours": 0})


def upgrade_status(world: World, call: Call) -> Answer:
    return Answer(200, {"databaseUpgradeStatus": None})
