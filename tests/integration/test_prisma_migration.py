"""prisma_migration against a real PostgreSQL server. What does not depend on the history is tested with supabase_migration."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import types
import typing as t

import pytest
import yaml

from ansible_collections.holdfast.webops.plugins.modules import prisma_migration, supabase_migration
from tests.integration.migration_lab import PrismaProject

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.postgres import EmbeddedPostgres

ORDERS = "create table orders (id bigint generated always as identity primary key, note text);\n"
NAMES = ["20260101000000_orders", "20260102000000_drop_note", "20260103000000_paid"]


def returned(module: types.ModuleType) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", yaml.safe_load(module.RETURN))


# What is documented as always there.
PROMISED = {key for key, described in returned(prisma_migration).items() if described["returned"].startswith("success")}


def test_what_is_returned_is_what_supabase_migration_returns_but_for_what_only_supabase_has() -> None:
    assert returned(prisma_migration).keys() == returned(supabase_migration).keys() - {"seeds", "roles"}


@pytest.fixture
def project(tmp_path: Path, fresh_database: str) -> PrismaProject:
    made = PrismaProject(tmp_path, fresh_database)
    made.folder.mkdir(parents=True)
    return made


@pytest.fixture
def shop(project: PrismaProject) -> PrismaProject:
    """A table, a contract migration and a newer expand migration."""
    texts = (
        ORDERS,
        "-- holdfast: phase=post_deployment\nalter table orders drop column note;\n",
        "alter table orders add column paid_at timestamptz;\n",
    )
    for name, text in zip(NAMES, texts, strict=True):
        project.write(name, text)
    return project


def test_check_mode_says_what_a_run_does_and_writes_nothing(shop: PrismaProject) -> None:
    predicted = shop.check()
    assert not shop.exists("_prisma_migrations")
    done = shop.apply()
    assert done["applied"] == predicted["applied"] == NAMES
    assert set(done) & PROMISED == set(predicted) & PROMISED == PROMISED
    assert done["diff"] == predicted["diff"]
    assert [(row["version"], row["name"]) for row in done["migrations"]][1] == (NAMES[1], "drop_note")
    assert shop.history()[0] == (NAMES[0], hashlib.sha256(ORDERS.encode()).hexdigest(), True, False, None, 1, True)
    assert shop.apply()["changed"] is False


def test_the_phases_run_one_after_the_other(shop: PrismaProject) -> None:
    assert shop.apply(phase="pre_deployment")["applied"] == [NAMES[0], NAMES[2]]
    after = shop.apply(phase="post_deployment")
    assert (after["applied"], after["contracted"]) == ([NAMES[1]], True)


def test_a_file_that_fails_in_its_transaction_leaves_no_failed_row(shop: PrismaProject) -> None:
    shop.write("20260104000000_broken", "create table begun ();\nselect nothing;\n")
    failed = shop.fail()
    assert "20260104000000_broken/migration.sql line 2" in failed["msg"]
    assert failed["finished"] == NAMES
    assert [row[0] for row in shop.history()] == NAMES
    assert not shop.exists("begun")


def test_taking_back_keeps_the_row_as_rolled_back(shop: PrismaProject) -> None:
    shop.apply()
    shop.write_rollback(f"{NAMES[2]}.sql", "alter table orders drop column paid_at;\n")
    assert f"{NAMES[1]}.sql, {NAMES[0]}.sql" in shop.fail(state="rolled_back", to="0")["msg"]
    assert shop.apply(state="rolled_back", to=NAMES[1])["rolled_back"] == [NAMES[2]]
    assert [(row[0], row[3]) for row in shop.history()] == [(NAMES[0], False), (NAMES[1], False), (NAMES[2], True)]
    assert shop.apply()["applied"] == [NAMES[2]]


def test_the_policies_hold_for_this_history_too(shop: PrismaProject) -> None:
    shop.apply()
    shop.write("20260101120000_late", "create table late ();\n")
    assert f"Older than {NAMES[2]}" in shop.fail()["msg"]
    assert shop.apply(on_out_of_order="ignore")["applied"] == ["20260101120000_late"]
    shop.delete(NAMES[1])
    assert f"migrations_dir does not hold: {NAMES[1]}." in shop.fail()["msg"]
    assert shop.apply(on_missing_locally="ignore")["changed"] is False


def test_a_schema_that_is_missing_is_made(shop: PrismaProject) -> None:
    assert shop.apply(schema="my-shop")["applied"] == NAMES
    assert shop.exists('"my-shop"._prisma_migrations')
    assert shop.exists('"my-shop".orders')
    assert not shop.exists("public.orders")


def test_what_this_module_left_unfinished_is_not_taken_for_a_failure_of_prisma(project: PrismaProject) -> None:
    project.write("1_a", ORDERS + "vacuum nothing;\n")
    project.fail()
    assert project.history()[0][2:4] == (False, False)
    project.write("1_a", ORDERS + "vacuum orders;\n")
    assert project.apply(on_failed="fail")["applied"] == ["1_a"]
    assert not project.exists(project.journal)


PLAY = """
- hosts: localhost
  gather_facts: false
  roles:
    - role: holdfast.webops.portal_migrate
      vars:
        portal_name: shop
        portal_ledger_store: file:///nowhere
        portal_database_url: "{{ lookup('ansible.builtin.env', 'DATABASE_URL') }}"
        portal_migrate_format: prisma
        portal_migrate_dir: prisma/migrations
        portal_migrate_phase: pre_deployment
        portal_migrate_policies: {missing_locally: ignore}
  post_tasks:
    - name: Show
      ansible.builtin.debug:
        msg: "applied {{ portal_migrate_result.applied | join(' and ') }}"
"""


def test_the_role_reads_prismas_folder_on_the_controller(shop: PrismaProject, postgres_server: EmbeddedPostgres) -> None:
    book = shop.root / "site.yml"
    book.write_text(PLAY, encoding="utf-8")
    argv = ["ansible-playbook", "-vvv", "-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}", str(book)]
    environment = {**os.environ, "DATABASE_URL": shop.url, "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(argv, env=environment, cwd="/", capture_output=True, text=True, timeout=120, check=False)
    assert f"applied {NAMES[0]} and {NAMES[2]}" in done.stdout, done.stdout
    assert postgres_server.password not in done.stdout + done.stderr
