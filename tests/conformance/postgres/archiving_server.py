"""A PostgreSQL that archives with pgBackRest into a folder, without root or systemd: the programs of its wheel, Debian's pgbackrest."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import typing as t
from pathlib import Path

import psycopg

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.scratch_server import namespace
from tests.conformance.postgres.servers import programs
from tests.integration.module_child import succeed

MAJOR = 15  # Debian 12's pgBackRest knows servers up to this one
STANZA = "shop"
PATIENCE = 120.0  # seconds


@dataclasses.dataclass(frozen=True)
class ArchivingServer:
    """It has one full backup. Whoever stops its archiver lets it go on afterwards."""

    folder: Path
    bin_dir: Path

    @property
    def options(self) -> dict[str, t.Any]:
        """What the modules need to know of it."""
        place = {"data_dir": str(self.folder / "data"), "pg_bin_dir": str(self.bin_dir), "socket_dir": str(self.folder)}
        return {**place, "stanza": STANZA, "config_file": str(self.config)}

    @property
    def config(self) -> Path:
        return self.folder / "pgbackrest.conf"

    def execute(self, statement: str) -> list[tuple[t.Any, ...]]:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def commit(self, statement: str) -> tuple[str, str]:
        """Change rows; the number of the transaction, and when it was committed, as PostgreSQL wrote it into the WAL."""
        ((number,),) = self.execute(f"WITH done AS ({statement} RETURNING 1) SELECT pg_current_xact_id()::text FROM done")
        said = f"to_char(pg_xact_commit_timestamp('{number}'::xid) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        ((moment,),) = self.execute(f"SELECT {said}")
        return str(number), str(moment)

    def points(self) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", succeed("pg_recovery_points", **self.options)["recovery_points"])

    def archive_all(self) -> None:
        """Let the archiver have all that was written; wait until it does."""
        ((name,),) = self.execute("SELECT pg_walfile_name(pg_switch_wal())")
        self.wait_for(f"SELECT last_archived_wal >= '{name}' FROM pg_stat_archiver")

    def wait_for(self, question: str) -> None:
        """Until the server says t."""
        wait_until(lambda: self.execute(question) == [(True,)] or None, clock=SystemClock(), timeout=PATIENCE, interval=0.1, what=question)

    @contextlib.contextmanager
    def archiving_by(self, command: str) -> t.Iterator[None]:
        """Another archive_command for a while."""
        self._tell(f"ALTER SYSTEM SET archive_command = '{command}'")
        try:
            yield
        finally:
            self._tell("ALTER SYSTEM RESET archive_command")
            self.archive_all()

    def _tell(self, statement: str) -> None:
        self.execute(statement)
        self.execute("SELECT pg_reload_conf()")

    def backrest(self, *words: str) -> None:
        _run("pgbackrest", f"--config={self.config}", f"--stanza={STANZA}", *words)


@contextlib.contextmanager
def archiving_server(folder: Path) -> t.Iterator[ArchivingServer]:
    """`folder` has a short path: a socket lives in it. As root it runs in a user namespace."""
    server = ArchivingServer(folder, programs(MAJOR))
    prefix = namespace() if os.geteuid() == 0 else ()
    data = folder / "data"
    _run(
        *prefix,
        str(server.bin_dir / "initdb"),
        f"--pgdata={data}",
        "--username=postgres",
        "--auth=trust",
        "--no-sync",
        "--no-locale",
        "--encoding=UTF8",
    )
    _configure(server)
    with (folder / "log").open("wb") as said:
        child = subprocess.Popen([*prefix, str(server.bin_dir / "postgres"), "-D", str(data)], stderr=said)
    try:
        wait_until(lambda: _answers(server) or None, clock=SystemClock(), timeout=PATIENCE, interval=0.1, what="PostgreSQL to answer")
        server.backrest("stanza-create")
        server.backrest("--type=full", "backup")
        # Its end is told in whole seconds: what comes after the next one can be restored by its time.
        server.execute("SELECT pg_sleep(1)")
        yield server
    finally:
        child.terminate()
        child.wait(PATIENCE)


def _configure(server: ArchivingServer) -> None:
    folder = server.folder
    options = {
        "pg1-path": folder / "data",
        "pg1-socket-path": folder,
        "pg1-user": "postgres",
        "repo1-path": folder / "repository",
        "repo1-retention-full": 2,
        "repo1-cipher-type": "aes-256-cbc",
        "repo1-cipher-pass": "a-passphrase-of-the-tests",
        "start-fast": "y",
        "lock-path": folder / "lock",
        "spool-path": folder / "spool",
        "log-level-file": "off",
    }
    server.config.write_text(f"[{STANZA}]\n" + "".join(f"{name}={value}\n" for name, value in options.items()))
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": folder,
        "archive_mode": "on",
        "archive_command": f"pgbackrest --config={server.config} --stanza={STANZA} archive-push %p",
        "archive_timeout": "1h",  # so that nothing is archived but by a test
        "autovacuum": "off",  # so that nothing is committed but by a test
        "track_commit_timestamp": "on",
        "fsync": "off",
    }
    with (folder / "data" / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


def _answers(server: ArchivingServer) -> bool:
    with contextlib.suppress(psycopg.Error):
        return server.execute("SELECT 1") == [(1,)]
    return False


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
