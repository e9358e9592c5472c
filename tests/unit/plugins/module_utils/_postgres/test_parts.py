"""A connection given as a URL or as its parts."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connection_parameters, refuse_transaction_pooler
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.parts import connection_spec, database_url_of

PARTS: dict[str, t.Any] = {"host": "db.example.org", "database": "shop", "user": "app", "password": "p'w d\\"}


def params(**given: t.Any) -> dict[str, t.Any]:
    return {**dict.fromkeys(connection_spec()), **given}


def test_a_url_is_taken_as_it_is() -> None:
    assert database_url_of(params(database_url="postgresql://h/d")) == "postgresql://h/d"


def test_parts_become_what_libpq_reads_whatever_their_characters() -> None:
    found = connection_parameters(database_url_of(params(**PARTS, port=5433, sslmode="verify-full", sslrootcert="system")))
    assert found == {
        "host": "db.example.org", "port": "5433", "dbname": "shop", "user": "app", "password": "p'w d\\",
        "sslmode": "verify-full", "sslrootcert": "system",
    }  # fmt: skip


def test_the_port_of_a_transaction_pooler_is_refused_in_parts_too() -> None:
    with pytest.raises(InputError, match=r"transaction-mode pooler.*port 5432"):
        refuse_transaction_pooler(database_url_of(params(**PARTS, port=6543)))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "host, database, user missing"),
        ({"host": "h", "user": "u"}, "database missing"),
        ({"database_url": "postgresql://h/d", "port": 5432, "user": "u"}, "database_url and port, user say the same thing twice"),
    ],
)
def test_neither_and_both_are_refused(given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        database_url_of(params(**given))
