"""Which restore points go when there are more than shall be kept."""

from __future__ import annotations

import dataclasses

from ansible_collections.holdfast.webops.plugins.module_utils._rds.holdings import Snapshot
from ansible_collections.holdfast.webops.plugins.module_utils._rds.snapshots import surplus
from tests.unit.plugins.module_utils._rds.described import HOUR, NOW, snapshot


def point(hours: int, **more: object) -> Snapshot:
    """One that a release made so long ago."""
    made = snapshot(f"shop-1-{hours}", NOW - hours * HOUR, kind="manual")
    return dataclasses.replace(made, **{"point": f"1.{hours}", "counted": True, **more})  # type: ignore[arg-type]


def names(snapshots: list[Snapshot]) -> list[str]:
    return [one.name for one in snapshots]


POINTS = [point(hours) for hours in (1, 2, 3, 4)]


def test_the_newest_stay_and_the_one_that_was_asked_for_whenever_it_was_made() -> None:
    assert names(surplus(POINTS, "shop-new", 3)) == ["shop-1-3", "shop-1-4"]
    assert names(surplus(POINTS, "shop-1-1", 3)) == ["shop-1-4"]
    assert names(surplus(POINTS, "shop-1-4", 2)) == ["shop-1-2", "shop-1-3"]
    assert names(surplus(POINTS, "shop-new", 1)) == names(POINTS)
    assert surplus(POINTS, "shop-1-1", 4) == surplus(POINTS, "shop-new", 0) == surplus([], "shop-new", 1) == []


def test_what_we_did_not_make_to_be_counted_is_never_among_them() -> None:
    others = [
        point(9, counted=False),
        point(9, name="shop-archive-of-2025"),
        point(9, kind="automated"),
        point(9, kind="awsbackup"),
        point(9, status="creating", at=None),
        point(9, point=""),
        snapshot("shop-by-hand", NOW - 9 * HOUR, kind="manual"),
    ]
    assert surplus(others, "shop-new", 1) == []
