"""A rehearsal against the work that nobody can spare it: the download, `pg_restore -j2`, and the start of the application.

BENCH_GIGABYTES is the size of the large database (1.5), BENCH_RUNS the number of runs (3), of the large database three times as many.
"""

from __future__ import annotations

import functools
import statistics
import typing as t

import psycopg
import pyrage

from tests.bench import settings
from tests.bench.backup_costs import with_server
from tests.bench.backup_data import fill, size_of
from tests.bench.backups import RUNS_OF_A_RESTORE, Bench, backup_options, prepared, restore_options, run_module
from tests.bench.figures import Figure, Goal, Sample, by_turns, cost_of, figures
from tests.bench.processes import cost_of_process
from tests.integration.backups import APP_ROLE
from tests.integration.rehearsal_lab import Rehearsals, made_rehearsals
from tools.embedded.objects import RcloneS3
from tools.embedded.postgres import EmbeddedPostgres

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUNS = 3
PEER = "aws s3 cp, then pg_restore -j2 of the plain archive, with the server"
QUESTIONS = [
    {"name": "accounts", "query": "SELECT count(*) FROM pgbench_accounts", "at_least": 1},
    {"name": "every account has its branch", "child": "public.pgbench_accounts.bid", "parent": "public.pgbench_branches.bid"},
]


def measure(home: Path) -> Iterator[Figure]:
    """The small portal with all six steps, then the large database."""
    runs = settings.number("BENCH_RUNS", RUNS)
    with EmbeddedPostgres(home / "pg") as server:
        yield from of_the_whole(server, home, runs)
    with EmbeddedPostgres(home / "large") as database, RcloneS3(home / "s3") as store:
        bench = prepared(database, store, home)
        fill(database, settings.decimal("BENCH_GIGABYTES", 1.5))
        yield from of_a_large_database(bench, runs * RUNS_OF_A_RESTORE)


def of_the_whole(server: EmbeddedPostgres, home: Path, runs: int) -> Iterator[Figure]:
    """What the playbook takes beyond the restore itself and the start of the application."""
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {APP_ROLE} LOGIN PASSWORD '{server.password}'")
    folder = home / "portal"
    folder.mkdir()
    with made_rehearsals(server, folder) as portal:
        samples = [rehearsed(portal) for _run in range(runs)]
    middle = {name: statistics.median(sample[name] for sample in samples) for name in samples[0]}
    figure = functools.partial(Figure, "rehearse", runs=runs, peer_command="the restore and the start of the application alone")
    yield figure("overhead", unit="s", ours=middle["wall"] - middle["raw"], peer=middle["raw"], goal=Goal(20, "ours"))
    yield figure("processor_time", unit="s", ours=middle["cpu"], peer=middle["raw"], goal=Goal(20, "ours"))


def rehearsed(portal: Rehearsals) -> Sample:
    argv, environment = portal.command()
    sample = cost_of_process(argv, env=environment)
    evidence = portal.entries[-1]["data"]["evidence"]
    start = next(step["seconds"] for step in evidence["steps"] if step["id"] == "application")
    return {**sample, "raw": evidence["rehearsal"]["restore_s"] + start}


def of_a_large_database(bench: Bench, runs: int) -> Iterator[Figure]:
    """Recovered into a server of its own, asked, compared with its source and proven."""
    folder = bench.home / "kept"
    run_module("pg_backup", backup_options(bench, 2, "full", folder), bench.path)
    [stored] = folder.glob("bench/backups/*/database.dump.age")
    plain = bench.home / "plain.dump"
    pyrage.decrypt_file(str(stored), str(plain), [pyrage.x25519.Identity.from_str(bench.key_file.read_text())])
    _aws(bench, str(plain), f"s3://{bench.store.bucket}/peer.dump")
    plain.unlink()
    samples = by_turns(functools.partial(recover, bench), functools.partial(fetch_and_restore, bench, plain), runs)
    goals = {"wall": ("recovered_wall", "s", Goal(1.3)), "total": ("recovered_cpu", "s", Goal(1.3))}
    peer = f"{PEER}, {size_of(bench.database) / 1e9:.1f} GB"
    yield from figures("rehearse", samples, goals, runs=runs, peer_command=peer)


def recover(bench: Bench) -> Sample:
    """Its server is a child of its own, so that its processor time is in it."""
    wanted = {**restore_options(bench), "state": "rehearsed", "database_url": None, "validations": QUESTIONS, "confirm": None}
    sample = cost_of(lambda: run_module("pg_restore", wanted, bench.path))
    return {**sample, "total": sample["cpu"]}


def fetch_and_restore(bench: Bench, plain: Path) -> Sample:
    """What it leaves is removed after it, as ours is, so that neither always finds the memory that was just freed."""
    with psycopg.connect(bench.database.admin_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored TEMPLATE template0")

    def work() -> Sample:
        fetched = _aws(bench, f"s3://{bench.store.bucket}/peer.dump", str(plain))
        argv = [str(bench.database.bin_dir / "pg_restore"), "-j2", "--exit-on-error", "-d", bench.database.url("restored"), str(plain)]
        restored = cost_of_process(argv, env=bench.path)
        return {name: fetched[name] + restored[name] for name in ("wall", "cpu")}

    sample = with_server(bench.database, work)
    plain.unlink()
    with psycopg.connect(bench.database.admin_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE restored WITH (FORCE)")
        connection.execute("CHECKPOINT")
    return sample


def _aws(bench: Bench, source: str, target: str) -> Sample:
    keys = {
        "AWS_ACCESS_KEY_ID": bench.store.access_key,
        "AWS_SECRET_ACCESS_KEY": bench.store.secret_key,
        "AWS_DEFAULT_REGION": bench.store.region,
    }
    argv = ["aws", "s3", "cp", "--quiet", "--endpoint-url", bench.store.endpoint, source, target]
    return cost_of_process(argv, env={**bench.path, **keys})
