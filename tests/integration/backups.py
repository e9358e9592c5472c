"""What the tests of pg_backup, pg_restore and pg_backup_info share: a database with something of everything, keys, stores."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import typing as t

import ansible_collections
import psycopg
import pyrage

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.postgres import EmbeddedPostgres

PORTAL = "shop"
APP_ROLE = "portal_app"
MODULES = "ansible_collections.holdfast.webops.plugins.modules"
TOO_LONG = 120

SCHEMA = """
CREATE TABLE customers (id bigserial PRIMARY KEY, name text NOT NULL UNIQUE, notes json);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer bigint NOT NULL REFERENCES customers, total numeric(10,2), extra jsonb, blob bytea);
INSERT INTO customers (name, notes) SELECT 'customer ' || i, '{"vip": true}' FROM generate_series(1, 50) i;
INSERT INTO orders (customer, total, extra, blob)
  SELECT i % 50 + 1, i, jsonb_build_object('i', i), decode(md5(i::text), 'hex') FROM generate_series(1, 5000) i;
CREATE VIEW totals AS SELECT customer, sum(total) FROM orders GROUP BY 1;
CREATE SCHEMA audit;
CREATE TABLE audit."odd ""name" (holdfast_row int, place point);
INSERT INTO audit."odd ""name" VALUES (1, '(1,2)');
SELECT lo_from_bytea(0, 'large object');
"""


@dataclasses.dataclass
class Site:
    """A filled database owned by the application's role, a key pair, and two destinations."""

    server: EmbeddedPostgres
    app_url: str
    folder: Path
    destinations: list[dict[str, t.Any]]
    identity_file: Path
    recipient: str

    @property
    def database(self) -> str:
        return self.app_url.rpartition("/")[2]

    @property
    def admin_url(self) -> str:
        return self.server.url(self.database)

    @property
    def store(self) -> Path:
        """The directory of the first destination."""
        return self.folder / "store"

    def objects(self) -> list[str]:
        """Names of the objects in the first destination, below the portal's backups."""
        top = self.store / PORTAL / "backups"
        return sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file())

    def manifests(self) -> list[Path]:
        return sorted(self.store.glob(f"{PORTAL}/backups/*/manifest.json"))

    def databases(self) -> list[str]:
        """This database and every one named after it."""
        with psycopg.connect(self.server.admin_url) as connection:
            rows = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY 1", (self.database,))
            return [name for (name,) in rows.fetchall()]

    def back_up(self, *, check: bool = False, env: t.Mapping[str, str] | None = None, **options: t.Any) -> dict[str, t.Any]:
        return run("pg_backup", {**self.backup_options(), **options}, check=check, env=env)

    def backup_options(self) -> dict[str, t.Any]:
        return {**self._common(), "recipients": [self.recipient]}

    def restore(self, *, check: bool = False, env: t.Mapping[str, str] | None = None, **options: t.Any) -> dict[str, t.Any]:
        return run("pg_restore", {**self.restore_options(), **options}, check=check, env=env)

    def restore_options(self) -> dict[str, t.Any]:
        return {**self._common(), "identity_file": str(self.identity_file), "confirm": self.database, "drain_timeout": 0}

    def catalog(self, **options: t.Any) -> dict[str, t.Any]:
        return run("pg_backup_info", {"portal": PORTAL, "destinations": self.destinations, **options})

    def execute(self, statement: str, *, url: str | None = None) -> list[tuple[t.Any, ...]]:
        with psycopg.connect(url or self.admin_url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _common(self) -> dict[str, t.Any]:
        return {"portal": PORTAL, "database_url": self.admin_url, "destinations": self.destinations, "pg_bin_dir": str(self.server.bin_dir)}


def make_site(server: EmbeddedPostgres, app_url: str, folder: Path, destinations: t.Sequence[dict[str, t.Any]] = ()) -> Site:
    """Fill the database and make the keys. The first destination is a directory, the given ones follow."""
    identity = pyrage.x25519.Identity.generate()
    key = folder / "backup.key"
    key.write_text(f"# created for a test\n{identity}\n")
    key.chmod(0o600)
    with psycopg.connect(app_url, autocommit=True) as connection:
        connection.execute(SCHEMA)
    stores = [{"store": f"file://{folder}/store"}, *destinations]
    return Site(server, app_url, folder, stores, key, str(identity.to_public()))


def run(module: str, options: t.Mapping[str, t.Any], *, check: bool = False, env: t.Mapping[str, str] | None = None) -> dict[str, t.Any]:
    """The result of a module, run in a process of its own; what it wrote stands in `raw`."""
    given = arguments(options, check=check)
    done = subprocess.run(argv(module), input=given, capture_output=True, text=True, timeout=TOO_LONG, check=False, env=environment(env))
    return {**json.loads(done.stdout), "raw": done.stdout + done.stderr}


def environment(more: t.Mapping[str, str] | None = None) -> dict[str, str]:
    """That of a child which imports the same collection as the tests."""
    return {**os.environ, "PYTHONPATH": os.path.dirname(next(iter(ansible_collections.__path__))), **(more or {})}


def without_library(name: str, folder: Path) -> dict[str, str]:
    """What to add to the environment of a child that does not find this library; `folder` is to be made."""
    folder.mkdir()
    (folder / f"{name}.py").write_text("raise ImportError('It is not on this host.')\n")
    return {"PYTHONPATH": os.pathsep.join((str(folder), environment()["PYTHONPATH"]))}


def argv(module: str) -> list[str]:
    return [sys.executable, "-m", f"{MODULES}.{module}"]


def arguments(options: t.Mapping[str, t.Any], *, check: bool = False) -> str:
    return json.dumps({"ANSIBLE_MODULE_ARGS": {**options, "_ansible_check_mode": check, "_ansible_diff": True}})


def destination(server: t.Any, prefix: str) -> dict[str, t.Any]:
    """An entry of `destinations` for one of the S3 servers."""
    return {"store": f"s3://{server.bucket}/{prefix}", **server.store_options}


def flip_a_byte(path: Path) -> None:
    """In the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
