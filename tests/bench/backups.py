"""`pg_backup` and `pg_restore` against the pipelines that an expert would write, on one server and one database.

BENCH_GIGABYTES is the size of that database (1.5), BENCH_RUNS the number of runs (3), BENCH_SIZES the sizes in GB at which the
memory is measured (0.3,1.5,6). With these it takes some half an hour on two quiet cores. A restore's time varies more than a
backup's, so that it is measured five times as often.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import shutil
import statistics
import subprocess
import sys
import typing as t

import psycopg
import pyrage

from tests.bench import backup_catalog, settings
from tests.bench.backup_costs import peak_memory, with_server
from tests.bench.backup_data import fill, size_of
from tests.bench.figures import Figure, Goal, Sample, by_turns, cost_of, figures, in_rounds, medians
from tests.bench.tools import aws, debian_program, environment
from tools.embedded.objects import RcloneS3
from tools.embedded.postgres import EmbeddedPostgres

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODULES = "ansible_collections.holdfast.webops.plugins.modules"
RUNS = 3
RUNS_OF_A_RESTORE = 5  # for each run of a backup
SIZES = "0.3,1.5,6"
NEVER = 1800
PEER = "pg_dump -Fc --compress=zstd:1 | age -r | tee >(sha256sum) file | aws s3 cp -"
PIPELINE = """
set -euo pipefail
pg_dump -Fc --compress=zstd:1 "$DATABASE_URL" | age -r "$RECIPIENT" | tee >(sha256sum > "$TARGET.sha256") "$TARGET" |
aws s3 cp --quiet --endpoint-url "$ENDPOINT" - "s3://$BUCKET/peer/${TARGET##*/}"
"""


@dataclasses.dataclass(frozen=True)
class Bench:
    """The servers, a key pair, and a folder for what is written."""

    database: EmbeddedPostgres
    store: RcloneS3
    home: Path
    recipient: str
    path: dict[str, str]

    @property
    def key_file(self) -> Path:
        return self.home / "key"


def measure(home: Path) -> Iterator[Figure]:
    """Client CPU is ours and our children's; the stores' own work is not counted, PostgreSQL's only where it says total.

    The server waits for its disk as that of a portal does.
    """
    runs = settings.number("BENCH_RUNS", RUNS)
    with EmbeddedPostgres(home / "pg", durable=True) as database, RcloneS3(home / "s3") as store:
        bench = prepared(database, store, home)
        fill(database, settings.decimal("BENCH_GIGABYTES", 1.5))
        yield from against_the_pipeline(bench, runs)
        yield from of_each_part(bench, runs)
        yield from of_a_restore(bench, runs)
    yield from backup_catalog.measure(home, runs)
    yield from of_memory(home, [float(size) for size in os.environ.get("BENCH_SIZES", SIZES).split(",")], runs)


def prepared(database: EmbeddedPostgres, store: RcloneS3, home: Path) -> Bench:
    key = pyrage.x25519.Identity.generate()
    bench = Bench(database, store, home, str(key.to_public()), environment(database.bin_dir, aws(), debian_program("age", "usr/bin/age")))
    bench.key_file.write_text(str(key))
    bench.key_file.chmod(0o600)
    return bench


def against_the_pipeline(bench: Bench, runs: int) -> Iterator[Figure]:
    samples = by_turns(functools.partial(back_up, bench, 2), functools.partial(run_pipeline, bench), runs)
    goals = {"cpu": ("client_cpu", "s", Goal(0.9)), "wall": ("wall", "s", Goal(1.0))}
    yield from figures("backups", samples, goals, runs=runs, peer_command=PEER)


def of_each_part(bench: Bench, runs: int) -> Iterator[Figure]:
    """What a third destination and each fingerprint add."""
    ways: dict[str, Callable[[], Sample]] = {
        "nowhere": functools.partial(dump_to_nowhere, bench),
        **{f"{count} destinations": functools.partial(back_up, bench, count) for count in (1, 2, 3)},
        **{level: functools.partial(back_up, bench, 2, level) for level in ("counts", "sample", "full")},
    }
    found = in_rounds({name: functools.partial(with_server, bench.database, way) for name, way in ways.items()}, runs)
    client, total = ({name: medians(samples)[kind] for name, samples in found.items()} for kind in ("cpu", "total"))
    figure = functools.partial(Figure, "backups", unit="s", runs=runs)
    nowhere, two = total["nowhere"], total["2 destinations"]
    dump = "pg_dump -Fc --compress=zstd:1 > /dev/null, with the server"
    added = max(client["3 destinations"] - client["2 destinations"], 0.0)
    yield figure("third_destination_cpu", ours=added, peer=client["1 destinations"], goal=Goal(0.35), peer_command="one destination")
    yield figure("total_cpu", ours=two, peer=nowhere, goal=Goal(1.35), peer_command=dump)
    for level, most in (("counts", 0.2), ("sample", 0.6), ("full", 0.6)):
        yield figure(f"fingerprint_{level}_cpu", ours=max(total[level] - two, 0.0), peer=nowhere, goal=Goal(most), peer_command=dump)


def of_a_restore(bench: Bench, runs: int) -> Iterator[Figure]:
    """From S3 with download, check and decryption, against pg_restore from a plain file; and a proof from end to end."""
    with emptied(bench.home / "restored"):
        run_module("pg_backup", backup_options(bench, 2, "none", bench.home / "restored"), bench.path)
        [stored] = (bench.home / "restored").glob("bench/backups/*/database.dump.age")
        plain = bench.home / "restored/plain.dump"
        pyrage.decrypt_file(str(stored), str(plain), [pyrage.x25519.Identity.from_str(bench.key_file.read_text())])
        ways: dict[str, Callable[[], Sample]] = {
            "ours": functools.partial(restore, bench, plain),
            "peer": functools.partial(restore_plainly, bench, plain),
        }
        found = in_rounds(ways, runs * RUNS_OF_A_RESTORE)
        samples = medians(found["ours"]), medians(found["peer"])
        goals = {"wall": ("restore_wall", "s", Goal(1.15))}
        peer = "pg_restore -j2 of the plain archive"
        yield from figures("backups", samples, goals, runs=runs * RUNS_OF_A_RESTORE, peer_command=peer)
        run_module("pg_backup", backup_options(bench, 2, "full", bench.home / "restored"), bench.path)
        proof = cost_of(lambda: run_module("pg_restore", restore_options(bench) | {"state": "proven"}, bench.path))["wall"]
    size = f"{size_of(bench.database) / 1e9:.1f} GB, content hash and schema compared, against that pg_restore"
    yield Figure("backups", "proof_wall", "s", proof, samples[1]["wall"], Goal(2.0), 1, size)


def of_memory(home: Path, sizes: list[float], runs: int) -> Iterator[Figure]:
    """With three destinations, at each size; equal means that none is further than a tenth from what they need on average."""
    peaks: list[float] = []
    for size in sizes:
        folder = home / f"memory-{size}"
        with EmbeddedPostgres(folder / "pg") as database, RcloneS3(folder / "s3") as store:
            bench = prepared(database, store, folder)
            fill(database, size)
            options = json.dumps({"ANSIBLE_MODULE_ARGS": backup_options(bench, 3, "full", folder / "out")})
            argv = [sys.executable, "-m", f"{MODULES}.pg_backup"]
            peaks.append(statistics.median(peak_memory(argv, options, bench.path) for _run in range(runs)))
        shutil.rmtree(folder)
        yield Figure("backups", f"memory_{size:g}_gb", "MB", peaks[-1], 0.0, Goal(90, "ours"), runs, "90 MB for all processes")
    usual = statistics.mean(peaks)
    furthest = max(abs(peak - usual) for peak in peaks)
    yield Figure("backups", "memory_spread", "MB", furthest, usual, Goal(0.1), 1, "their mean, and the furthest from it")


def backup_options(bench: Bench, destinations: int, fingerprint: str, folder: Path) -> dict[str, t.Any]:
    stores = [{"store": f"s3://{bench.store.bucket}/{name}", **bench.store.store_options} for name in ("ours", "third")]
    return {
        "portal": "bench",
        "database_url": bench.database.admin_url,
        "pg_bin_dir": str(bench.database.bin_dir),
        "recipients": [bench.recipient],
        "fingerprint": fingerprint,
        "destinations": [{"store": f"file://{folder}"}, *stores][:destinations],
    }


def back_up(bench: Bench, destinations: int, fingerprint: str = "none") -> Sample:
    """The pipeline takes no fingerprint either."""
    with emptied(bench.home / "ours"):
        options = backup_options(bench, destinations, fingerprint, bench.home / "ours")
        return cost_of(lambda: run_module("pg_backup", options, bench.path))


def run_pipeline(bench: Bench) -> Sample:
    with emptied(bench.home / "peer"):
        own = {
            "DATABASE_URL": bench.database.admin_url,
            "RECIPIENT": bench.recipient,
            "TARGET": str(bench.home / "peer/backup"),
            "ENDPOINT": bench.store.endpoint,
            "BUCKET": bench.store.bucket,
            "AWS_ACCESS_KEY_ID": bench.store.access_key,
            "AWS_SECRET_ACCESS_KEY": bench.store.secret_key,
            "AWS_DEFAULT_REGION": bench.store.region,
        }
        return cost_of(lambda: _run(["bash", "-c", PIPELINE], {**bench.path, **own}))


def dump_to_nowhere(bench: Bench) -> Sample:
    argv = [str(bench.database.bin_dir / "pg_dump"), "-Fc", "--compress=zstd:1", bench.database.admin_url]
    return cost_of(lambda: subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, timeout=NEVER))


def restore_options(bench: Bench) -> dict[str, t.Any]:
    target = bench.database.url("restored")
    return {
        "portal": "bench",
        "destinations": [{"store": f"s3://{bench.store.bucket}/ours", **bench.store.store_options}],
        "database_url": target,
        "confirm": "restored",
        "identity_file": str(bench.key_file),
        "pg_bin_dir": str(bench.database.bin_dir),
        "jobs": 2,
    }


def restore(bench: Bench, plain: Path) -> Sample:
    """Without statistics, which pg_restore does not gather either."""
    _make_ready(bench, plain)
    options = restore_options(bench) | {"analyze": False, "drain_timeout": 0}
    return cost_of(lambda: run_module("pg_restore", options, bench.path))


def restore_plainly(bench: Bench, plain: Path) -> Sample:
    _make_ready(bench, plain)

    def work() -> None:
        with psycopg.connect(bench.database.admin_url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE restored TEMPLATE template0")
        argv = [str(bench.database.bin_dir / "pg_restore"), "-j2", "--exit-on-error", "-d", bench.database.url("restored"), str(plain)]
        _run(argv, bench.path)

    return cost_of(work)


def _make_ready(bench: Bench, plain: Path) -> None:
    """Without the database that was restored, and with all that is read by either in memory: what nobody used for half a minute may
    have left it, and whose turn comes later would find less."""
    with psycopg.connect(bench.database.admin_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS restored WITH (FORCE)")
        connection.execute("CHECKPOINT")
    run_module("pg_restore", restore_options(bench) | {"_ansible_check_mode": True}, bench.path)
    for archive in (plain, max((bench.store.home / "s3" / bench.store.bucket).glob("ours/bench/backups/*/database.dump.age"))):
        archive.read_bytes()


def run_module(name: str, options: dict[str, t.Any], env: dict[str, str]) -> None:
    _run([sys.executable, "-m", f"{MODULES}.{name}"], env, json.dumps({"ANSIBLE_MODULE_ARGS": options}))


def _run(argv: list[str], env: dict[str, str], stdin: str = "") -> None:
    done = subprocess.run(argv, input=stdin, env=env, text=True, capture_output=True, check=False, timeout=NEVER)
    if done.returncode != 0:
        raise RuntimeError(f"{argv[0]} failed: {(done.stdout + done.stderr)[-2000:]}")


@contextlib.contextmanager
def emptied(folder: Path) -> Iterator[None]:
    """A folder for one run, so that the disk does not fill up from run to run."""
    folder.mkdir(parents=True)
    os.sync()
    yield
    shutil.rmtree(folder)
