"""What RDS refuses, by the codes that its description has for it; and who may ask at all."""

from __future__ import annotations

import typing as t

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import pytest
import requests

if t.TYPE_CHECKING:
    from tests.conformance.rds.conftest import Refused
    from tests.emulators.rds.running import LocalRds

NEW: t.Final[dict[str, t.Any]] = {
    "DBInstanceIdentifier": "never",
    "DBInstanceClass": "db.t4g.micro",
    "Engine": "postgres",
    "AllocatedStorage": 20,
    "MasterUsername": "portal",
    "MasterUserPassword": "l0ng-enough",
}


@pytest.fixture(scope="module")
def one(running_rds: LocalRds) -> t.Iterator[LocalRds]:
    """With an instance that never gets as far as having a server."""
    running_rds.reset()
    running_rds.fault("stuck")
    running_rds.client().create_db_instance(**{**NEW, "DBInstanceIdentifier": "one", "DeletionProtection": True})
    running_rds.put_into("available", "one")
    yield running_rds
    running_rds.reset()


@pytest.fixture
def server(one: LocalRds, rds: LocalRds) -> LocalRds:
    return rds


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"DBInstanceIdentifier": "one"}, "DBInstanceAlreadyExists"),
        ({"DBInstanceIdentifier": "ONE"}, "DBInstanceAlreadyExists"),
        ({"DBInstanceIdentifier": "two--dashes"}, "InvalidParameterValue"),
        ({"DBInstanceIdentifier": "1st"}, "InvalidParameterValue"),
        ({"MasterUserPassword": "short"}, "InvalidParameterValue"),
        ({"MasterUserPassword": "with/slashes"}, "InvalidParameterValue"),
        ({"MasterUsername": "rdsadmin"}, "InvalidParameterValue"),
        ({"AllocatedStorage": 5}, "InvalidParameterValue"),
        ({"BackupRetentionPeriod": 36}, "InvalidParameterValue"),
        ({"EngineVersion": "9.6"}, "InvalidParameterCombination"),
        ({"VpcSecurityGroupIds": ["sg-nobodys"]}, "InvalidParameterValue"),
        ({"DBParameterGroupName": "nobodys"}, "DBParameterGroupNotFound"),
        ({"OptionGroupName": "nobodys"}, "OptionGroupNotFoundFault"),
        ({"Engine": "mysql"}, "NotImplemented"),
        ({"ManageMasterUserPassword": True}, "NotImplemented"),
    ],
)
def test_a_new_instance_has_to_be_possible(server: LocalRds, refused: Refused, wrong: dict[str, t.Any], code: str) -> None:
    assert refused("create_db_instance", **{**NEW, **wrong})[0] == code
    assert server.status("never") == ""


def test_what_is_not_there_is_told_by_its_kind(server: LocalRds, refused: Refused) -> None:
    moment = {"TargetDBInstanceIdentifier": "never", "UseLatestRestorableTime": True}
    cases: list[tuple[str, dict[str, t.Any], str]] = [
        ("describe_db_instances", {"DBInstanceIdentifier": "nobodys"}, "DBInstanceNotFound"),
        ("modify_db_instance", {"DBInstanceIdentifier": "nobodys"}, "DBInstanceNotFound"),
        ("restore_db_instance_to_point_in_time", {**moment, "SourceDBInstanceIdentifier": "nobodys"}, "DBInstanceNotFound"),
        ("describe_db_snapshots", {"DBSnapshotIdentifier": "nobodys"}, "DBSnapshotNotFound"),
        ("restore_db_instance_from_db_snapshot", {"DBInstanceIdentifier": "x", "DBSnapshotIdentifier": "nobodys"}, "DBSnapshotNotFound"),
        ("describe_db_instance_automated_backups", {"DbiResourceId": "db-NONE"}, "DBInstanceAutomatedBackupNotFound"),
        ("list_tags_for_resource", {"ResourceName": "arn:aws:rds:eu-central-1:123456789012:db:nobodys"}, "DBInstanceNotFound"),
        ("list_tags_for_resource", {"ResourceName": "one"}, "InvalidParameterValue"),
    ]
    for operation, given, code in cases:
        assert refused(operation, **given)[0] == code, operation
    listed = server.client().describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": ["nobodys"]}])
    assert listed["DBInstances"] == []


