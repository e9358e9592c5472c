"""Every PostgreSQL as source, restored into the same major version and the next one, with the client that the rule chooses."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import tempfile
import typing as t
from pathlib import Path

import psycopg
import pyrage
import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.databases import at_database
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.scratch_server import scratch_server
from tests.conformance.postgres.servers import majors, programs
from tests.integration.backups import PORTAL, SCHEMA, run

MAJORS = majors()
# Into the same major version and the next one; the newest has no next one.
WAYS = [(source, target) for source in MAJORS for target in (source, source + 1) if target in MAJORS]


@dataclasses.dataclass
class World:
    """A server of each version, and one backup of each."""

    urls: dict[int, str]
    folder: Path
    recipient: str
    environment: dict[str, str]

    def options(self, source: int, database_url: str) -> dict[str, t.Any]:
        return {"portal": PORTAL, "database_url": database_url, "destinations": [{"store": f"file://{self.folder}/store-{source}"}]}

    def restore(self, source: int, target: int, name: str) -> dict[str, t.Any]:
        given = {"confirm": name, "identity_file": str(self.folder / "key"), "keep_replaced": False}
        return run("pg_restore", {**self.options(source, at_database(self.urls[target], name)), **given}, env=self.environment)

    def manifest(self, source: int) -> dict[str, t.Any]:
        path = next((self.folder / f"store-{source}").glob("*/backups/*/manifest.json"))
        return t.cast("dict[str, t.Any]", json.loads(path.read_bytes()))


@pytest.fixture(scope="module")
def world() -> t.Iterator[World]:
    """All clients are on the PATH; which of them works is decided by the modules."""
    with contextlib.ExitStack() as stack:
        # Short, because sockets live in it.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="versions-")))
        clients = {major: programs(major) for major in MAJORS}
        urls = {}
        for major, place in clients.items():
            (folder / str(major)).mkdir()
            server = scratch_server(Commands(), SystemClock(), Client(str(place), str(major), major), str(folder / str(major)))
            urls[major] = stack.enter_context(server)
        key = pyrage.x25519.Identity.generate()
        (folder / "key").write_text(str(key))
        (folder / "key").chmod(0o600)
        path = os.pathsep.join([*map(str, clients.values()), os.environ["PATH"]])
        made = World(urls, folder, str(key.to_public()), {"PATH": path})
        for major in MAJORS:
            back_up(made, major)
        yield made


def back_up(world: World, major: int) -> None:
    with psycopg.connect(world.urls[major], autocommit=True) as connection:
        connection.execute("CREATE DATABASE shop")
    url = at_database(world.urls[major], "shop")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA)
    done = run("pg_backup", {**world.options(major, url), "recipients": [world.recipient]}, env=world.environment)
    assert done.get("changed"), done


@pytest.mark.parametrize("source", MAJORS)
def test_the_client_knows_zstd_and_its_archive_goes_back_into_the_same_server(world: World, source: int) -> None:
    manifest = world.manifest(source)
    assert (manifest["server"]["major"], manifest["client"]["major"]) == (source, max(16, source))
    assert manifest["archive"]["compression"] == "zstd:1"


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_a_backup_is_restored_and_equal(world: World, source: int, target: int) -> None:
    name = f"from_{source}"
    done = world.restore(source, target, name)
    assert done.get("changed"), done
    assert (done["restored"]["rows"], done["restored"]["tables"]) == (5051, 3)
    assert all(one["equal"] for one in done["comparisons"])
    assert {one["what"] for one in done["comparisons"]} >= {"table", "sequence", "large objects"}
    with psycopg.connect(at_database(world.urls[target], name)) as connection:
        assert connection.execute("SELECT sum(sum) FROM totals").fetchone() == (12502500,)


def test_an_older_server_is_refused(world: World) -> None:
    refused = world.restore(MAJORS[-1], MAJORS[-2], "too_old")
    said = f"The backup comes from PostgreSQL {MAJORS[-1]}, the target server is only {MAJORS[-2]}."
    assert refused["msg"].startswith(said)
