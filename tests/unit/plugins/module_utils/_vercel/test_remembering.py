"""Knowing a value that cannot be read."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._vercel.remembering import LONGEST, holds, with_note, without_note

NOW = 1_795_290_000.0


def test_a_value_is_known_again_and_no_other_one() -> None:
    comment = with_note("The pooler", "DB", "s3cret", "", NOW)
    assert holds(comment, "DB", "s3cret", "", NOW + 5)
    assert not holds(comment, "DB", "s3cret2", "", NOW + 5)
    assert not holds(comment, "DB2", "s3cret", "", NOW + 5)


def test_the_comment_shows_neither_the_value_nor_the_same_hash_twice() -> None:
    first, second = (with_note("The pooler", "DB", "s3cret", "", NOW) for _number in range(2))
    assert "s3cret" not in first
    assert first != second
    assert without_note(first) == "The pooler"


def test_a_key_of_the_users_own_is_needed_to_try_values() -> None:
    comment = with_note("", "DB", "s3cret", "key", NOW)
    assert holds(comment, "DB", "s3cret", "key", NOW)
    assert not holds(comment, "DB", "s3cret", "", NOW)


def test_what_was_edited_after_the_note_is_not_trusted() -> None:
    comment = with_note("", "DB", "s3cret", "", NOW)
    assert not holds(comment, "DB", "s3cret", "", NOW + 61)


def test_a_comment_without_a_note_tells_nothing() -> None:
    assert not holds("[webops:1:x]", "DB", "s3cret", "", NOW)
    assert without_note("about [webops]") == "about [webops]"


def test_the_longest_comment_fits() -> None:
    assert len(with_note("x" * 380, "DB", "s3cret", "", NOW)) <= LONGEST
