"""A PostgreSQL server that an emulator owns: a real one, on a port of its own, with an archive beside it to go back in time with."""

from __future__ import annotations

import signal
import subprocess
import typing as t
import urllib.parse

import psycopg

from tests.emulators import lasting
from tests.emulators.postgres.archive import Archive
from tools.embedded import postgres
from tools.embedded.child import Child
from tools.embedded.ports import HOST, free_port
from tools.embedded.privilege import dies_with_parent, unprivileged
from tools.embedded.waiting import last_lines, wait_for

if t.TYPE_CHECKING:
    from pathlib import Path

START_SECONDS = 120.0
# Small segments: one is copied for every restore point.
INITDB: t.Final = ("--wal-segsize=1", "--no-sync")
SETTINGS: t.Final = {
    "wal_level": "logical",
    "archive_mode": "on",
    "archive_timeout": "120",
    "hot_standby": "off",
    "max_connections": "90",
    "log_min_messages": "warning",
}


class RefusedSettingsError(Exception):
    """PostgreSQL would not start with these; the text is what it says."""


class Cluster:
    """`home` holds everything of it: the cluster, its archive, its settings. `password` is the administrator's."""

    admin: t.ClassVar[str] = "postgres"

    def __init__(self, home: Path, password: str, *, port: int = 0) -> None:
        """Without a port, one that is free."""
        self.home = home
        self.password = password
        self.port = port or free_port()
        self.data_dir = home / "data"
        self.version = ""
        self._settings_file, self._hba_file = home / "settings.conf", home / "hba.conf"
        self._overrides: dict[str, t.Any] = {}
        self.archive = Archive(self)
        self._child: Child | None = None

    @property
    def admin_url(self) -> str:
        return self.url_of(self.admin)

    def url_of(self, user: str) -> str:
        """As a user that has the same password."""
        return postgres.url(self.port, urllib.parse.quote(self.password, safe=""), user=user, database="postgres")

    # --- its life ---

    def start(self) -> None:
        """Make it when it is new, and wait until it answers."""
        is_new = not self.data_dir.exists()
        self.prepare()
        if is_new:
            self.initialise(self.data_dir)
        self.launch()
        if is_new:
            self.bootstrap()
        ((number,),) = self.query("SELECT current_setting('server_version')")
        self.version = str(number)

    def initialise(self, data_dir: Path) -> None:
        """An empty cluster; it reads its settings from beside its folder, so that a copy elsewhere has settings of its own."""
        postgres.initialise(data_dir, self.password, admin=self.admin, options=INITDB)
        with (data_dir / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("include = '../settings.conf'\n")

    def bootstrap(self) -> None:
        """What a new cluster is to have before anybody uses it."""

    def launch(self) -> None:
        """Start the server on what is in its folder; EmbeddedError when it ends instead of answering."""
        prefix = unprivileged()
        argv = postgres.command(self.data_dir, self.port, durable=False)[len(prefix) :]
        self._child = Child([*prefix, *dies_with_parent("INT"), *argv], self.home / "postgres.log", stop_signal=signal.SIGINT)
        lasting.start(self._child.start)
        wait_for(self.missing, what="PostgreSQL", seconds=START_SECONDS, is_hopeless=self._child.why_dead)

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None

    def missing(self) -> str | None:
        """None when the server answers."""
        return postgres.missing(self.admin_url)

    def prepare(self) -> None:
        """Everything but the cluster itself."""
        self.home.mkdir(parents=True, exist_ok=True)
        postgres.give_to_server(self.home)
        self.archive.prepare()
        self._write_settings()
        if not self._hba_file.exists():
            self.admit(None, [])

    # --- its settings ---

    def take(self, overrides: dict[str, t.Any]) -> None:
        """Settings beside the defaults that hold from the start."""
        self._overrides = dict(overrides)

    def override(self, wanted: dict[str, t.Any]) -> None:
        """Replace what is set beside the defaults, unless RefusedSettingsError. A restart or a reload makes it hold."""
        before, self._overrides = self._overrides, dict(wanted)
        self._write_settings()
        refused = self._refused()
        if refused is not None:
            self._overrides = before
            self._write_settings()
            raise RefusedSettingsError(refused)

    def reload(self) -> None:
        self.execute("SELECT pg_reload_conf()")

    def admit(self, cidrs: t.Sequence[str] | None, banned: t.Sequence[str]) -> None:
        """Whom the server lets in: addresses in `cidrs` (None: everybody) that are not banned; the administrator always."""
        lines = [f"host all {self.admin} {HOST}/32 scram-sha-256", f"host replication {self.admin} {HOST}/32 scram-sha-256"]
        lines += [f"host all all {address}/32 reject" for address in banned]
        lines += [f"host all all {cidr} scram-sha-256" for cidr in (("0.0.0.0/0",) if cidrs is None else cidrs)]
        self._hba_file.write_text("\n".join(lines) + "\n", encoding="ascii")
        if self._child is not None:
            self.reload()

    def _write_settings(self) -> None:
        wanted = {**SETTINGS, "hba_file": self._hba_file, "archive_command": self.archive.command, **self._overrides}
        lines = [f"{name} = {quoted(value)}\n" for name, value in wanted.items()]
        self._settings_file.write_text("".join(lines), encoding="utf-8")

    def _refused(self) -> str | None:
        """What PostgreSQL says against the settings, when it reads them as at a start."""
        argv = [*unprivileged(), str(postgres.bin_dir() / "postgres"), "-D", str(self.data_dir), "-C", "max_connections"]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        return last_lines(done.stderr, 2) if done.returncode else None

    # --- its contents ---

    def execute(self, statements: str | psycopg.sql.Composed) -> None:
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(statements)

    def query(self, statement: t.LiteralString, *values: t.Any) -> list[tuple[t.Any, ...]]:
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            return connection.execute(statement, values or None).fetchall()


def quoted(value: t.Any) -> str:
    """As PostgreSQL's configuration and its statements write a value."""
    text = {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return "'" + text.replace("'", "''") + "'"
