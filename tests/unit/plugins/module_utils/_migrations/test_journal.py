"""The journal of an unfinished file."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.journal import (
    DONE,
    STARTED,
    Entry,
    Journal,
    Unfinished,
    forget,
    unfinished,
)

from .fakes import FakeDatabase


def journal(database: FakeDatabase) -> Journal:
    return Journal(database, "h.journal", direction="apply", version="7")


def test_without_its_table_there_is_nothing_unfinished() -> None:
    database = FakeDatabase({"to_regclass": [(None,)]})
    assert journal(database).read() == []
    assert unfinished(database, "h.journal") == []


def test_entries_are_read_as_they_were_written() -> None:
    database = FakeDatabase(
        {"to_regclass": [("h.journal",)], "SELECT step": [(0, "d", DONE, None, []), (1, "e", STARTED, "vacuum", [4, 5])]}
    )
    assert journal(database).read() == [Entry(0, "d", DONE), Entry(1, "e", STARTED, "vacuum", (4, 5))]
    journal(database).write(Entry(1, "e", STARTED, "vacuum", (4, 5)))
    assert database.sent[-1][1] == ("apply", "7", 1, "e", STARTED, "vacuum", [4, 5])


def test_the_table_goes_with_its_last_entry() -> None:
    database = FakeDatabase()
    journal(database).close()
    assert [query.split(" WHERE")[0] for query, _given in database.sent] == [
        "DELETE FROM h.journal",
        "SELECT 1 FROM h.journal LIMIT 1",
        "DROP TABLE h.journal",
    ]
    database = FakeDatabase({"LIMIT 1": [(1,)]})
    journal(database).close()
    assert not any("DROP" in query for query, _given in database.sent)


def test_a_person_is_told_how_to_start_over() -> None:
    by_repair = "run this module with state=repaired and versions=7"
    assert journal(FakeDatabase()).how_to_forget(repair_keeps=False) == by_repair
    back = Journal(FakeDatabase(), "h.journal", direction="roll_back", version="7")
    assert back.how_to_forget(repair_keeps=True) == by_repair
    assert back.how_to_forget(repair_keeps=False) == "run DELETE FROM h.journal WHERE direction = 'roll_back' AND version = '7'"


def test_a_file_is_forgotten_in_both_directions() -> None:
    database = FakeDatabase(
        {"to_regclass": [("h.journal",)], "GROUP BY": [("apply", "7", 1, False), ("apply", "8", 0, True), ("roll_back", "7", 0, True)]}
    )
    assert unfinished(database, "h.journal")[1] == Unfinished("apply", "8", done=0, failed=True)
    forget(database, "h.journal", "7")
    assert [given for query, given in database.sent if query.startswith("DELETE")] == [("apply", "7"), ("roll_back", "7")]
