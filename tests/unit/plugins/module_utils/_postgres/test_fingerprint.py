"""What counts as equal."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._postgres.fingerprint import (
    Fingerprint,
    SequenceMark,
    TableMark,
    compare,
)

SOURCE = Fingerprint(
    "full", {"public.a": TableMark(3, "12", "record"), "public.b": TableMark(0, "0", "text")}, {"public.s": SequenceMark(7, 1)}, 2
)


def changed(**changes: object) -> Fingerprint:
    return Fingerprint(**{"level": "full", "tables": SOURCE.tables, "sequences": SOURCE.sequences, "large_objects": 2, **changes})  # type: ignore[arg-type]


def different(found: Fingerprint, source: Fingerprint = SOURCE) -> list[str]:
    return [f"{one.what} {one.name}" for one in compare(source, found) if not one.equal]


def test_the_same_is_equal_and_survives_the_manifest() -> None:
    assert different(SOURCE) == []
    assert Fingerprint.from_plain(SOURCE.as_plain()) == SOURCE
    assert SOURCE.rows == 3


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"public.a": TableMark(2, "12", "record")}, "table public.a"),
        ({"public.a": TableMark(3, "13", "record")}, "table public.a"),
        ({"public.c": TableMark(0, "0", "record")}, "table public.c"),
    ],
)
def test_other_rows_other_content_and_other_tables_are_seen(tables: dict[str, TableMark], said: str) -> None:
    assert different(changed(tables={**SOURCE.tables, **tables})) == [said]


def test_a_missing_table_and_missing_large_objects_are_seen() -> None:
    assert different(changed(tables={"public.a": SOURCE.tables["public.a"]}, large_objects=1)) == ["table public.b", "large objects all"]


@pytest.mark.parametrize(
    ("source", "restored", "equal"),
    [
        (SequenceMark(7, 1), SequenceMark(7, 1), True),
        (SequenceMark(7, 1), SequenceMark(9, 1), True),
        (SequenceMark(7, 1), SequenceMark(6, 1), False),
        (SequenceMark(-7, -1), SequenceMark(-9, -1), True),
        (SequenceMark(-7, -1), SequenceMark(-6, -1), False),
        (SequenceMark(None, 1), SequenceMark(None, 1), True),
        (SequenceMark(None, 1), SequenceMark(5, 1), True),
        (SequenceMark(7, 1), SequenceMark(None, 1), False),
    ],
)
def test_a_sequence_may_be_ahead_but_never_behind(source: SequenceMark, restored: SequenceMark, equal: bool) -> None:
    found = different(changed(sequences={"s": restored}), changed(sequences={"s": source}))
    assert found == ([] if equal else ["sequence s"])


def test_a_sequence_that_is_missing_is_seen() -> None:
    assert different(changed(sequences={})) == ["sequence public.s"]
