"""The vendors' own tools for the tests."""

from __future__ import annotations

import secrets
import typing as t

import psycopg
import pytest

from tests.conformance.migrations import vendors
from tests.integration.migration_lab import Project

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tools.embedded.postgres import EmbeddedPostgres


@pytest.fixture
def new_project(postgres_server: EmbeddedPostgres, tmp_path: Path) -> Iterator[Callable[[str], Project]]:
    """Call it with a title for a project without migrations and an empty database of its own."""
    names: list[str] = []

    def make(title: str) -> Project:
        name = f"oracle_{title}_{secrets.token_hex(3)}"
        with psycopg.connect(postgres_server.admin_url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} OWNER portal_app".encode())
        names.append(name)
        return Project(tmp_path / title, postgres_server.url(name, user="portal_app"))

    yield make
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as admin:
        for name in names:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def supabase_cli() -> vendors.SupabaseCli:
    """Without npm these tests cannot say anything and are skipped, loudly."""
    try:
        return vendors.supabase_cli()
    except vendors.ToolMissingError as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="session")
def prisma_engine() -> vendors.PrismaEngine:
    """The same for Prisma."""
    try:
        return vendors.prisma_engine()
    except vendors.ToolMissingError as exc:
        pytest.skip(str(exc))
