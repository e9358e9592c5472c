"""`python -m tests.emulators.supabase`: a Supabase on this machine, to rehearse with and to test against."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
import typing as t
from pathlib import Path

from tests.emulators.faults import UnknownFaultError
from tests.emulators.http_server import HttpServer
from tests.emulators.supabase import control as doors
from tests.emulators.supabase import keeping, lifecycle
from tests.emulators.supabase.faults import KINDS
from tests.emulators.supabase.gateway import Gateway
from tests.emulators.supabase.project import ACTIVE, Project, ref_of
from tests.emulators.supabase.world import ORGANIZATION, OTHER_ORGANIZATION, World
from tools.embedded.errors import EmbeddedError
from tools.embedded.ports import HOST
from tools.embedded.waiting import wait_for

if t.TYPE_CHECKING:
    from tests.emulators.supabase.control import Witness

DEFAULT_PORT = 18910
PROJECT = "portal"
FREE: t.Final = {"plan": "free"}
READY_FILE = "ready.json"
START_SECONDS = 120.0


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.supabase", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"of the API, on {HOST}; 0 takes a free one ({DEFAULT_PORT})")
    parser.add_argument("--home", type=Path, help="folder for databases and objects (a new temporary one)")
    parser.add_argument("--project", action="append", default=[], metavar="NAME[,plan=free]", help="may be repeated (portal)")
    parser.add_argument("--fault", action="append", default=[], metavar="KIND[,NAME=VALUE...]", help=f"may be repeated; {', '.join(KINDS)}")
    parser.add_argument("--set", action="append", default=[], metavar="SETTING=VALUE", help="e.g. transition_seconds=5; may be repeated")
    parser.add_argument("--descriptions", type=Path, help="folder with the API's published description, to hold every answer against")
    return parser.parse_args(words)


def words_of(text: str) -> tuple[str, dict[str, t.Any]]:
    """`rate_limited,path=/v1/projects/*,times=3` as a name and what stands beside it."""
    name, *pairs = text.split(",")
    return name, {name: _value(value) for name, _mark, value in (pair.partition("=") for pair in pairs)}


def _value(text: str) -> t.Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def made(options: argparse.Namespace, home: Path) -> World:
    """The world as the options want it; nothing runs yet."""
    world = World(home, options.port + 1 if options.port else 0)
    world.settings.change({name: _value(value) for name, _mark, value in (pair.partition("=") for pair in options.set)})
    for text in options.fault:
        kind, figures = words_of(text)
        world.faults.add(kind, **figures)
    return world


def organizations_of(texts: t.Sequence[str]) -> dict[str, str]:
    """Whose each named project is; ValueError for what cannot be meant."""
    found: dict[str, str] = {}
    for name, more in map(words_of, texts or (PROJECT,)):
        if more not in ({}, FREE) or ref_of(name) in map(ref_of, found):
            raise ValueError(f"--project {name}: a name that no other has, and nothing beside it but ,plan=free")
        found[name] = OTHER_ORGANIZATION if more else ORGANIZATION
    return found


def add_projects(world: World, wanted: t.Mapping[str, str]) -> None:
    """Those that are there from the start, and wait until they are."""
    for name, organization in wanted.items():
        project = world.add(name, world.organizations[organization], ref=ref_of(name))
        world.first.add(project.ref)
        lifecycle.bring_up(world, project)
    for project in world.projects.values():
        _wait_for(world, project)


def _wait_for(world: World, project: Project) -> None:
    def missing() -> str | None:
        return None if project.status == ACTIVE else f"it is {project.status}"

    def why_hopeless() -> str | None:
        return " | ".join(world.notes) if project.status.endswith("_FAILED") else None

    wait_for(missing, what=project.ref, seconds=START_SECONDS, is_hopeless=why_hopeless)


def _witness(folder: Path | None) -> Witness | None:
    if folder is None:
        return None
    from tests.emulators.supabase.descriptions import Description

    return Description(folder)


def main() -> None:
    options = arguments(sys.argv[1:])
    home = (options.home or Path(tempfile.mkdtemp(prefix="local-supabase-"))).absolute()
    home.mkdir(parents=True, exist_ok=True)
    try:
        world, wanted = made(options, home), organizations_of(options.project)
    except (UnknownFaultError, KeyError, TypeError, ValueError) as exc:
        sys.exit(f"local Supabase: {exc}")
    gateway = Gateway(world, doors.Control(world, _witness(options.descriptions)))
    server = _bound(gateway, options.port)
    world.on_new_project = lambda project, port: _serve(gateway, project, port)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    try:
        world.objects.start()
        add_projects(world, wanted)
        server.begin()
        _announce(home, server.url, world)
        ended.wait()
    except EmbeddedError as exc:
        sys.exit(f"local Supabase: {exc}")
    finally:
        _end(world)


def _serve(gateway: Gateway, project: Project, port: int) -> None:
    """The project's data plane."""
    server = _bound(gateway, port, project.ref)
    project.url, project.leave = server.url, server.end
    server.begin()


def _bound(gateway: Gateway, port: int, ref: str = "") -> HttpServer:
    try:
        return HttpServer(gateway, port=port, ref=ref)
    except OSError as exc:
        sys.exit(f"local Supabase: port {port} on {HOST}: {exc.strerror}; choose another with --port")


def _end(world: World) -> None:
    for project in world.projects.values():
        keeping.keep(project)
        project.database.stop()
    world.objects.stop()


def _announce(home: Path, url: str, world: World) -> None:
    """On the console, and as a file for whoever started it and waits."""
    facts = {"url": url, "pid": os.getpid(), **doors.facts(world)}
    scratch = home / f"{READY_FILE}.part"
    scratch.touch(mode=0o600)
    scratch.write_text(json.dumps(facts), encoding="utf-8")
    scratch.replace(home / READY_FILE)
    sys.stdout.write(f"local Supabase: {url}  token {facts['token']}  files in {home}\n")
    for one in facts["projects"].values():
        sys.stdout.write(f"local Supabase: {one['name']} is {one['ref']} at {one['url']}, its database at {one['database_url']}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
