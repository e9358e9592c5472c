"""`python -m tests.emulators.rds`: an RDS for PostgreSQL on this machine, to rehearse with and to test against."""

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
from tests.emulators.rds.control import Control, facts
from tests.emulators.rds.faults import KINDS
from tests.emulators.rds.gateway import Gateway
from tests.emulators.rds.world import World
from tools.embedded.errors import EmbeddedError
from tools.embedded.ports import HOST

DEFAULT_PORT = 18930
READY_FILE = "ready.json"


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.rds", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=f"of the API; the next are for instances; 0: free ones ({DEFAULT_PORT})"
    )
    parser.add_argument("--home", type=Path, help="folder for databases and snapshots; it has to be empty (a new temporary one)")
    parser.add_argument("--fault", action="append", default=[], metavar="KIND[,NAME=VALUE...]", help=f"may be repeated; {', '.join(KINDS)}")
    parser.add_argument("--set", action="append", default=[], metavar="SETTING=VALUE", help="e.g. transition_seconds=5; may be repeated")
    return parser.parse_args(words)


def made(options: argparse.Namespace, home: Path) -> World:
    """The world as the options want it."""
    world = World(home, options.port + 1 if options.port else 0)
    world.settings.change(dict(map(_pair, options.set)))
    for text in options.fault:
        kind, *pairs = text.split(",")
        figures = dict(map(_pair, pairs))
        world.faults.add(kind, method=figures.pop("action", "*"), path=figures.pop("instance", "*"), **figures)
    return world


def _pair(text: str) -> tuple[str, t.Any]:
    name, _mark, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def main() -> None:
    options = arguments(sys.argv[1:])
    home = (options.home or Path(tempfile.mkdtemp(prefix="local-rds-"))).absolute()
    home.mkdir(parents=True, exist_ok=True)
    if any(home.glob("db-*")):
        sys.exit(f"local RDS: {home} holds the databases of an earlier one; it begins anew each time, so give it an empty folder")
    try:
        world = made(options, home)
    except (UnknownFaultError, TypeError, ValueError) as exc:
        sys.exit(f"local RDS: {exc}")
    try:
        server = HttpServer(Gateway(world, Control(world)), port=options.port)
    except OSError as exc:
        sys.exit(f"local RDS: port {options.port} on {HOST}: {exc.strerror}; choose another with --port")
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    try:
        server.begin()
        _announce(home, server.url, world)
        ended.wait()
    except EmbeddedError as exc:
        sys.exit(f"local RDS: {exc}")
    finally:
        for instance in list(world.instances.values()):
            instance.database.stop()


def _announce(home: Path, url: str, world: World) -> None:
    """On the console, and as a file for whoever started it and waits."""
    known = {"url": url, "pid": os.getpid(), **facts(world)}
    scratch = home / f"{READY_FILE}.part"
    scratch.touch(mode=0o600)
    scratch.write_text(json.dumps(known), encoding="utf-8")
    scratch.replace(home / READY_FILE)
    sys.stdout.write(f"local RDS: {url}  region {known['region']}  files in {home}\n")
    sys.stdout.write(f"local RDS: AWS_ACCESS_KEY_ID={known['access_key_id']} AWS_SECRET_ACCESS_KEY={known['secret_access_key']}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
