"""`pg_backup` to a file and an S3 server at once, against the pipeline that an expert would write."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import typing as t

import pyrage

from tests.bench import settings
from tests.bench.figures import Figure, Goal, Sample, by_turns, cost_of, figures
from tests.bench.tools import aws, debian_program, environment
from tools.embedded.objects import RcloneS3
from tools.embedded.postgres import EmbeddedPostgres

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULE = "ansible_collections.holdfast.webops.plugins.modules.pg_backup"
RUNS = 5
SCALE = 10
DOCUMENTS_PER_SCALE = 400
DOCUMENTS = """
create table documents as
select number as id, repeat(md5(number::text), 4) || repeat('the text of a document ', 20) as body,
       jsonb_build_object('owner', number % 97, 'tags', array[md5(number::text), md5((number + 1)::text)]) as facts,
       sha512(number::text::bytea) || sha512((number + 1)::text::bytea) as scan
from generate_series(1, {rows}) as number
"""
PEER = "pg_dump -Fc --compress=zstd:1 | age -r | tee >(sha256sum) file | aws s3 cp -"
PIPELINE = """
set -euo pipefail
pg_dump -Fc --compress=zstd:1 "$DATABASE_URL" | age -r "$RECIPIENT" | tee >(sha256sum > "$TARGET.sha256") "$TARGET" |
aws s3 cp --quiet --endpoint-url "$ENDPOINT" - "s3://$BUCKET/peer/${TARGET##*/}"
"""


def measure(home: Path) -> Iterator[Figure]:
    """Client CPU and wall clock; the servers' own work is not counted."""
    runs = settings.number("BENCH_RUNS", RUNS)
    with EmbeddedPostgres(home / "pg") as database, RcloneS3(home / "s3") as store:
        fill(database, settings.number("BENCH_SCALE", SCALE))
        recipient = str(pyrage.x25519.Identity.generate().to_public())
        path = environment(database.bin_dir, aws(), debian_program("age", "usr/bin/age"))
        ours = functools.partial(run_ours, database, store, recipient, home / "ours", path)
        peer = functools.partial(run_peer, database, store, recipient, home / "peer", path)
        samples = by_turns(ours, peer, runs)
    goals = {"cpu": ("client_cpu", "s", Goal(0.9)), "wall": ("wall", "s", Goal(1.0))}
    yield from figures("backups", samples, goals, runs=runs, peer_command=PEER)


def fill(database: EmbeddedPostgres, scale: int) -> None:
    """pgbench's accounts, which compress well, and documents, which do not."""
    argv = [str(database.bin_dir / "pgbench"), "--initialize", "--quiet", f"--scale={scale}", database.admin_url]
    subprocess.run(argv, check=True, capture_output=True, timeout=1800)
    import psycopg

    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute(DOCUMENTS.format(rows=scale * DOCUMENTS_PER_SCALE).encode())
        connection.execute("vacuum analyze")


def run_ours(database: EmbeddedPostgres, store: RcloneS3, recipient: str, folder: Path, path: dict[str, str]) -> Sample:
    with emptied(folder):
        arguments = {
            "portal": "bench",
            "database_url": database.admin_url,
            "pg_bin_dir": str(database.bin_dir),
            "recipients": [recipient],
            "fingerprint": "none",  # the pipeline takes none either
            "destinations": [{"store": f"file://{folder}"}, {"store": f"s3://{store.bucket}/ours", **store.store_options}],
        }
        text = json.dumps({"ANSIBLE_MODULE_ARGS": arguments})
        argv = [sys.executable, "-m", MODULE]
        return cost_of(lambda: subprocess.run(argv, input=text, env=path, text=True, capture_output=True, check=True, timeout=1800))


def run_peer(database: EmbeddedPostgres, store: RcloneS3, recipient: str, folder: Path, path: dict[str, str]) -> Sample:
    with emptied(folder):
        own = {
            "DATABASE_URL": database.admin_url,
            "RECIPIENT": recipient,
            "TARGET": str(folder / "backup"),
            "ENDPOINT": store.endpoint,
            "BUCKET": store.bucket,
            "AWS_ACCESS_KEY_ID": store.access_key,
            "AWS_SECRET_ACCESS_KEY": store.secret_key,
            "AWS_DEFAULT_REGION": store.region,
        }
        argv = ["bash", "-c", PIPELINE]
        return cost_of(lambda: subprocess.run(argv, env={**path, **own}, capture_output=True, check=True, timeout=1800))


@contextlib.contextmanager
def emptied(folder: Path) -> Iterator[None]:
    """A folder for one run, so that the disk does not fill up from run to run."""
    folder.mkdir(parents=True)
    os.sync()
    yield
    shutil.rmtree(folder)
