"""`supabase_migration` and `prisma_migration` against the vendors' own tools: the same files, the same server, by turns."""

from __future__ import annotations

import json
import sys
import time
import typing as t

import psycopg

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.scanning import scan
from tests.bench import settings
from tests.bench.figures import Figure, Goal, Sample, by_turns, figures
from tests.bench.processes import AnsibleProcess, cost_of_process
from tests.bench.projects import prisma_files, sql_text, supabase_files
from tests.conformance.migrations import vendors
from tools.embedded.postgres import EmbeddedPostgres

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RUNS = 5
FEW, MANY = 300, 3000
MEGABYTE = 1_000_000
WALL, CPU, GROWTH, LINEAR = Goal(1.0), Goal(0.35), Goal(11.0), Goal(1.1)
OWN_WORK, SPLITTING, MEMORY = Goal(0.25, of="ours"), Goal(1.0, of="ours"), Goal(60, of="ours")


def measure(home: Path) -> Iterator[Figure]:
    """Wall clock, and processor time and memory of the client's processes; the server's own work is not counted."""
    runs = settings.number("BENCH_RUNS", RUNS)
    install()
    yield from splitter(runs)
    with EmbeddedPostgres(home / "pg") as server:
        ping = AnsibleProcess(home / "ping", "ansible.builtin.ping", {})
        for contest in (Supabase(server, home / "supabase"), Prisma(server, home / "prisma")):
            yield from against_the_vendor(contest, ping, runs)


def install() -> None:
    """The vendors' tools first, so that nobody waits for a bench that cannot end."""
    try:
        vendors.supabase_cli()
        vendors.prisma_engine()
    except vendors.ToolMissingError as exc:
        raise SystemExit(str(exc)) from None


def splitter(runs: int) -> Iterator[Figure]:
    """Processor seconds for five megabytes, and for ten megabytes against ten times one."""
    one, five, ten = (sql_text(size * MEGABYTE) for size in (1, 5, 10))
    samples = by_turns(lambda: split(five), lambda: {"cpu": SPLITTING.most}, runs)
    yield from figures("migrations", samples, {"cpu": ("splitter_5_mb", "s", SPLITTING)}, runs=runs, peer_command="the goal itself")
    samples = by_turns(lambda: split(ten), lambda: {"cpu": 10 * split(one)["cpu"]}, runs)
    yield from figures("migrations", samples, {"cpu": ("splitter_10_mb", "s", LINEAR)}, runs=runs, peer_command="ten times 1 MB")


def split(text: str) -> Sample:
    started = time.process_time()
    scan(text)
    return {"cpu": time.process_time() - started}


class Contest:
    """One history format: our module and the vendor's tool, each with a database of its own and files of its own."""

    name = ""
    vendor_name = ""

    def __init__(self, server: EmbeddedPostgres, home: Path) -> None:
        self._server = server
        self._home = home

    def write(self, root: Path, count: int) -> Path:
        """Write the project; returns the folder of its migrations."""
        raise NotImplementedError

    def vendor(self, url: str, root: Path, folder: Path) -> tuple[list[str], dict[str, str]]:
        """argv and environment of the vendor's tool."""
        raise NotImplementedError

    def ours(self, count: int) -> Callable[[], Sample]:
        """Our module with so many files on the database `ours`."""
        folder = self.write(self._home / f"ours-{count}", count)
        text = json.dumps({"ANSIBLE_MODULE_ARGS": {**self.arguments(folder), "remote_src": True}})
        argv = [sys.executable, "-m", f"ansible_collections.holdfast.webops.plugins.modules.{self.name}_migration"]
        return lambda: cost_of_process(argv, stdin=text)

    def task(self, count: int) -> AnsibleProcess:
        """The same as Ansible sends it to the target; nothing is left to do when it has been made."""
        folder = self._home / f"ours-{count}" / self.name / "migrations"
        return AnsibleProcess(self._home / "task", f"holdfast.webops.{self.name}_migration", self.arguments(folder))

    def arguments(self, folder: Path) -> dict[str, str]:
        return {"database_url": self._server.url("ours"), "migrations_dir": str(folder)}

    def peer(self, count: int) -> Callable[[], Sample]:
        """The vendor's tool with so many files on the database `peer`."""
        root = self._home / f"peer-{count}"
        folder = self.write(root, count)
        argv, environment = self.vendor(self._server.url("peer"), root, folder)
        return lambda: cost_of_process(argv, env=environment, cwd=root)

    def fresh(self, database: str, work: Callable[[], Sample]) -> Callable[[], Sample]:
        """The same on an empty database."""

        def emptied_first() -> Sample:
            self.empty(database)
            return work()

        return emptied_first

    def empty(self, database: str) -> None:
        with psycopg.connect(self._server.admin_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {database}".encode())
            # What a run leaves to be written must not be paid for by the next one.
            connection.execute("CHECKPOINT")


class Supabase(Contest):
    """Against `supabase db push`."""

    name = "supabase"
    vendor_name = "supabase db push (CLI 3.1.0)"
    write = staticmethod(supabase_files)

    def vendor(self, url: str, root: Path, folder: Path) -> tuple[list[str], dict[str, str]]:
        cli = vendors.supabase_cli()
        return cli.command(url, "db", "push"), cli.environment(root)


class Prisma(Contest):
    """Against the schema engine, which does the work of `prisma migrate deploy`."""

    name = "prisma"
    vendor_name = "Prisma's schema engine 7.10 (WASM): deploy"
    write = staticmethod(prisma_files)

    def vendor(self, url: str, root: Path, folder: Path) -> tuple[list[str], dict[str, str]]:
        engine = vendors.prisma_engine()
        return engine.command(folder, "deploy"), engine.environment(url)


def against_the_vendor(contest: Contest, ping: Callable[[], Sample], runs: int) -> Iterator[Figure]:
    """An empty database, then one in which everything has run, then ten times as many files."""
    ours, peer = contest.ours(FEW), contest.peer(FEW)
    fresh = by_turns(contest.fresh("ours", ours), contest.fresh("peer", peer), runs)
    prefix = f"{contest.name}_{FEW}"
    goals = {"wall": (f"{prefix}_wall", "s", WALL), "cpu": (f"{prefix}_cpu", "s", CPU), "memory": (f"{prefix}_memory", "MB", MEMORY)}
    yield from figures("migrations", fresh, goals, runs=runs, peer_command=contest.vendor_name)
    task = contest.task(FEW)
    idle = by_turns(lambda: {"wall": task()["wall"] - ping()["wall"]}, peer, runs)
    goals = {"wall": (f"{contest.name}_nothing_to_do", "s", OWN_WORK)}
    yield from figures("migrations", idle, goals, runs=runs, peer_command=contest.vendor_name)
    growth = by_turns(contest.fresh("ours", contest.ours(MANY)), contest.fresh("ours", ours), runs)
    prefix = f"{contest.name}_{MANY}"
    goals = {"wall": (f"{prefix}_wall", "s", GROWTH), "memory": (f"{prefix}_memory", "MB", MEMORY)}
    yield from figures("migrations", growth, goals, runs=runs, peer_command=f"the same module with {FEW} migrations")
