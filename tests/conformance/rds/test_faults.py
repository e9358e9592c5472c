"""What goes wrong on demand, as boto3 meets it."""

from __future__ import annotations

import typing as t

import botocore.exceptions
import pytest

if t.TYPE_CHECKING:
    from tests.conformance.rds.conftest import Refused
    from tests.emulators.rds.running import LocalRds


@pytest.mark.parametrize(
    ("fault", "figures", "code"),
    [
        ("throttled", {}, "Throttling"),
        ("unavailable", {}, "ServiceUnavailable"),
        ("unavailable", {"status": 500, "code": "InternalFailure"}, "InternalFailure"),
        ("access_denied", {}, "AccessDenied"),
        ("expired_token", {}, "ExpiredToken"),
    ],
)
def test_a_fault_is_what_boto3_says_of_it_and_ends(
    rds: LocalRds, refused: Refused, fault: str, figures: dict[str, t.Any], code: str
) -> None:
    rds.fault(fault, action="DescribeDBInstances", **figures)
    rds.client().describe_db_snapshots()
    found, message = refused("describe_db_instances")
    assert (found, bool(message)) == (code, True)
    rds.client().describe_db_instances()


def test_boto3_asks_again_when_it_is_throttled(rds: LocalRds) -> None:
    after = max((row["n"] for row in rds.asked()), default=0)
    rds.fault("throttled", action="DescribeDBSnapshots", times=2)
    rds.client(retries=3).describe_db_snapshots()
    assert [row["status"] for row in rds.asked(after)] == [400, 400, 200]


def test_a_lost_answer_has_had_its_effect_and_a_lost_request_has_not(rds: LocalRds) -> None:
    new = {"DBInstanceClass": "db.t4g.micro", "Engine": "postgres", "AllocatedStorage": 20, "MasterUsername": "portal"}
    rds.fault("stuck")
    for fault, name, status in (("cut_after", "made", "creating"), ("cut_before", "not-made", "")):
        rds.fault(fault, action="CreateDBInstance", instance=name)
        with pytest.raises(botocore.exceptions.ConnectionClosedError):
            rds.client().create_db_instance(DBInstanceIdentifier=name, MasterUserPassword="l0ng-enough", **new)
        assert rds.status(name) == status
        assert rds.asked()[-1] == {**rds.asked()[-1], "action": "CreateDBInstance", "name": name, "status": 0}
    rds.client().delete_db_instance(DBInstanceIdentifier="made", SkipFinalSnapshot=True)
    rds.wait_until("", "made")


def test_the_log_holds_nothing_but_names(rds: LocalRds) -> None:
    assert rds.asked()
    assert {tuple(row) for row in rds.asked()} == {("n", "action", "name", "status")}


def test_an_unknown_fault_and_an_unknown_setting_are_told_what_there_is(rds: LocalRds) -> None:
    with pytest.raises(AssertionError, match="restore_failed"):
        rds.fault("earthquake")
    with pytest.raises(AssertionError, match="transition_seconds"):
        rds.settle(speed=1)
