"""What the scenario leaves: release 1.1 live on this machine, after 1.0, with all that a site could ask about it."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import psycopg
import pytest
import requests

from tests.molecule import ledger

HOME = Path(os.environ["HOLDFAST_HOME"])
BASE = int(os.environ["HOLDFAST_PORT_BASE"])
SECRETS = ("postgres_admin_password", "app_db_password", "s3_secret_key", "preview_token")


def get(path: str) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{BASE}{path}", timeout=10)


def secret(name: str) -> str:
    return (HOME / "secrets" / name).read_text().strip()


@pytest.fixture
def entries() -> list[ledger.Entry]:
    return ledger.parse("".join(path.read_text() for path in (HOME / "ledger" / "shop" / "ledger").glob("*.json")))


def test_users_get_the_new_version() -> None:
    answer = get("/")
    assert (answer.status_code, answer.headers["X-Portal-Version"]) == (200, "1.1")


def test_the_portal_reaches_its_database() -> None:
    assert get("/api/health/database").json()["status"] == "healthy"


def test_an_order_can_be_placed() -> None:
    order = {"customer": "Ada", "item": "Lamp", "quantity": "1"}
    answer = requests.post(f"http://127.0.0.1:{BASE}/orders", data=order, allow_redirects=False, timeout=10)
    assert answer.status_code == 303
    assert "Ada" in get(answer.headers["Location"]).text


def test_both_migrations_before_and_the_one_after_the_release_ran() -> None:
    url = f"postgresql://shop:{secret('app_db_password')}@127.0.0.1:{BASE + 4}/shop"
    with psycopg.connect(url) as connection:
        rows = connection.execute("select version from supabase_migrations.schema_migrations order by version").fetchall()
    expected = sorted(path.name.split("_")[0] for path in (HOME / "artefacts" / "1.1" / "supabase" / "migrations").iterdir())
    assert [row[0] for row in rows] == expected


def test_the_chain_of_the_ledger_is_whole(entries: list[ledger.Entry]) -> None:
    assert ledger.first_break(entries) == ""


def test_the_ledger_tells_of_two_releases(entries: list[ledger.Entry]) -> None:
    events = ledger.events(entries)
    assert (events.count("release.completed"), events.count("release.failed")) == (2, 0)


def test_the_lease_was_given_back(entries: list[ledger.Entry]) -> None:
    assert ledger.events(entries)[-1] == "release.completed"
    assert json.loads((HOME / "ledger" / "shop" / "lease.json").read_text())["held"] is False


def test_the_old_slot_was_stopped_because_its_code_no_longer_fits_the_schema(host: t.Any) -> None:
    control = host.check_output(f"{HOME}/bin/supervisorctl -c {HOME}/supervisor/supervisord.conf status || true")
    states = {line.split()[0]: line.split()[1] for line in control.splitlines()}
    slots = sorted(state for name, state in states.items() if name in ("holdfast-shop-blue", "holdfast-shop-green"))
    assert slots == ["RUNNING", "STOPPED"]
    assert states["holdfast-shop-router"] == "RUNNING"


@pytest.mark.parametrize("slot", ["blue", "green"])
def test_only_its_user_reads_the_environment_of_a_slot(host: t.Any, slot: str) -> None:
    assert host.file(f"{HOME}/portal/slots/{slot}/environment").mode == 0o600


@pytest.mark.parametrize("name", SECRETS)
def test_no_process_shows_a_secret(host: t.Any, name: str) -> None:
    assert secret(name) not in host.check_output("ps -eo args")


@pytest.mark.parametrize("name", SECRETS)
def test_ansible_shows_no_secret(name: str) -> None:
    said = Path(os.environ["ANSIBLE_LOG_PATH"]).read_text()
    assert "Give the lease back" in said
    assert secret(name) not in said
