"""Buckets and objects: rows in the database, objects on a real S3 server, the bucket's limits in front of it."""

from __future__ import annotations

import typing as t

import boto3
import botocore.config
import botocore.exceptions
import pytest
from obstore.store import S3Store

if t.TYPE_CHECKING:
    from tests.emulators.supabase.running import LocalSupabase

BUCKET = "application-documents"
# A key with everything that signatures stumble over.
KEY = "2026/März + plan (1).txt"


def client(supabase: LocalSupabase, secret: str | None = None) -> t.Any:
    keys = supabase.project["s3"]
    return boto3.client(
        "s3",
        endpoint_url=keys["endpoint"],
        region_name=supabase.project["region"],
        aws_access_key_id=keys["access_key_id"],
        aws_secret_access_key=secret or keys["secret_access_key"],
        config=botocore.config.Config(s3={"addressing_style": "path"}, proxies={}, retries={"max_attempts": 1}),
    )


@pytest.fixture
def bucket(supabase: LocalSupabase) -> str:
    """It takes text of up to 1 KB."""
    supabase.visit(f"/storage/v1/bucket/{BUCKET}/empty", method="POST")
    supabase.visit(f"/storage/v1/bucket/{BUCKET}", method="DELETE")
    wanted = {"id": BUCKET, "name": BUCKET, "public": False, "file_size_limit": "1KB", "allowed_mime_types": ["text/*"]}
    assert supabase.visit("/storage/v1/bucket", method="POST", json=wanted).json() == {"name": BUCKET}
    return BUCKET


def code(error: pytest.ExceptionInfo[botocore.exceptions.ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_bucket_is_made_changed_listed_and_removed(supabase: LocalSupabase, bucket: str) -> None:
    path = f"/storage/v1/bucket/{bucket}"
    assert supabase.visit("/storage/v1/bucket", method="POST", json={"name": bucket}).json()["statusCode"] == "409"
    assert supabase.visit(path, method="PUT", json={"public": True}).ok
    shown = supabase.visit(path).json()
    assert (shown["public"], shown["file_size_limit"], shown["allowed_mime_types"]) == (True, 1024, ["text/*"])
    assert [row["public"] for row in supabase.api("GET", "/storage/buckets") if row["id"] == bucket] == [True]
    assert supabase.visit(path, method="DELETE").ok
    assert supabase.visit(path).json()["error"] == "Bucket not found"


def test_buckets_want_the_service_key(supabase: LocalSupabase) -> None:
    assert supabase.visit("/storage/v1/bucket", key="anon").json()["statusCode"] == "403"
    assert supabase.visit("/storage/v1/bucket", key="").json()["statusCode"] == "403"
    assert supabase.visit("/storage/v1/bucket", key="secret").ok


def test_the_s3_protocol_stores_lists_copies_and_deletes(supabase: LocalSupabase, bucket: str) -> None:
    s3 = client(supabase)
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"hello", ContentType="text/plain")
    s3.copy_object(Bucket=bucket, Key="copy.txt", CopySource={"Bucket": bucket, "Key": KEY})
    assert [row["Key"] for row in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [KEY, "copy.txt"]
    assert s3.get_object(Bucket=bucket, Key="copy.txt", Range="bytes=1-3")["Body"].read() == b"ell"
    assert s3.head_object(Bucket=bucket, Key=KEY)["ContentLength"] == 5
    assert bucket in [row["Name"] for row in s3.list_buckets()["Buckets"]]
    assert supabase.visit(f"/storage/v1/bucket/{bucket}", method="DELETE").json()["statusCode"] == "409"
    for key in (KEY, "copy.txt"):
        s3.delete_object(Bucket=bucket, Key=key)
    s3.delete_bucket(Bucket=bucket)
    assert supabase.visit(f"/storage/v1/bucket/{bucket}").json()["error"] == "Bucket not found"


def test_another_client_with_unsigned_payload_gets_the_same(supabase: LocalSupabase, bucket: str) -> None:
    keys = supabase.project["s3"]
    store = S3Store(
        bucket,
        endpoint=keys["endpoint"],
        region=supabase.project["region"],
        access_key_id=keys["access_key_id"],
        secret_access_key=keys["secret_access_key"],
        unsigned_payload=True,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True, "timeout": "60s"},
    )
    store.put(KEY, b"hello", attributes={"Content-Type": "text/plain"})
    assert store.get(KEY).bytes().to_bytes() == b"hello"
    assert [row["path"] for row in store.list().collect()] == [KEY]


def test_limits_of_the_bucket_hold(supabase: LocalSupabase, bucket: str) -> None:
    s3 = client(supabase)
    with pytest.raises(botocore.exceptions.ClientError) as large:
        s3.put_object(Bucket=bucket, Key="large.txt", Body=b"x" * 1025, ContentType="text/plain")
    with pytest.raises(botocore.exceptions.ClientError) as image:
        s3.put_object(Bucket=bucket, Key="image.png", Body=b"x", ContentType="image/png")
    assert (code(large), code(image)) == ("EntityTooLarge", "InvalidMimeType")


def test_a_wrong_secret_and_a_protocol_that_is_off_are_refused(supabase: LocalSupabase, bucket: str) -> None:
    with pytest.raises(botocore.exceptions.ClientError) as wrong:
        client(supabase, secret="wrong").list_objects_v2(Bucket=bucket)
    assert code(wrong) == "SignatureDoesNotMatch"
    supabase.api("PATCH", "/config/storage", {"features": {"s3Protocol": {"enabled": False}}})
    with pytest.raises(botocore.exceptions.ClientError) as off:
        client(supabase).list_objects_v2(Bucket=bucket)
    assert code(off) == "AccessDenied"


def test_rest_shows_the_tables_and_keeps_to_the_roles(supabase: LocalSupabase) -> None:
    statement = "CREATE TABLE IF NOT EXISTS flags (name text); REVOKE ALL ON flags FROM anon; DELETE FROM flags"
    supabase.api("POST", "/database/query", {"query": f"{statement}; INSERT INTO flags VALUES ('a'), ('b')"})
    assert "/flags" in supabase.visit("/rest/v1/").json()["paths"]
    assert supabase.visit("/rest/v1/", key="anon").status_code == 401
    assert supabase.visit("/rest/v1/flags?limit=0").json() == []
    assert supabase.visit("/rest/v1/flags?limit=0", key="anon").status_code == 401
    assert supabase.visit("/rest/v1/flags?select=name&name=neq.a").json() == [{"name": "b"}]
    assert supabase.visit("/rest/v1/flags?order=name.desc&limit=1").json() == [{"name": "b"}]
    assert supabase.visit("/rest/v1/flags?select=colour").status_code == 400
    assert supabase.visit("/rest/v1/nothing?limit=0").status_code == 404
    assert supabase.visit("/realtime/v1/api/tenants/realtime/health").json()["data"]["healthy"]
    assert supabase.visit("/auth/v1/health", key="").status_code == 401
