"""Which way to a database an address is, and what is wrong with it for a purpose."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.connecting import addresses, kind_of, problems, read

from .stand_in import REF

HOST = f"db.{REF}.supabase.co"
POOLER = "aws-0-eu-central-1.pooler.supabase.com"
DIRECT_URL = f"postgresql://postgres:hunter22@{HOST}:5432/postgres"
SESSION_URL = f"postgresql://postgres.{REF}:hunter22@{POOLER}:5432/postgres"
TRANSACTION_URL = f"postgresql://postgres.{REF}:hunter22@{POOLER}:6543/postgres"


def judged(url: str, purpose: str) -> tuple[str, list[str]]:
    address = read(url)
    kind = kind_of(address, REF, HOST)
    return kind, problems(address, kind, REF, purpose)


@pytest.mark.parametrize("purpose", ["application", "migrations", "backup", "restore"])
@pytest.mark.parametrize(("url", "kind"), [(DIRECT_URL, "direct"), (SESSION_URL, "session")])
def test_what_keeps_a_session_is_good_for_everything(url: str, kind: str, purpose: str) -> None:
    assert judged(url, purpose) == (kind, [])


@pytest.mark.parametrize("purpose", ["migrations", "backup", "restore"])
@pytest.mark.parametrize("url", [TRANSACTION_URL, DIRECT_URL.replace("5432", "6543")], ids=["shared", "dedicated"])
def test_transaction_mode_is_refused_for_what_needs_a_session(url: str, purpose: str) -> None:
    kind, found = judged(url, purpose)
    assert kind == "transaction"
    assert f"{purpose} needs one: use the direct connection or the pooler's port 5432" in found[0]
    assert "hunter22" not in str(found)


def test_an_application_may_use_transaction_mode_without_prepared_statements() -> None:
    assert judged(f"{TRANSACTION_URL}?pgbouncer=true", "application") == ("transaction", [])
    assert "Prepared statements" in judged(TRANSACTION_URL, "application")[1][0]


@pytest.mark.parametrize(
    ("url", "kind", "sentence"),
    [
        (SESSION_URL.replace(REF, "z" * 20), "session", f"should be postgres.{REF}"),
        (SESSION_URL.replace(f"postgres.{REF}", "postgres"), "session", "The pooler finds a project by the user"),
        (DIRECT_URL.replace("postgres:", f"postgres.{REF}:"), "direct", "the direct connection knows it as 'postgres'"),
        ("postgresql://postgres:hunter22@db.example.com/postgres", "other", "is neither the database of project"),
    ],
)
def test_a_mix_up_of_projects_and_users_is_told(url: str, kind: str, sentence: str) -> None:
    found = judged(url, "backup")
    assert found[0] == kind
    assert sentence in found[1][0]


@pytest.mark.parametrize(
    "url", ["host=db.example.com password=hunter22", "postgresql://u:hunter22@:5432/x", "postgresql://u:hunter22@h:port/x"]
)
def test_what_is_no_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InputError, match="database_url") as refused:
        read(url)
    assert "hunter22" not in str(refused.value)


def test_addresses_are_built_that_are_judged_as_good() -> None:
    pooler = {"db_host": POOLER, "db_port": 6543, "db_user": f"postgres.{REF}", "db_name": "postgres"}
    built = addresses(REF, {"host": HOST}, pooler)
    assert {kind: kind_of(read(url), REF, HOST) for kind, url in built.items()} == {kind: kind for kind in built}
    assert built["direct"] == f"postgresql://postgres@{HOST}:5432/postgres"
