"""What statements outside of a transaction leave behind."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations import leftovers

from .fakes import FakeDatabase

VALID, INVALID, OLD = (11, True, "shop.i", "i"), (12, False, 'shop."J"', "J"), (10, True, "shop.old", "old")


def with_indexes(*indexes: tuple[t.Any, ...]) -> FakeDatabase:
    return FakeDatabase({"parse_ident": lambda given: [(given[0].strip('"'),)], "to_regclass": [(99,)], "pg_index i": list(indexes)})


@pytest.mark.parametrize(
    ("plain", "table"),
    [
        ("create index concurrently i on shop.orders (a)", "shop.orders"),
        ('CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "J" ON ONLY "Shop"."Orders" USING btree (a)', '"Shop"."Orders"'),
        ("create index concurrently on orders(a)", "orders"),
        ("reindex (verbose) table concurrently orders", "orders"),
        ("reindex index concurrently shop.i", "shop.i"),
    ],
)
def test_the_table_of_an_index_is_found_in_the_statement(plain: str, table: str) -> None:
    database = with_indexes(OLD)
    assert [index.name for index in leftovers.indexes_near(database, plain)] == ["old"]
    assert database.sent[0][1] == (table,)


def test_other_statements_have_no_indexes_to_look_after() -> None:
    database = FakeDatabase()
    assert leftovers.indexes_near(database, "vacuum orders") == []
    assert database.sent == []


def test_only_invalid_indexes_that_came_since_are_dropped() -> None:
    database = with_indexes(OLD, VALID, INVALID)
    assert leftovers.drop_invalid(database, "create index concurrently i on orders (a)", before=(10,)) == ['shop."J"']
    assert database.sent[-1][0] == 'DROP INDEX CONCURRENTLY IF EXISTS shop."J"'


def test_an_invalid_index_from_before_is_dropped_only_by_its_name() -> None:
    assert leftovers.drop_invalid(with_indexes(INVALID), 'create index concurrently "J" on orders (a)', before=None) == ['shop."J"']
    assert leftovers.drop_invalid(with_indexes(INVALID), "create index concurrently k on orders (a)", before=None) == []
    assert leftovers.drop_invalid(with_indexes(INVALID), "create index concurrently on orders (a)", before=None) == []


def test_an_index_that_is_invalid_after_it_was_built_is_a_failure() -> None:
    with pytest.raises(WebopsError, match="is INVALID after it was built"):
        leftovers.refuse_invalid(with_indexes(INVALID), "create index concurrently on orders (a)", before=())
    leftovers.refuse_invalid(with_indexes(INVALID, VALID), "create index concurrently i on orders (a)", before=(12,))


@pytest.mark.parametrize(
    ("plain", "answers", "effect"),
    [
        ("create index concurrently i on t (a)", {"to_regclass": [(99,)], "pg_index i": [VALID]}, True),
        ("create index concurrently i on t (a)", {"to_regclass": [(99,)], "pg_index i": [INVALID]}, False),
        ("create index concurrently i on t (a)", {"to_regclass": [(99,)], "pg_index i": [OLD]}, False),
        ("drop index concurrently i", {"to_regclass": [(None,)]}, True),
        ("drop index concurrently i", {"to_regclass": [(99,)]}, False),
        ("alter table t detach partition p concurrently", {}, True),
        ("alter table t detach partition p concurrently", {"pg_inherits": [("false",)]}, False),
        ("create database d", {"pg_database": [(1,)]}, True),
        ("create database d", {}, False),
        ("drop subscription if exists s", {}, True),
        ("drop tablespace s", {"pg_tablespace": [(1,)]}, False),
        ("vacuum", {}, False),
        ("reindex table concurrently t", {}, False),
        ("alter system set a = 1", {}, False),
        ("do ''", {}, None),
        ("call p()", {}, None),
    ],
)
def test_the_database_is_asked_whether_an_interrupted_statement_took_effect(
    plain: str, answers: dict[str, t.Any], effect: bool | None
) -> None:
    assert leftovers.took_effect(FakeDatabase(answers), plain, before=(10,)) is effect


def test_a_partition_that_is_half_detached_is_detached_to_the_end() -> None:
    database = FakeDatabase({"pg_inherits": [("true",)]})
    assert leftovers.finish_detaching(database, "alter table shop.t detach partition shop.p concurrently") is True
    assert database.sent[-1][0] == "ALTER TABLE shop.t DETACH PARTITION shop.p FINALIZE"


@pytest.mark.parametrize(
    ("plain", "weak"),
    [
        ("create index concurrently i on t (a)", True),
        ("reindex table concurrently t", True),
        ("alter table t detach partition p concurrently", False),
        ("vacuum t", True),
        ("vacuum full t", False),
        ("cluster t", False),
        ("alter system set a = 1", False),
    ],
)
def test_only_what_keeps_nobody_waiting_may_wait_long(plain: str, weak: bool) -> None:
    assert leftovers.takes_weak_locks(plain) is weak


@pytest.mark.parametrize(
    ("plain", "answers"),
    [
        ("alter table t detach partition p concurrently", {}),
        ("alter table t detach partition p concurrently", {"pg_inherits": [("false",)]}),
        ("alter table t detach partition p", {"pg_inherits": [("true",)]}),
        ("vacuum", {}),
    ],
)
def test_nothing_else_is_taken_for_half_detached(plain: str, answers: dict[str, t.Any]) -> None:
    database = FakeDatabase(answers)
    assert leftovers.finish_detaching(database, plain) is False
    assert not any("FINALIZE" in query for query, _given in database.sent)
