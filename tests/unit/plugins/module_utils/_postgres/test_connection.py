"""From a connection URL to libpq's parameters, or to a sentence without a secret."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import (
    connect,
    connection_parameters,
    described,
    foreign_parameter,
    libpq_environment,
    refuse_transaction_pooler,
    unreachable,
)


def test_a_url_is_read_as_libpq_reads_it() -> None:
    parameters = connection_parameters("postgresql://app:p%40ss%2Fword@db.example.com:5433/portal?sslmode=verify-full")
    assert parameters == {
        "user": "app", "password": "p@ss/word", "host": "db.example.com", "port": "5433", "dbname": "portal", "sslmode": "verify-full",
    }  # fmt: skip


def test_parameters_of_prisma_and_supabase_are_left_out() -> None:
    url = "postgresql://app:x@h/portal?schema=shop&pgbouncer=true&connection_limit=1&application_name=a%20b"
    assert connection_parameters(url) == {"user": "app", "password": "x", "host": "h", "dbname": "portal", "application_name": "a b"}
    assert foreign_parameter(url, "schema") == "shop"
    assert foreign_parameter("host=h", "schema") is None


def test_a_url_of_foreign_parameters_only_keeps_no_question_mark() -> None:
    assert connection_parameters("postgres://h/portal?pgbouncer=true") == {"host": "h", "dbname": "portal"}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:hunter2/x@h:5432/portal",
        "postgresql://app:hunter2@h:54a32/portal",
        "postgresql://app:x@hunter2@h/portal",
        "postgresql://app:x@y/hunter2@h:5432/portal",
        "postgresql://app:hunter2%zz@h/portal",
        "postgresql://app:hunter2?x=1@h/portal",
        "mysql://app:hunter2@h/portal",
        "postgresql+psycopg://app:hunter2@h/portal",
        "hunter2",
    ],
)
def test_a_bad_url_is_refused_without_quoting_any_of_it(url: str) -> None:
    with pytest.raises(InputError) as caught:
        connection_parameters(url)
    assert "database_url" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:x@aws-0-eu.pooler.supabase.com:6543/postgres",
        "postgresql://app:x@db.example.com:5432/postgres?pgbouncer=true",
        "host=db.example.com port=6543 user=app",
    ],
)
def test_a_transaction_mode_pooler_is_refused_and_the_right_port_named(url: str) -> None:
    with pytest.raises(InputError, match=r"transaction-mode pooler.*port 5432"):
        refuse_transaction_pooler(url)


@pytest.mark.parametrize("url", ["postgresql://app:x@h:5432/postgres", "postgresql://app:x@h:6543/postgres?pgbouncer=false", "host=h"])
def test_a_session_connection_is_not_refused(url: str) -> None:
    refuse_transaction_pooler(url)


def test_the_environment_for_command_line_clients_holds_the_same_parameters() -> None:
    environment = libpq_environment("postgresql://app:s%3Dcret@h:5433/portal?sslmode=require")
    assert environment == {
        "PGHOST": "h", "PGPORT": "5433", "PGUSER": "app", "PGPASSWORD": "s=cret", "PGDATABASE": "portal", "PGSSLMODE": "require",
    }  # fmt: skip


def test_a_description_names_the_place_and_no_password() -> None:
    parameters = connection_parameters("postgresql://app:hunter2@h:5433/portal")
    assert described(parameters) == "database portal at h:5433 as user app"
    assert described({}) == "database (default) at the local socket"


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ('FATAL:  password authentication failed for user "app"', "Check the user and the password"),
        ('FATAL:  database "portal" does not exist', "Create it first"),
        ('could not translate host name "h" to address', "Check the host name"),
        ("Connection refused\n\tIs the server running on that host\n?", "refused. Check host and port in database_url, and that the"),
    ],
)
def test_a_failed_connection_says_where_why_and_what_to_do(reason: str, hint: str) -> None:
    error = unreachable({"host": "h", "dbname": "portal"}, reason)
    assert str(error).startswith("Cannot connect to database portal at h: ")
    assert hint in str(error)
    assert "\n" not in str(error)


def test_a_server_that_is_not_there_is_one_sentence(free_port: object) -> None:
    assert callable(free_port)
    with pytest.raises(WebopsError, match="Connection refused") as caught:
        connect(f"postgresql://app:hunter2@127.0.0.1:{free_port()}/portal", application_name="test")
    assert "hunter2" not in str(caught.value)
