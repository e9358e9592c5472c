"""The history of the Supabase CLI."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import SqlFile
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Applied, State
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.scanning import scan
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import read_script
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.supabase import SupabaseHistory

from .fakes import FakeDatabase

HISTORY = SupabaseHistory()


def test_without_a_table_nothing_was_applied() -> None:
    database = FakeDatabase({"pg_attribute": [(0,)]})
    assert HISTORY.read(database) == State()
    assert len(database.sent) == 1


def test_rows_are_read_with_a_digest_in_two_queries() -> None:
    database = FakeDatabase({"pg_attribute": [(3,)], "sha256": [("1", "a", "d"), ("2", "", None)]})
    assert HISTORY.read(database) == State({"1": Applied("1", "a", "d"), "2": Applied("2", "", None)})
    assert len(database.sent) == 2


def test_a_table_of_versions_alone_is_read_too() -> None:
    assert HISTORY.read(FakeDatabase({"pg_attribute": [(1,)], "NULL FROM": [("1", "", None)]})) == State({"1": Applied("1", "", None)})


def test_the_table_is_made_only_where_it_is_incomplete() -> None:
    complete, missing = FakeDatabase({"pg_attribute": [(3,)]}), FakeDatabase({"pg_attribute": [(0,)]})
    HISTORY.create(complete)
    HISTORY.create(missing)
    assert [query for query, _given in complete.sent if "SELECT" not in query] == []
    assert len([query for query, _given in missing.sent if query.startswith(("CREATE", "ALTER"))]) == 4


def test_a_row_holds_the_statements_as_they_were_split() -> None:
    database = FakeDatabase()
    file = SqlFile("1", "a", "m/1_a.sql", b"select 1; -- tail")
    HISTORY.add(database, file, read_script(file.path, file.content))
    assert database.sent[0][1] == ("1", "a", ["select 1", "-- tail"])


@pytest.mark.parametrize("text", ["create table t (a int);\n-- tail\n", "\ufeffselect 1;\r\nselect ';';", "", "select E'it\\'s; x'"])
def test_a_file_and_its_row_have_the_same_digest_wherever_it_was_cut(text: str) -> None:
    stored = [piece.text for piece in scan(text).pieces]
    whole = HISTORY.digest(text.encode())
    assert whole == HISTORY.digest("".join(stored).encode()) == HISTORY.digest(";\n".join(stored).encode())


def test_an_edit_changes_the_digest() -> None:
    assert HISTORY.digest(b"create table t (a int)") != HISTORY.digest(b"create table t (b int)")


def test_bytes_that_are_no_text_have_a_digest_too() -> None:
    assert HISTORY.digest(b"select '\xff'")
