"""A run with nothing to do, as the server sees it, in both formats."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import urlsplit

import pytest

from tests.integration.migration_lab import PrismaProject, Project

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.postgres import EmbeddedPostgres

MOST_QUERIES = 3
LOOKING = 6  # at the tables that the remaining files name, however many these are
# Of one session: the server notes each statement that arrives, and refuses every write.
WATCHED = "-c log_statement=all -c default_transaction_read_only=on"
_QUERY = re.compile(r"LOG:  (?:statement|execute [^:]*): ")


@pytest.fixture(params=[Project, PrismaProject])
def project(request: pytest.FixtureRequest, tmp_path: Path, fresh_database: str) -> Project:
    """Three migrations, the last of which belongs to the other phase; the first two have run."""
    made: Project = request.param(tmp_path, fresh_database)
    ending = "" if isinstance(made, PrismaProject) else ".sql"
    made.write(f"20260101000000_orders{ending}", "create table orders (id int, note text);\n")
    made.write(f"20260102000000_index{ending}", "create index concurrently on orders (id);\n")
    made.write(f"20260103000000_contract{ending}", "-- holdfast: phase=post_deployment\nalter table orders drop column note;\n")
    made.apply(phase="pre_deployment")
    return made


def queries_of(server: EmbeddedPostgres, project: Project, **options: t.Any) -> int:
    """How many queries a run sends that must have nothing to do, and may not write."""
    log = server.home / "postgres.log"
    before = log.stat().st_size
    database = urlsplit(project.url).path.lstrip("/")
    result = project.apply(database_url=f"{server.url(database)}?options={WATCHED.replace(' ', '%20')}", **options)
    assert result["changed"] is False
    return len(_QUERY.findall(log.read_bytes()[before:].decode()))


def test_the_lint_of_what_is_left_for_the_other_phase_costs_a_few_more(postgres_server: EmbeddedPostgres, project: Project) -> None:
    assert 0 < queries_of(postgres_server, project, phase="pre_deployment") <= MOST_QUERIES + LOOKING


def test_when_everything_has_run_it_costs_three_queries_at_most(postgres_server: EmbeddedPostgres, project: Project) -> None:
    project.apply(phase="post_deployment")
    assert 0 < queries_of(postgres_server, project) <= MOST_QUERIES
    assert 0 < queries_of(postgres_server, project, _ansible_check_mode=True) <= MOST_QUERIES + 1  # it forbids itself to write
