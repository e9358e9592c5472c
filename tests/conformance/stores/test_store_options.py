"""Storage classes, encryption, locks and leftovers: what each service has of them. What the stand-ins get wrong is said here."""

from __future__ import annotations

import datetime
import os
import secrets
import typing as t

import boto3
import botocore.exceptions
import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store, StoreError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store

if t.TYPE_CHECKING:
    import pathlib

    from tests.conformance.stores.conftest import Place
    from tests.conformance.stores.servers import Azurite, FakeGcs
    from tools.embedded.objects import MotoS3, RcloneS3

MIB = 1 << 20
HOUR = datetime.timedelta(hours=1)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def put(store: Store, key: str, size: int) -> bytes:
    content = os.urandom(size)
    upload = store.upload(key)
    for start in range(0, size, MIB):
        upload.write(content[start : start + MIB])
    upload.commit()
    return content


def client_of(server: MotoS3 | RcloneS3) -> t.Any:
    return boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name=server.region,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
    )


@pytest.fixture
def locked_bucket(moto_s3: MotoS3) -> str:
    name = f"locked-{secrets.token_hex(4)}"
    client_of(moto_s3).create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return name


@pytest.mark.parametrize("size", [10, 12 * MIB])
def test_s3_keeps_uploads_in_their_class_and_encrypted_and_small_things_in_the_buckets_own(moto_s3: MotoS3, size: int) -> None:
    more = {"storage_class": "STANDARD_IA", "server_side_encryption": "aws:kms", "kms_key_id": "alias/mine"}
    store, prefix = open_store(f"s3://{moto_s3.bucket}", {**moto_s3.store_options, **more}), secrets.token_hex(4)
    put(store, f"{prefix}/archive", size)
    store.create(f"{prefix}/manifest", b"x")
    archive, manifest = (client_of(moto_s3).head_object(Bucket=moto_s3.bucket, Key=f"{prefix}/{name}") for name in ("archive", "manifest"))
    assert (archive["StorageClass"], archive["ServerSideEncryption"], archive["SSEKMSKeyId"]) == ("STANDARD_IA", "aws:kms", "alias/mine")
    assert (manifest.get("StorageClass"), manifest["ServerSideEncryption"]) == (None, "aws:kms")


def test_what_is_sent_to_s3_is_sent_with_its_digest(moto_s3: MotoS3) -> None:
    """moto keeps it and compares it with nothing; Amazon refuses a part that is something else."""
    store, key = open_store(f"s3://{moto_s3.bucket}", moto_s3.store_options), secrets.token_hex(4)
    put(store, key, 12 * MIB)
    seen = client_of(moto_s3).head_object(Bucket=moto_s3.bucket, Key=key, ChecksumMode="ENABLED")
    assert seen["ChecksumSHA256"]


@pytest.mark.parametrize("size", [10, 12 * MIB])
def test_azure_puts_uploads_into_their_tier(azurite: Azurite, size: int) -> None:
    store = open_store(f"{azurite.url}/{secrets.token_hex(4)}", {**azurite.store_options, "storage_class": "Archive"})
    put(store, "archive", size)
    store.create("manifest", b"x")
    assert store.read("manifest")[0] == b"x"
    with pytest.raises(WebopsError, match=r"(?i)archive"):  # how Azure answers to who reads from that tier
        store.read("archive")


def test_google_puts_uploads_into_their_class(fake_gcs: FakeGcs) -> None:
    """Of one part: fake-gcs-server forgets the class of resumable uploads."""
    store = open_store(fake_gcs.url, {**fake_gcs.store_options, "storage_class": "NEARLINE"})
    prefix = secrets.token_hex(4)
    put(store, f"{prefix}/archive", 10)
    store.create(f"{prefix}/manifest", b"x")
    bucket = t.cast("t.Any", store)._bucket
    assert [bucket.get_blob(f"{prefix}/{name}").storage_class for name in ("archive", "manifest")] == ["NEARLINE", "STANDARD"]


