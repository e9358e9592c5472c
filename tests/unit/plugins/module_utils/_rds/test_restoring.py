"""What a second run makes of what it finds, and what may be thrown away."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.failures import AbsentError, AwsError, explained
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import is_ready, refuse_member, refuse_unready
from ansible_collections.holdfast.webops.plugins.module_utils._rds.marks import READY, read_marks
from ansible_collections.holdfast.webops.plugins.module_utils._rds.orders import read_target
from ansible_collections.holdfast.webops.plugins.module_utils._rds.restoring import Scene, half_swapped, is_done, resumable
from ansible_collections.holdfast.webops.plugins.module_utils._rds.scratch import at_endpoint, check_throwable
from tests.unit.plugins.module_utils._rds.described import HOUR, NOW, instance, marks

LATEST, POINT = read_target("latest"), read_target("point before")


def fresh(resource: str = "db-FRESH", status: str = "available", **more: str) -> Scene:
    made = instance("shop-restoring", resource, marks(**more).tags(), DBInstanceStatus=status)
    return Scene(instance(), made)


def test_marks_come_back_as_they_were_written() -> None:
    assert read_marks(instance(tags=marks(snapshot="s", kept="k").tags())) == marks(snapshot="s", kept="k")
    assert read_marks(instance(tags={"owner": "shop"})) is None
    assert read_marks(None) is None


def test_a_restore_to_the_same_target_is_gone_on_with() -> None:
    assert resumable(fresh(), LATEST, NOW) == marks()
    assert resumable(fresh(target="point before"), POINT, NOW + 100 * HOUR) is not None
    assert resumable(fresh(), POINT, NOW) is None
    assert resumable(fresh(status="incompatible-restore"), LATEST, NOW) is None
    assert resumable(Scene(instance(), None), LATEST, NOW) is None


def test_a_latest_moment_that_has_become_old_is_not_gone_on_with() -> None:
    assert resumable(fresh(), LATEST, NOW + 6 * HOUR) is None


def test_nobody_under_the_live_name_is_a_swap_to_be_ended_with_the_same_target_only() -> None:
    halfway = dataclasses.replace(fresh(role=READY, target="point before"), live=None)
    assert half_swapped(halfway, "shop", POINT) is not None
    assert half_swapped(halfway, "another", POINT) is None
    assert half_swapped(fresh(role=READY, target="point before"), "shop", POINT) is None
    assert half_swapped(dataclasses.replace(fresh(), live=None), "shop", LATEST) is None
    with pytest.raises(ConflictError, match="stopped between its two renames"):
        half_swapped(halfway, "shop", LATEST)


def test_what_broke_between_the_renames_is_taken_back_or_thrown_away_where_nobody_was_replaced() -> None:
    broken = dataclasses.replace(fresh(status="failed", role=READY, target="point before", kept="shop-before-x"), live=None)
    with pytest.raises(ConflictError, match="Bring shop-before-x back with state: undone"):
        half_swapped(broken, "shop", POINT)
    assert half_swapped(dataclasses.replace(fresh(status="failed", role=READY, target="point before"), live=None), "shop", POINT) is None


def test_a_live_instance_says_to_what_it_was_restored() -> None:
    assert is_done(instance(tags=marks(READY, "point before").tags()), POINT)
    assert not is_done(instance(tags=marks(READY, "point before").tags()), LATEST)
    assert not is_done(instance(tags=marks("restoring", "point before").tags()), POINT)
    assert not is_done(None, POINT)


@pytest.mark.parametrize(
    "scene",
    [
        Scene(instance(), instance("shop-restoring", "db-FRESH")),
        Scene(instance(), instance("shop-restoring", "db-LIVE", marks().tags())),
        Scene(instance("store"), fresh().fresh),
        Scene(instance("shop", "db-OTHER"), fresh().fresh),
    ],
    ids=["unmarked", "the live one itself", "of another instance", "of what is live no more"],
)
def test_what_we_did_not_make_beside_this_live_instance_is_never_thrown_away(scene: Scene) -> None:
    assert scene.live is not None
    assert scene.fresh is not None
    with pytest.raises(ConflictError, match="Nothing was touched"):
        check_throwable(scene.live, scene.fresh)


def test_the_connection_leads_to_the_restored_instance_with_everything_else_the_same() -> None:
    assert at_endpoint("postgresql://a%40b:p%2Fw@shop.x:5432/shop?sslmode=require", "new.x", 5433) == (
        "postgresql://a%40b:p%2Fw@new.x:5433/shop?sslmode=require"
    )


def test_a_status_is_ready_on_its_way_or_lost() -> None:
    assert is_ready(instance(DBInstanceStatus="storage-optimization"))
    assert not is_ready(instance(DBInstanceStatus="renaming"))
    with pytest.raises(WebopsError, match="is incompatible-network"):
        is_ready(instance(DBInstanceStatus="incompatible-network"))
    refuse_unready(instance(DBInstanceStatus="backing-up"))
    with pytest.raises(ConflictError, match="is stopped"):
        refuse_unready(instance(DBInstanceStatus="stopped"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"DBClusterIdentifier": "aurora"}, "belongs to the cluster aurora"),
        ({"ReadReplicaSourceDBInstanceIdentifier": "main"}, "is a replica of main"),
        ({"Engine": "mysql"}, "runs mysql"),
    ],
)
def test_what_is_restored_otherwise_is_refused(more: dict[str, t.Any], said: str) -> None:
    with pytest.raises(ConflictError, match=said):
        refuse_member(instance(**more))


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        (
            "AccessDenied",
            "User: arn:x is not authorized to perform: rds:AddTagsToResource on y",
            "Allow rds:AddTagsToResource in the IAM policy",
        ),
        ("AccessDenied", "no", "Allow rds:ModifyDBInstance in the IAM policy"),
        ("ExpiredToken", "over", "The session is over"),
        ("SignatureDoesNotMatch", "no", "Look at access_key_id, secret_access_key"),
        ("Throttling", "Rate exceeded", "asked too often"),
        ("SnapshotQuotaExceeded", "100", "Remove what nobody needs"),
    ],
)
def test_a_refusal_of_aws_says_what_to_do(code: str, message: str, said: str) -> None:
    error = explained("rename shop", "ModifyDBInstance", {"Code": code, "Message": message})
    assert isinstance(error, AwsError)
    assert error.message == f"AWS would not rename shop: {message} ({code})."
    assert said in error.hint


def test_what_is_not_there_is_told_apart() -> None:
    assert isinstance(explained("show it", "DescribeDBInstances", {"Code": "DBInstanceNotFoundFault", "Message": "x"}), AbsentError)
