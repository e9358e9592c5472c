"""The emulator's own door, `/__emulator/`: faults, settings, projects, what was asked, and starting anew."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import typing as t

from tests.emulators.faults import UnknownFaultError
from tests.emulators.http_server import Answer
from tests.emulators.supabase import network, projects
from tests.emulators.supabase.call import parsed
from tests.emulators.supabase.errors import bad_request, not_found
from tests.emulators.supabase.project import ACTIVE, PLANS, STATES, Project, now, ref_of
from tests.emulators.supabase.world import ORGANIZATION, OTHER_TOKEN, TOKEN, World

if t.TYPE_CHECKING:
    from tests.emulators.http_server import Request
    from tests.emulators.supabase.call import Query

REMEMBERED = 100_000
Given = dict[str, t.Any]


class Witness(t.Protocol):
    """Looks at every answer of the API."""

    def saw(self, method: str, pattern: str, answer: Answer) -> None:
        """`pattern` is the route's."""

    def violations(self) -> list[str]:
        """What was wrong with the answers seen since the last time somebody asked."""


class Control:
    """Keeps what outlives a reset: the log and the witness."""

    def __init__(self, world: World, witness: Witness | None = None) -> None:
        self._world, self._witness = world, witness
        self._numbers = itertools.count(1)
        self._log: collections.deque[Given] = collections.deque(maxlen=REMEMBERED)

    def log(self, plane: str, request: Request, status: int) -> None:
        """Neither bodies nor queries: they hold secrets. Status 0 is a connection that was cut."""
        row = {"n": next(self._numbers), "plane": plane, "method": request.method, "ref": request.ref, "path": request.path}
        self._log.append({**row, "status": status})

    def saw(self, method: str, pattern: str, answer: Answer) -> None:
        if self._witness is not None:
            self._witness.saw(method, pattern, answer)

    def answer(self, method: str, name: str, query: Query, raw: bytes) -> Answer:
        handler = getattr(self, f"_{method.lower()}_{name.split('/')[0]}", None)
        if handler is None:
            raise not_found(f"The emulator's door has no {method} {name}.")
        try:
            return Answer(200, handler({**{key: values[-1] for key, values in query.items()}, **(parsed(raw) or {})}))
        except (KeyError, ValueError) as exc:
            raise bad_request(f"{name}: missing or wrong: {exc}") from exc

    # --- faults and settings ---

    def _get_faults(self, given: Given) -> t.Any:
        return {"faults": self._world.faults.described()}

    def _post_faults(self, given: Given) -> t.Any:
        try:
            return self._world.faults.add(**given).described()
        except (UnknownFaultError, TypeError) as exc:
            raise bad_request(str(exc)) from exc

    def _delete_faults(self, given: Given) -> t.Any:
        """All, or the one with this `id`."""
        self._world.faults.drop(int(given["id"]) if "id" in given else None)
        return {"faults": self._world.faults.described()}

    def _get_settings(self, given: Given) -> t.Any:
        return dataclasses.asdict(self._world.settings)

    def _patch_settings(self, given: Given) -> t.Any:
        try:
            self._world.settings.change(given)
        except (TypeError, ValueError) as exc:
            raise bad_request(str(exc)) from exc
        return dataclasses.asdict(self._world.settings)

    # --- what tests look at ---

    def _get_requests(self, given: Given) -> t.Any:
        """Those after number `after`."""
        after = int(given.get("after", 0))
        return {"requests": [row for row in self._log if row["n"] > after]}

    def _delete_requests(self, given: Given) -> t.Any:
        self._log.clear()
        return {"requests": []}

    def _get_violations(self, given: Given) -> t.Any:
        """What the published description of the API says against the answers given; null when nobody looks."""
        return {"violations": self._witness.violations() if self._witness is not None else None}

    def _get_notes(self, given: Given) -> t.Any:
        """Why changes of state failed."""
        return {"notes": list(self._world.notes)}

    def _get_ready(self, given: Given) -> t.Any:
        return facts(self._world)

    # --- organizations and projects ---

    def _patch_organizations(self, given: Given) -> t.Any:
        """{"slug", "plan"}."""
        found = self._world.organizations.get(str(given.get("slug", ORGANIZATION)))
        if found is None or given["plan"] not in PLANS:
            raise bad_request(f"the organizations are {', '.join(self._world.organizations)}, the plans {', '.join(PLANS)}")
        found.plan = str(given["plan"])
        return dataclasses.asdict(found)

    def _patch_projects(self, given: Given) -> t.Any:
        """{"ref", "status"}: as if it were on its way, or had failed."""
        project = self._project(given)
        if given["status"] not in STATES:
            raise bad_request(f"the states are {', '.join(sorted(STATES))}")
        project.status = str(given["status"])
        return project_facts(project)

    def _post_backups(self, given: Given) -> t.Any:
        """{"ref", "kind": physical | logical}: what the schedule would do, now."""
        project = self._project(given)
        with project.lock:
            project.require_active()
            archive = project.database.archive
            return dataclasses.asdict(archive.dump() if given.get("kind") == "logical" else archive.back_up())

    def _post_bans(self, given: Given) -> t.Any:
        """{"ref", "address"}: as if that address had tried too many wrong passwords."""
        project = self._project(given)
        project.settings.bans.add(str(given.get("address", network.OURSELVES)))
        network.enforce(self._world, project)
        return {"banned": sorted(project.settings.bans)}

    def _post_servers(self, given: Given) -> t.Any:
        """{"ref", "server": database | objects, "running"}: end or start a real server under the feet of everybody."""
        server = self._project(given).database if given["server"] == "database" else self._world.objects
        if given["running"]:
            server.start()
        else:
            server.stop()
        return {"server": given["server"], "running": bool(given["running"])}

    def _project(self, given: Given) -> Project:
        """The one that is named by ref or name; without either, the first."""
        named = str(given.get("ref") or next(iter(self._world.projects)))
        project = self._world.projects.get(named) or self._world.projects.get(ref_of(named))
        if project is None:
            raise not_found(f"There is no project {named}.")
        return project

    def _post_reset(self, given: Given) -> t.Any:
        """Everything anew but the log, and what is in the databases and buckets of the projects that were there at the start."""
        world = self._world
        world.forget()
        for project in list(world.projects.values()):
            if project.ref not in world.first:
                projects.remove(world, project)
            else:
                _renew(world, project)
        return facts(world)


def _renew(world: World, project: Project) -> None:
    """Whatever was on its way ends first."""
    if project.worker is not None:
        project.worker.join()
    database, was_set = project.database, project.settings.postgres
    world.reset(project)
    database.override({})
    network.enforce(world, project)
    if was_set or database.missing() is not None:
        database.stop()
        database.start()
    project.status = ACTIVE


def facts(world: World) -> Given:
    """What somebody needs to know who wants to use it."""
    found = {one.ref: project_facts(one) for one in world.projects.values()}
    return {"token": TOKEN, "other_token": OTHER_TOKEN, "organization": ORGANIZATION, "projects": found, "now": now()}


def project_facts(project: Project) -> Given:
    row: Given = {"ref": project.ref, "name": project.name, "status": project.status, "url": project.url, "region": project.region}
    row |= {"database_url": project.database.url, "admin_database_url": project.database.admin_url, "keys": project.keys}
    access_key, secret_key = project.s3_keys
    return {**row, "s3": {"endpoint": f"{project.url}/storage/v1/s3", "access_key_id": access_key, "secret_access_key": secret_key}}