def test_what_s3_has_locked_nobody_can_remove(moto_s3: MotoS3, locked_bucket: str) -> None:
    store = open_store(f"s3://{locked_bucket}/shop", {**moto_s3.store_options, "lock_days": 30, "lock_mode": "compliance"})
    put(store, "archive", 10)
    until = store.protect("archive")
    assert until is not None
    assert datetime.timedelta(days=29) < until - now() < datetime.timedelta(days=31)
    assert store.protected_until("archive") == until
    client = client_of(moto_s3)
    version = client.head_object(Bucket=locked_bucket, Key="shop/archive")["VersionId"]
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        client.delete_object(Bucket=locked_bucket, Key="shop/archive", VersionId=version)


@pytest.mark.parametrize("server", ["moto_s3", "rclone_s3"])
def test_a_bucket_without_locks_is_found_out_before_anything_is_sent(request: pytest.FixtureRequest, server: str) -> None:
    """rclone would take the request for a lock as new content of the object."""
    s3 = request.getfixturevalue(server)
    key = secrets.token_hex(4)
    open_store(f"s3://{s3.bucket}", s3.store_options).create(key, b"content")
    store = open_store(f"s3://{s3.bucket}", {**s3.store_options, "lock_days": 30})
    with pytest.raises(StoreError, match=r"cannot lock objects.*Enable Object Lock on the bucket"):
        store.upload("another")
    with pytest.raises(StoreError, match="cannot lock objects"):
        store.protect(key)
    assert store.protected_until(key) is None
    assert store.read(key)[0] == b"content"


def test_a_lock_at_google_is_set_and_read(fake_gcs: FakeGcs) -> None:
    """fake-gcs-server keeps it, and deletes the object all the same; Google does not."""
    store = open_store(f"{fake_gcs.url}/{secrets.token_hex(4)}", {**fake_gcs.store_options, "lock_days": 30})
    put(store, "archive", 10)
    assert store.protected_until("archive") is None
    until = store.protect("archive")
    assert until is not None
    assert store.protected_until("archive") == until
    assert datetime.timedelta(days=29) < until - now() < datetime.timedelta(days=31)


def test_without_the_option_nothing_is_locked(place: Place) -> None:
    store = place.open()
    store.create("a", b"x")
    assert store.protect("a") is None
    assert store.protected_until("a") is None
    assert store.delete("a")


def test_uploads_that_a_killed_run_left_in_s3_are_swept(s3_place: Place, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue(f"{s3_place.server}_s3")
    client, store = client_of(server), s3_place.open()
    prefix = s3_place.url.split("/", 3)[3]
    for key in ("shop/backups/1/database.dump", "other/backups/1/database.dump"):
        client.create_multipart_upload(Bucket=server.bucket, Key=f"{prefix}/{key}")
    if s3_place.server == "rclone":  # moto says of every upload that it was begun in 2010
        assert store.sweep("shop/backups/", now() - HOUR, dry=False) == []
    assert store.sweep("shop/backups/", now() + HOUR, dry=True) == ["shop/backups/1/database.dump"]
    assert store.sweep("shop/backups/", now() + HOUR, dry=False) == ["shop/backups/1/database.dump"]
    assert store.sweep("", now() + HOUR, dry=True) == ["other/backups/1/database.dump"]


def test_files_that_a_killed_run_left_in_a_directory_are_swept(tmp_path: pathlib.Path) -> None:
    store = open_store(f"file://{tmp_path}/store")
    store.upload("shop/backups/1/database.dump").write(b"half of it")
    left = store.sweep("shop/", now() + HOUR, dry=True)
    assert len(left) == 1
    assert store.sweep("shop/", now() - HOUR, dry=False) == []
    assert store.sweep("shop/", now() + HOUR, dry=False) == left
    assert list((tmp_path / "store" / ".partial").iterdir()) == []


def test_azure_and_google_forget_unfinished_uploads_themselves(azurite: Azurite, fake_gcs: FakeGcs) -> None:
    for server in (azurite, fake_gcs):
        assert open_store(server.url, server.store_options).sweep("", now() + HOUR, dry=False) == []
