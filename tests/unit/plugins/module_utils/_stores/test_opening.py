"""Which URLs and options name a store, and what is said about the others."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import open_destinations
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_bucket, open_store


@pytest.mark.parametrize(
    ("url", "options", "said"),
    [
        ("ftp://host/path", {}, "not the URL of a store"),
        ("/srv/backups", {}, "not the URL of a store"),
        ("file://srv/backups", {}, "absolute path"),
        ("file:///srv", {"region": "eu-central-1"}, "takes no region"),
        ("s3://", {}, "not the name of a bucket"),
        ("s3://Bucket", {}, "not the name of a bucket"),
        ("s3://bucket/../other", {}, "a part of it starts with a dot"),
        ("s3://key:secret@bucket", {}, "holds no user, password"),
        ("s3://bucket?region=x", {}, "holds no user, password"),
        ("s3://bucket", {"account": "mine"}, "takes no account"),
        ("s3://bucket", {"kms_key_id": "alias/mine"}, "without server_side_encryption: aws:kms"),
        ("s3://bucket", {"lock_mode": "compliance"}, "without lock_days"),
        ("s3://bucket", {"lock_days": -1}, "lock_days is -1"),
        ("gs://bucket", {"lock_days": 40_000}, "lock_days is 40000"),
        ("az://no--container", {}, "not the name of a container"),
        ("az://container", {"lock_days": 3}, "takes no lock_days"),
        ("az://container", {"account_key": "a", "sas_token": "b"}, "both given"),
        ("az://container", {"endpoint": "http://127.0.0.1:10000"}, "set allow_http to true"),
        ("gs://Bucket", {}, "not the name of a bucket"),
        ("gs://bucket", {"region": "eu"}, "takes no region"),
        ("gs://bucket", {"service_account_file": "/a", "service_account_key": "{}"}, "both given"),
        ("gs://bucket", {"service_account_key": "not JSON"}, "is not the JSON of a service account"),
        ("gs://bucket", {"service_account_file": "/nowhere"}, "service_account_file '/nowhere' is not"),
        ("vercel-blob://no-store", {}, "not the name of a blob store"),
        ("vercel-blob://store", {}, "has no token of its own"),
        ("vercel-blob://store", {"token": "vercel_blob_rw_other_secret"}, "is that of another store"),
        ("vercel-blob://store", {"token": "vercel_blob_rw_store_secret", "lock_days": 3}, "takes no lock_days"),
        ("s3://bucket", {"access_key_id": "A"}, "both or not at all"),
        ("s3://bucket", {"endpoint": "http://127.0.0.1:9000"}, "set allow_http to true"),
        ("s3://bucket", {"endpoint": "minio.example.org"}, "is not a URL"),
    ],
)
def test_what_names_no_store_is_refused_in_a_sentence(url: str, options: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        open_store(url, options)


def test_what_keeps_backups_but_cannot_be_copied_is_not_recommended_as_a_bucket() -> None:
    with pytest.raises(InputError, match="not the URL of a bucket that this collection can copy") as caught:
        open_bucket("vercel-blob://store")
    assert "vercel-blob" not in str(caught.value.hint)
    assert "gs://bucket/prefix" in str(caught.value.hint)


def test_a_secret_in_a_url_is_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        open_store("s3://key:topsecret@bucket")
    assert "topsecret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "opened"),
    [("file:///srv/backups", "file:///srv/backups"), ("s3://bucket/", "s3://bucket"), ("s3://bucket/a/b/", "s3://bucket/a/b")],
)
def test_a_store_says_where_it_is(url: str, opened: str) -> None:
    assert open_store(url, {"endpoint": None, "allow_http": False}).url == opened


def test_destinations_are_opened_in_their_order() -> None:
    opened = open_destinations(
        [{"store": "file:///one", "region": None, "allow_http": False}, {"store": "s3://two", "region": "eu-central-1"}]
    )
    assert [store.url for store in opened] == ["file:///one", "s3://two"]
