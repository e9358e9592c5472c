"""Questions to a real database: what is answered, what is not, and that asking changes nothing."""

from __future__ import annotations

import psycopg
import pytest

from tests.integration.module_child import fail, succeed


@pytest.fixture
def orders(fresh_database: str) -> str:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE orders AS SELECT i AS id, timestamptz '2026-11-22 11:30:00Z' AS created_at FROM generate_series(1, 5) i"
        )
    return fresh_database


def test_right_and_wrong_answers_are_told_with_the_youngest_change_and_nothing_is_changed(orders: str) -> None:
    asked = [
        {"name": "orders", "query": "SELECT count(*) FROM orders", "expect": 5},
        {"name": "more", "query": "SELECT count(*) FROM orders", "at_least": 6},
        {"name": "gone", "query": "DELETE FROM orders RETURNING id", "expect": 1},
    ]
    found = succeed("pg_examination", database_url=orders, validations=asked, canary="SELECT max(created_at) FROM orders")
    assert [(one["name"], one["passed"]) for one in found["answers"]] == [
        ("orders", True),
        ("more", False),
        ("gone", False),
        ("canary", True),
    ]
    assert (found["passed"], found["youngest_change"], found["changed"]) == (False, "2026-11-22T11:30:00Z", False)
    again = succeed("pg_examination", database_url=orders, validations=asked[:1])
    assert (again["passed"], again["youngest_change"]) == (True, None)


def test_a_server_that_does_not_answer_fails_the_task_without_its_password(orders: str) -> None:
    url = f"postgresql://shop:never-to-be-seen@127.0.0.1:1/{orders.rpartition('/')[2]}"
    result = fail("pg_examination", database_url=url)
    assert "127.0.0.1" in result["msg"]
    assert "never-to-be-seen" not in result["raw"]


def test_a_question_that_every_answer_would_be_right_for_is_refused(orders: str) -> None:
    result = fail("pg_examination", database_url=orders, validations=[{"name": "orders", "query": "SELECT 1"}])
    assert "Give expect, at_least or at_most." in result["msg"]
