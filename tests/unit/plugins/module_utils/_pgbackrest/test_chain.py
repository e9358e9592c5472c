"""Which backups lead to the present."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.chain import Chain, follow
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.wal import SEGMENT_SIZE, name_of
from tests.unit.plugins.module_utils._pgbackrest.archives import archived, copy


def labels(chain: Chain) -> tuple[list[str], list[str]]:
    return [one.label for one in chain.copies], [one.label for one in chain.cut_off]


def test_every_backup_counts_from_which_no_segment_is_missing() -> None:
    chain = follow([copy("a", first=2), copy("b", first=5)], archived({1: range(2, 9)}))
    assert labels(chain) == (["a", "b"], [])
    assert (chain.segments[0], chain.segments[-1]) == (name_of(1, 8), name_of(1, 2))


def test_a_missing_segment_cuts_off_what_is_older() -> None:
    chain = follow([copy("a", first=2), copy("b", first=5)], archived({1: [2, 3, 5, 6, 7]}))
    assert labels(chain) == (["b"], ["a"])


def test_a_backup_whose_own_segments_are_not_all_there_does_not_count() -> None:
    assert labels(follow([copy("a", first=2)], archived({1: [2]}))) == ([], ["a"])


def test_a_backup_counts_as_soon_as_its_last_segment_is_there() -> None:
    assert labels(follow([copy("a", first=2)], archived({1: [2, 3]}))) == (["a"], [])
    to_the_brim = copy("a", first=2, stop_lsn=3 * SEGMENT_SIZE)
    assert labels(follow([to_the_brim], archived({1: [2]}))) == (["a"], [])


@pytest.mark.parametrize(("beyond", "found"), [(0, (["a"], [])), (1, ([], ["a"]))], ids=["right there", "a byte later"])
def test_a_backup_may_end_where_its_timeline_was_left(beyond: int, found: tuple[list[str], list[str]]) -> None:
    archive = archived({1: range(2, 6), 2: [5, 6]}, [(1, 0), (2, 5)])
    left_at = archive.history[1].begins
    assert labels(follow([copy("a", first=2, stop_lsn=left_at + beyond)], archive)) == found


def test_a_backup_with_damaged_pages_does_not_count() -> None:
    assert labels(follow([copy("a", first=2, sound=False)], archived({1: range(2, 9)}))) == ([], [])


def test_without_wal_no_backup_leads_anywhere() -> None:
    assert labels(follow([copy("a", first=2)], archived({}))) == ([], ["a"])


def test_the_way_goes_over_the_segment_in_which_a_new_timeline_began() -> None:
    chain = follow([copy("a", first=2)], archived({1: range(2, 5), 2: [5, 6]}, [(1, 0), (2, 5)]))
    assert labels(chain) == (["a"], [])
    assert chain.segments == (name_of(2, 6), name_of(2, 5), name_of(1, 4), name_of(1, 3), name_of(1, 2))


def test_what_was_archived_on_a_timeline_after_it_was_left_is_not_on_the_way() -> None:
    left = copy("left", first=6)
    chain = follow([copy("a", first=2), left], archived({1: range(2, 9), 2: [5, 6]}, [(1, 0), (2, 5)]))
    assert labels(chain) == (["a"], ["left"])


def test_a_timeline_without_a_segment_of_its_own_goes_on_from_its_parent() -> None:
    chain = follow([copy("a", first=2)], archived({1: range(2, 5)}, [(1, 0), (2, 4)]))
    assert labels(chain) == (["a"], [])


def test_numbers_go_on_where_the_name_of_a_segment_overflows() -> None:
    chain = follow([copy("a", first=254)], archived({1: range(254, 259)}))
    assert chain.segments[:3] == ("000000010000000100000002", "000000010000000100000001", "000000010000000100000000")
    assert labels(chain) == (["a"], [])
