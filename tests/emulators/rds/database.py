"""The PostgreSQL server of an instance, with the roles that RDS makes."""

from __future__ import annotations

import functools
import subprocess
import threading
import typing as t

from psycopg import sql

from tests.emulators.postgres.archive import run
from tests.emulators.postgres.cluster import Cluster
from tools.embedded import postgres
from tools.embedded.errors import EmbeddedError
from tools.embedded.ports import free_port

if t.TYPE_CHECKING:
    from pathlib import Path

BOOTSTRAP: t.Final = (
    "CREATE ROLE rds_superuser NOLOGIN",
    "GRANT pg_monitor, pg_signal_backend, pg_checkpoint, pg_maintain TO rds_superuser WITH ADMIN OPTION",
    "CREATE ROLE {user} LOGIN CREATEDB CREATEROLE PASSWORD {password}",
    "GRANT rds_superuser TO {user}",
    "ALTER DATABASE postgres OWNER TO {user}",
)


ONE_AT_A_TIME = threading.Lock()


@functools.cache
def version() -> str:
    """Of PostgreSQL, as RDS writes it."""
    argv = [str(postgres.bin_dir() / "postgres"), "--version"]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.split()[2]


class Database(Cluster):
    """`password` is the service's own; the master has another one."""

    admin = "rdsadmin"

    def __init__(self, home: Path, password: str) -> None:
        super().__init__(home, password)
        self.first: dict[str, str] = {}
        self._template = home.parent / "template" / "data"

    def begin_with(self, *, user: str, password: str, database: str) -> None:
        """The master and a database (none when empty) of a new one."""
        self.first = {"user": user, "password": password, "database": database}

    def initialise(self, data_dir: Path) -> None:
        """A copy of an empty one: that is faster."""
        with ONE_AT_A_TIME:
            if not self._template.exists():
                super().initialise(self._template)
        run("cp", "-a", str(self._template), str(data_dir))

    def bootstrap(self) -> None:
        names = {"user": sql.Identifier(self.first["user"]), "password": sql.Literal(self.first["password"])}
        for statement in BOOTSTRAP:
            self.execute(sql.SQL(statement).format(**names))
        if self.first["database"] not in ("", "postgres"):
            made = sql.SQL("CREATE DATABASE {} OWNER {}")
            self.execute(made.format(sql.Identifier(self.first["database"]), names["user"]))

    def change_password(self, user: str, password: str) -> None:
        self.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(user), sql.Literal(password)))

    def launch(self) -> None:
        """A port that was free a moment ago may be somebody's by now: nobody but the door knows it, so that it may be another one."""
        try:
            super().launch()
        except EmbeddedError:
            self.stop()
            self.port = free_port()
            super().launch()

    def restart(self) -> None:
        self.stop()
        self.start()
