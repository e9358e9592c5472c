"""What a person sees while a real pg_backup runs: bytes, rate, estimate, and how far each destination is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import threading
import typing as t
from pathlib import Path

from tests.integration.backups import Site, destination, environment, make_site
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from tools.embedded.objects import MotoS3
    from tools.embedded.postgres import EmbeddedPostgres

NEVER = 300
PART = 1_000_000  # bytes of the archive after which pg_dump waits until somebody has seen the line
BIG = """
CREATE TABLE big AS SELECT i, (SELECT string_agg(sha512((i * 100 + piece)::text::bytea), '') FROM generate_series(1, 64) piece) AS scan
FROM generate_series(1, 600) i
"""
PG_DUMP = """#!/bin/sh
case "$*" in
*--format=custom*) "{real}" "$@" | {{ head -c {part}; while [ ! -e "{seen}" ]; do sleep 0.1; done; cat; }};;
*) exec "{real}" "$@";;
esac
"""
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Back up
      holdfast.webops.pg_backup: "{{ lookup('file', 'options.json') | from_json }}"
"""
SIZE = r"\d+\.\d [kM]B"


def test_a_running_backup_shows_bytes_rate_estimate_and_each_destination(
    postgres_server: EmbeddedPostgres, fresh_database: str, tmp_path: Path, moto_s3: MotoS3
) -> None:
    with tempfile.TemporaryDirectory(prefix="seen-") as short:  # a line has 200 letters
        site = make_site(postgres_server, fresh_database, Path(short), [destination(moto_s3, Path(short).name)])
        site.execute(BIG)
        assert site.back_up()["changed"]  # by which the next one is estimated
        seen = tmp_path / "seen"
        lines = play(site, tmp_path, pg_dump_that_waits(site, tmp_path, seen), until(site), seen)
    assert lines, "nobody saw how far each destination was"


def until(site: Site) -> re.Pattern[str]:
    """1.0 MB of about 2.5 MB, 0.9 MB/s, 2 s left (file:///tmp/seen-x/store 1.0 MB; s3://bucket/seen-x 1.0 MB)"""
    first, second = (re.escape(entry["store"]) for entry in site.destinations)
    return re.compile(rf"Backing up: {SIZE} of about {SIZE}, {SIZE}/s, [\w. ]+ left \({first} {SIZE}; {second} {SIZE}\)")


def pg_dump_that_waits(site: Site, folder: Path, seen: Path) -> str:
    """A folder of PostgreSQL's programs."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "pg_restore").symlink_to(site.server.bin_dir / "pg_restore")
    (programs / "pg_dump").write_text(PG_DUMP.format(real=site.server.bin_dir / "pg_dump", part=PART, seen=seen))
    (programs / "pg_dump").chmod(0o755)
    return str(programs)


def play(site: Site, folder: Path, programs: str, wanted: re.Pattern[str], seen: Path) -> list[str]:
    """Run the task in a playbook, and let it end when a line like the wanted one was on the console; returns these lines."""
    (folder / "play.yml").write_text(PLAY)
    (folder / "options.json").write_text(json.dumps({**site.backup_options(), "pg_bin_dir": programs}))
    argv = [sys.executable, "-m", "ansible", "playbook", "play.yml", "-i", "localhost,", "-c", "local"]
    own = {"ANSIBLE_COLLECTIONS_PATH": environment()["PYTHONPATH"], "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    child = subprocess.Popen(
        [*argv, "-e", f"ansible_python_interpreter={sys.executable}"],
        cwd=folder,
        env=environment(own),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(t.cast("t.IO[str]", child.stdout)), daemon=True)
    reader.start()
    try:
        wait_for(lambda: any(map(wanted.search, said)) or child.poll() is not None, "a line about each destination", seconds=NEVER)
        seen.touch()
        assert child.wait(NEVER) == 0, "".join(said)
    finally:
        child.kill()
        child.wait()
        reader.join(NEVER)
    assert "changed=1" in "".join(said)
    return [line for line in said if wanted.search(line)]
