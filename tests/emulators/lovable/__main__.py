"""A Lovable on this machine: `python -m tests.emulators.lovable`. See the README beside this file."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import typing as t
from pathlib import Path

from tests.emulators.lovable.api import api
from tests.emulators.lovable.git_server import PASSWORD, USER
from tests.emulators.lovable.pages import Server, pages
from tests.emulators.lovable.world import KEY, PROJECT, World

HOST = "127.0.0.1"
READY_FILE = "ready.json"
REPOSITORY = "site.git"


def arguments(words: t.Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.lovable", description=__doc__)
    parser.add_argument("--port", type=int, default=18950, help="port of the API and of git; 0 takes a free one")
    parser.add_argument("--home", type=Path, help="folder for the repository; without it a new temporary one")
    parser.add_argument("--branch", default="main", help="the branch that the project is connected with")
    parser.add_argument("--edges", type=int, default=3, help="how many servers hold copies of the site")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting, such as publish_seconds=5")
    return parser.parse_args(words)


def repository_in(home: Path) -> Path:
    """A bare repository, made where there is none."""
    path = home / "git" / REPOSITORY
    if not path.exists():
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(path)], check=True)
        subprocess.run(["git", "-C", str(path), "config", "http.receivepack", "true"], check=True)
    return path


def change_settings(world: World, words: t.Sequence[str]) -> None:
    """`name=value` each; the value is JSON, or a text."""
    for word in words:
        name, _is, text = word.partition("=")
        if not hasattr(world.settings, name):
            sys.exit(f"local Lovable: there is no setting {name}")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        setattr(world.settings, name, value)


def main() -> None:
    options = arguments(sys.argv[1:])
    home = options.home or Path(tempfile.mkdtemp(prefix="local-lovable-"))
    home.mkdir(parents=True, exist_ok=True)
    repository = repository_in(home)
    world = World(repository, options.edges)
    world.settings.branch = options.branch
    change_settings(world, options.set)
    live, preview = (Server((HOST, 0), pages(world, preview=before)) for before in (False, True))
    urls = {name: f"http://{HOST}:{server.server_address[1]}" for name, server in (("live", live), ("preview", preview))}
    door = Server((HOST, options.port), api(world, urls["preview"], urls["live"], repository.parent))
    for server in (live, preview):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    _announce(home, f"http://{HOST}:{door.server_address[1]}", urls, str(repository))
    door.serve_forever()


def _announce(home: Path, url: str, urls: t.Mapping[str, str], path: str) -> None:
    """On the console, and as a file for whoever started it and waits."""
    facts: dict[str, t.Any] = {"url": url, "key": KEY, "project": PROJECT, "live_url": urls["live"], "preview_url": urls["preview"]}
    git = {"repository": f"{url}/git/{REPOSITORY}", "path": path, "username": USER, "password": PASSWORD, "pid": os.getpid()}
    scratch = home / f"{READY_FILE}.part"
    scratch.write_text(json.dumps({**facts, **git}), encoding="utf-8")
    scratch.replace(home / READY_FILE)
    for name, value in {**facts, **git}.items():
        sys.stdout.write(f"local Lovable: {name} {value}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
