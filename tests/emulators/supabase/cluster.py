"""The PostgreSQL server of a project: a real one, on a port of its own, with the roles and schemas that the service makes."""

from __future__ import annotations

import signal
import subprocess
import typing as t
import urllib.parse
from pathlib import Path

import psycopg

from tests.emulators.supabase import lasting
from tests.emulators.supabase.archive import Archive
from tests.emulators.supabase.errors import bad_request
from tools.embedded import postgres
from tools.embedded.child import Child
from tools.embedded.ports import HOST, free_port
from tools.embedded.privilege import dies_with_parent, unprivileged
from tools.embedded.waiting import last_lines, wait_for

ADMIN = "supabase_admin"
OWNER = "postgres"
BOOTSTRAP = Path(__file__).with_name("bootstrap.sql")
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


class Cluster:
    """`home` holds everything of it: the cluster, its archive, its settings. `password` is the owner's and the administrator's."""

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
    def url(self) -> str:
        """As the project's owner, who is no superuser, as on the service."""
        return self._url(OWNER)

    @property
    def admin_url(self) -> str:
        return self._url(ADMIN)

    def _url(self, user: str) -> str:
        return postgres.url(self.port, urllib.parse.quote(self.password, safe=""), user=user, database="postgres")

    # --- its life ---

    def start(self) -> None:
        """Make it when it is new, and wait until it answers."""
        is_new = not self.data_dir.exists()
        self._prepare()
        self.launch()
        if is_new:
            self.execute(BOOTSTRAP.read_text(encoding="utf-8").replace("'{password}'", _quoted(self.password)))
        ((number,),) = self.query("SELECT current_setting('server_version')")
        self.version = f"{number}.1"

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

    def missing(self, *, as_owner: bool = False) -> str | None:
        """None when the server answers. Network restrictions and bans can keep the owner out."""
        return postgres.missing(self.url if as_owner else self.admin_url)

    def _prepare(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        postgres.give_to_server(self.home)
        self.archive.prepare()
        self._write_settings()
        if not self._hba_file.exists():
            self.admit(None, [])
        if not self.data_dir.exists():
            postgres.initialise(self.data_dir, self.password, admin=ADMIN, options=INITDB)
            with (self.data_dir / "postgresql.conf").open("a", encoding="utf-8") as file:
                file.write(f"include = '{self._settings_file}'\nhba_file = '{self._hba_file}'\n")

    # --- its settings ---

    def take(self, overrides: dict[str, t.Any]) -> None:
        """What an earlier process has set; it holds from the start."""
        self._overrides = dict(overrides)

    def override(self, wanted: dict[str, t.Any]) -> None:
        """Replace what is set beside the defaults; ApiError when PostgreSQL does not take it. A restart or a reload makes it hold."""
        before, self._overrides = self._overrides, dict(wanted)
        self._write_settings()
        refused = self._refused()
        if refused is not None:
            self._overrides = before
            self._write_settings()
            raise bad_request(f"Invalid Postgres configuration: {refused}")

    def reload(self) -> None:
        self.execute("SELECT pg_reload_conf()")

    def admit(self, cidrs: t.Sequence[str] | None, banned: t.Sequence[str]) -> None:
        """Whom the server lets in: addresses in `cidrs` (None: everybody) that are not banned; the administrator always."""
        lines = [f"host all {ADMIN} {HOST}/32 scram-sha-256", f"host replication {ADMIN} {HOST}/32 scram-sha-256"]
        lines += [f"host all all {address}/32 reject" for address in banned]
        lines += [f"host all all {cidr} scram-sha-256" for cidr in (("0.0.0.0/0",) if cidrs is None else cidrs)]
        self._hba_file.write_text("\n".join(lines) + "\n", encoding="ascii")
        if self._child is not None:
            self.reload()

    def _write_settings(self) -> None:
        wanted = {**SETTINGS, "archive_command": self.archive.command, **self._overrides}
        lines = [f"{name} = {_quoted(value)}\n" for name, value in wanted.items()]
        self._settings_file.write_text("".join(lines), encoding="utf-8")

    def _refused(self) -> str | None:
        """What PostgreSQL says against the settings, when it reads them as at a start."""
        argv = [*unprivileged(), str(postgres.bin_dir() / "postgres"), "-D", str(self.data_dir), "-C", "max_connections"]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        return last_lines(done.stderr, 2) if done.returncode else None

    # --- its contents ---

    def execute(self, statements: str) -> None:
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(statements)

    def query(self, statement: str, *values: t.Any) -> list[tuple[t.Any, ...]]:
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            return connection.execute(statement, values or None).fetchall()


def _quoted(value: t.Any) -> str:
    text = {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return "'" + text.replace("'", "''") + "'"