def test_deleting_needs_a_decision_and_no_protection(server: LocalRds, refused: Refused) -> None:
    code, message = refused("delete_db_instance", DBInstanceIdentifier="one", SkipFinalSnapshot=True)
    assert (code, "disable deletion protection" in message) == ("InvalidParameterCombination", True)
    server.client().modify_db_instance(DBInstanceIdentifier="one", DeletionProtection=False)
    both = {"DBInstanceIdentifier": "one", "SkipFinalSnapshot": True, "FinalDBSnapshotIdentifier": "last"}
    assert refused("delete_db_instance", **both)[0] == "InvalidParameterCombination"
    assert "FinalDBSnapshotIdentifier is required" in refused("delete_db_instance", DBInstanceIdentifier="one")[1]
    server.put_into("incompatible-restore", "one")
    assert refused("delete_db_instance", DBInstanceIdentifier="one", FinalDBSnapshotIdentifier="last")[0] == "InvalidDBInstanceState"
    server.put_into("deleting", "one")
    assert refused("delete_db_instance", DBInstanceIdentifier="one", SkipFinalSnapshot=True)[0] == "InvalidDBInstanceState"
    server.put_into("available", "one")
    server.client().modify_db_instance(DBInstanceIdentifier="one", DeletionProtection=True)


def test_a_form_has_to_be_one_of_the_description(server: LocalRds) -> None:
    """boto3 would not send these."""
    signed = server.client(parameter_validation=False)
    cases: list[tuple[str, dict[str, t.Any], str]] = [
        ("describe_db_instances", {"MaxRecords": 19}, "InvalidParameterValue"),
        ("describe_db_instances", {"Marker": "somewhere"}, "InvalidParameterValue"),
        ("describe_db_instances", {"Filters": [{"Name": "colour", "Values": ["blue"]}]}, "InvalidParameterValue"),
        ("create_db_snapshot", {"DBInstanceIdentifier": "one"}, "MissingParameter"),
        ("describe_db_engine_versions", {}, "NotImplemented"),
    ]
    for operation, given, code in cases:
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            getattr(signed, operation)(**given)
        assert caught.value.response["Error"]["Code"] == code, (operation, given)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"Action": "DescribeDBInstance", "Version": "2014-10-31"}, "InvalidAction"),
        ({"Action": "DescribeDBInstances", "Version": "2013-09-09"}, "InvalidAction"),
        ({"Action": "DescribeDBInstances", "Version": "2014-10-31", "Colour": "blue"}, "InvalidQueryParameter"),
        ({"Action": "StopDBInstance", "Version": "2014-10-31"}, "MissingParameter"),
        ({"Action": "DeleteDBInstance", "Version": "2014-10-31", "SkipFinalSnapshot": "perhaps"}, "InvalidParameterValue"),
        ({"Version": "2014-10-31"}, "MissingAction"),
    ],
)
def test_a_form_that_no_sdk_writes_is_refused_too(server: LocalRds, form: dict[str, str], code: str) -> None:
    answer = signed_request(server, form)
    assert answer.status_code == 400
    assert f"<Code>{code}</Code>" in answer.text


def signed_request(rds: LocalRds, form: dict[str, str]) -> requests.Response:
    request = botocore.awsrequest.AWSRequest("POST", f"{rds.url}/", data=form)
    keys = botocore.credentials.Credentials(rds.access_key_id, rds.secret_access_key)
    botocore.auth.SigV4Auth(keys, "rds", rds.region).add_auth(request)
    ready = request.prepare()
    return requests.post(ready.url, data=ready.body, headers=dict(ready.headers), timeout=60)


def test_who_asks_has_to_have_the_keys(server: LocalRds) -> None:
    wrong: list[tuple[dict[str, t.Any], str]] = [
        ({"aws_secret_access_key": "another"}, "SignatureDoesNotMatch"),
        ({"aws_access_key_id": "AKIANOBODYS000000000"}, "InvalidClientTokenId"),
        ({"region_name": "us-east-1"}, "SignatureDoesNotMatch"),
    ]
    for given, code in wrong:
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            server.client(**given).describe_db_instances()
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert requests.post(server.url, data={"Action": "DescribeDBInstances"}, timeout=60).status_code == 403
