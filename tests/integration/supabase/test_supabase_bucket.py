"""supabase_bucket against the local Supabase."""

from __future__ import annotations

import typing as t

import boto3
import pytest

from tests.integration import module_child

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.supabase.lab import Lab

DOCUMENTS = {"name": "application-documents", "file_size_limit": "10MB", "allowed_mime_types": ["image/png", "application/pdf"]}
AVATARS = {"name": "user-avatars", "public": True}
ASSETS = {"name": "system-assets", "public": True}


@pytest.fixture(autouse=True)
def no_buckets(lab: Lab) -> Iterator[None]:
    """What is in the storage outlives a reset of the local Supabase."""
    yield
    for row in lab.supabase.visit("/storage/v1/bucket").json():
        lab.supabase.visit(f"/storage/v1/bucket/{row['id']}/empty", method="POST")
        assert lab.supabase.visit(f"/storage/v1/bucket/{row['id']}", method="DELETE").ok


def stored(lab: Lab) -> dict[str, dict[str, t.Any]]:
    """What the storage itself says of each bucket."""
    rows = lab.supabase.visit("/storage/v1/bucket").json()
    return {row["name"]: {name: row[name] for name in ("public", "file_size_limit", "allowed_mime_types")} for row in rows}


def put(lab: Lab, bucket: str, path: str) -> None:
    """As the portal's users do it, by S3's protocol."""
    s3 = lab.supabase.project["s3"]
    client = boto3.client(
        "s3",
        endpoint_url=s3["endpoint"],
        aws_access_key_id=s3["access_key_id"],
        aws_secret_access_key=s3["secret_access_key"],
        region_name="eu-central-1",
    )
    client.put_object(Bucket=bucket, Key=path, Body=b"%PDF")


def test_a_list_of_buckets_is_predicted_made_and_left_alone_by_the_next_run(lab: Lab) -> None:
    predicted = lab.buckets(DOCUMENTS, AVATARS, ASSETS, check=True)
    assert stored(lab) == {}
    made = lab.buckets(DOCUMENTS, AVATARS, ASSETS)
    assert made["diff"] == predicted["diff"]
    assert stored(lab)["user-avatars"]["public"]
    documents = stored(lab)["application-documents"]
    assert (documents["public"], documents["file_size_limit"]) == (False, 10 * 1024 * 1024)
    assert sorted(documents["allowed_mime_types"]) == ["application/pdf", "image/png"]
    assert not lab.buckets(DOCUMENTS, AVATARS, ASSETS)["changed"]


def test_what_is_not_given_stays_and_what_is_emptied_goes(lab: Lab) -> None:
    lab.buckets(DOCUMENTS)
    lab.buckets({"name": "application-documents", "public": True})
    assert stored(lab)["application-documents"]["file_size_limit"] == 10 * 1024 * 1024
    lab.buckets({"name": "application-documents", "file_size_limit": "", "allowed_mime_types": []})
    found = stored(lab)["application-documents"]
    assert (found["public"], found["file_size_limit"], found["allowed_mime_types"] or None) == (True, None, None)


def test_a_bucket_with_objects_is_only_removed_when_that_is_said_twice(lab: Lab) -> None:
    lab.buckets(AVATARS, ASSETS)
    put(lab, "user-avatars", "a/b.pdf")
    gone = {"name": "user-avatars", "state": "absent"}
    told = lab.refused("supabase_bucket", buckets=[{**ASSETS, "public": False}, gone], project_url=lab.supabase.project["url"])
    assert "user-avatars shall be absent and still holds objects" in told
    assert stored(lab)["system-assets"]["public"], "something was touched"
    result = lab.buckets(gone, delete_objects=True)
    assert (result["buckets"], result["unlisted"]) == ({"user-avatars": None}, ["system-assets"])
    assert list(stored(lab)) == ["system-assets"]
    assert not lab.buckets(gone)["changed"]


def test_the_key_comes_from_the_task_or_from_the_management_api_and_is_never_shown(lab: Lab) -> None:
    mark = lab.mark()
    key = lab.supabase.project["keys"]["service_role"]
    lab.buckets(AVATARS, service_key=key)
    assert not [row for row in lab.supabase.asked(mark) if row["path"].endswith("/api-keys")]
    options = {**lab.common, "project_url": lab.supabase.project["url"], "buckets": [AVATARS]}
    result = module_child.run_module("supabase_bucket", diff=True, **options)
    assert not result["changed"]
    for secret in (lab.supabase.token, *lab.supabase.project["keys"].values()):
        assert secret not in result["raw"]
    anonymous = lab.supabase.project["keys"]["anon"]
    told = lab.refused("supabase_bucket", buckets=[ASSETS], project_url=lab.supabase.project["url"], service_key=anonymous)
    assert "'service_key'" in told
    assert anonymous not in told


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "status"])
def test_lost_answers_leave_one_bucket_each(lab: Lab, kind: str) -> None:
    lab.supabase.fault(kind, method="POST", path="/storage/v1/bucket")
    assert lab.buckets(AVATARS, ASSETS)["changed"]
    assert sorted(stored(lab)) == ["system-assets", "user-avatars"]


def test_what_cannot_be_right_is_refused_before_anything_is_asked(lab: Lab) -> None:
    mark = lab.mark()
    refusals: dict[str, list[dict[str, t.Any]]] = {
        "buckets: user-avatars is listed more than once": [AVATARS, AVATARS],
        "buckets[0].name: 'a/b' is no name": [{"name": "a/b"}],
        "buckets[0].file_size_limit: 'much' is no size": [{"name": "a", "file_size_limit": "much"}],
        "buckets[0].allowed_mime_types: 'pdf' is no type": [{"name": "a", "allowed_mime_types": ["pdf"]}],
    }
    for sentence, buckets in refusals.items():
        assert sentence in lab.refused("supabase_bucket", buckets=buckets)
    assert lab.supabase.asked(mark) == []
