"""What a database must offer so that the suite can run on it. Adding a database adds one to `ADAPTERS`.

The suite knows the contract of docs/platforms.md and what stands here, nothing of servers, of Supabase or of RDS.
"""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
import typing as t
import urllib.parse

import psycopg

from tests.emulators.rds.running import LocalRds
from tests.emulators.supabase.running import LocalSupabase, published_description
from tools.embedded.postgres import EmbeddedPostgres

if t.TYPE_CHECKING:
    from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Adapter:
    """One database, alone in the world. `cluster`: the name of what goes back to a moment as a whole, empty where nothing does.

    `variables` are the inventory of a portal on it; `look` connects as somebody who may do most in the portal's database.
    """

    url: str
    admin_url: str
    variables: dict[str, t.Any]
    cluster: str

    @property
    def name(self) -> str:
        """Of the portal's database."""
        return self.url.rpartition("/")[2]

    def ask(self, statement: str) -> list[tuple[t.Any, ...]]:
        """What the database says now."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def _postgres(folder: Path) -> t.Iterator[Adapter]:
    with EmbeddedPostgres(folder) as server:
        url = server.url("contract", user="contract", password=secrets.token_hex(16))
        yield Adapter(url, server.admin_url, {"portal_database": "postgres"}, "")


@contextlib.contextmanager
def _supabase(folder: Path) -> t.Iterator[Adapter]:
    with LocalSupabase(folder, descriptions=published_description()) as supabase:
        # A restore takes minutes there: whoever waits for it sees it.
        supabase.settle(transition_looks=1)
        variables = {
            "portal_database": "supabase",
            "database_supabase_project_ref": supabase.ref,
            "database_supabase_access_token": supabase.token,
            "database_supabase_api_url": supabase.url,
            "database_supabase_project_url": supabase.project["url"],
            "database_supabase_configuration": {"pitr": {"retention_days": 7}},
            "database_supabase_buckets": [{"name": "user-avatars", "public": True}],
            "database_supabase_checks": [{"name": "seeds", "query": "SELECT count(*) FROM flags", "expect_value": 2}],
        }
        yield Adapter(supabase.database_url, supabase.database_url, variables, supabase.ref)
        assert supabase.violations() == []


@contextlib.contextmanager
def _rds(folder: Path) -> t.Iterator[Adapter]:
    with LocalRds(folder, transition_seconds=0) as rds:
        rds.create(BackupRetentionPeriod=0, DBName="postgres")
        admin_url = rds.database_url(database="postgres")
        parts = urllib.parse.urlsplit(admin_url)
        url = f"postgresql://contract:{secrets.token_hex(16)}@{parts.hostname}:{parts.port}/contract"
        variables = {
            "portal_database": "rds",
            "database_rds_instance": rds.describe()["DBInstanceIdentifier"],
            "database_rds_region": rds.region,
            "database_rds_access_key_id": rds.access_key_id,
            "database_rds_secret_access_key": rds.secret_access_key,
            "database_rds_endpoint": rds.url,
            "database_rds_protection": {"backup_retention": 7},
            "database_rds_checks": [{"name": "seeds", "query": "SELECT count(*) FROM flags", "expect": 2}],
        }
        yield Adapter(url, admin_url, variables, str(variables["database_rds_instance"]))


ADAPTERS: t.Final = {"postgres": _postgres, "rds": _rds, "supabase": _supabase}
