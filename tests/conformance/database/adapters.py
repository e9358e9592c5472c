"""What a database must offer so that the suite can run on it. Adding a database adds one to `ADAPTERS`.

The suite knows the contract of docs/platforms.md and what stands here, nothing of servers or of Supabase.
"""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
import typing as t

import psycopg

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
        # A restore takes minutes there: nobody looks away for that long.
        supabase.settle(transition_seconds=4)
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


ADAPTERS: t.Final = {"postgres": _postgres, "supabase": _supabase}
