"""What RDS takes as a name."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.names import LONGEST, beside, check_instance, dated, snapshot_of
from tests.unit.plugins.module_utils._rds.described import NOW


def test_names_are_those_that_rds_stores() -> None:
    assert check_instance("name", "Shop-1") == "shop-1"
    assert dated("shop", "before", NOW) == "shop-before-20261122t120000"
    assert snapshot_of("shop", "0-20261122T082900Z") == "shop-0-20261122t082900z"


@pytest.mark.parametrize(
    ("point", "name"), [("1.0-20261122T0829Z", "shop-1-0-20261122t0829z"), (".10-x", "shop-10-x"), ("1.0-_b+2", "shop-1-0-b-2")]
)
def test_the_signs_of_versions_become_dashes(point: str, name: str) -> None:
    assert snapshot_of("shop", point) == name


@pytest.mark.parametrize("name", ["", "1shop", "shop-", "shop--1", "shop_1", "../shop", "s" * 64, "shöp"])
def test_what_names_no_instance_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="names no DB instance"):
        check_instance("db_instance_identifier", name)


@pytest.mark.parametrize("point", ["a b", "a--b", "a-", "a.", "ä", "a/b"])
def test_a_restore_point_that_is_no_snapshot_is_refused(point: str) -> None:
    with pytest.raises(InputError, match="restore_point is"):
        snapshot_of("shop", point)


def test_a_long_name_is_cut_where_it_stays_one() -> None:
    long = "a" * 50 + "-" + "b" * 12
    assert len(long) == LONGEST
    for ending in ("restoring", "before-20261122t120000"):
        assert check_instance("name", beside(long, ending)).endswith(ending)
