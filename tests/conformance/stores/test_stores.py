"""One set of cases for every store. What a server is known to get wrong is stated, and its detection is a case too."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime
import json
import os
import subprocess
import sys
import typing as t

import boto3
import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import (
    AlreadyExistsError,
    ChangedError,
    Store,
    StoreError,
    Upload,
    require_conditional,
)
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store
from ansible_collections.holdfast.webops.plugins.module_utils._stores.s3 import S3Store
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from tests.conformance.stores.conftest import Place
    from tests.conformance.stores.servers import Azurite, FakeGcs
    from tools.embedded.objects import RcloneS3

MIB = 1 << 20

# Prints by how many KiB the memory of a process grows while it uploads 64 MiB, beyond what one of 6 MiB took.
_UPLOADING = """
import json, os, resource, sys
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store
url, options = json.loads(sys.argv[1])
store = open_store(url, options)
def send(key, pieces):
    upload = store.upload(key)
    for _ in range(pieces):
        upload.write(os.urandom(1 << 20))
    assert upload.commit().size == pieces << 20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = send("small", 6)
print(send("large", 64) - before)
"""


def test_what_was_created_is_read_back_with_the_same_version(store: Store) -> None:
    version = store.create("orders/ledger/1.json", b"{}\n")
    assert store.read("orders/ledger/1.json") == (b"{}\n", version)


def test_an_object_is_described_by_its_size_and_time(store: Store) -> None:
    store.create("a/b", b"12345")
    seen = store.head("a/b")
    assert seen is not None
    assert (seen.key, seen.size) == ("a/b", 5)
    assert abs(datetime.datetime.now(datetime.UTC) - seen.modified) < datetime.timedelta(hours=1)


def test_an_empty_object_is_an_object(store: Store) -> None:
    store.create("empty", b"")
    assert store.read("empty")[0] == b""


def test_a_key_is_created_once(conditional_store: Store) -> None:
    conditional_store.create("a", b"first")
    with pytest.raises(AlreadyExistsError, match="already has an object 'a'"):
        conditional_store.create("a", b"second")
    assert conditional_store.read("a")[0] == b"first"


def test_of_many_creators_at_once_one_wins(conditional_place: Place) -> None:
    def create(number: int) -> bool:
        try:
            conditional_place.open().create("lease.json", str(number).encode())
        except AlreadyExistsError:
            return False
        return True

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(create, range(16))).count(True) == 1


def test_a_replacement_wants_the_version_it_replaces(conditional_store: Store) -> None:
    first = conditional_store.create("a", b"first")
    second = conditional_store.replace("a", b"second", first)
    with pytest.raises(ChangedError):
        conditional_store.replace("a", b"third", first)
    assert conditional_store.read("a") == (b"second", second)


def test_of_many_replacements_at_once_one_wins(conditional_place: Place) -> None:
    version = conditional_place.open().create("lease.json", b"free")

    def replace(number: int) -> bool:
        try:
            conditional_place.open().replace("lease.json", f"held by {number}".encode(), version)
        except ChangedError:
            return False
        return True

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(replace, range(16))).count(True) == 1


def test_what_is_gone_cannot_be_replaced(conditional_store: Store) -> None:
    version = conditional_store.create("a", b"first")
    conditional_store.delete("a")
    with pytest.raises(ChangedError):
        conditional_store.replace("a", b"second", version)
    assert conditional_store.head("a") is None


def test_a_server_that_ignores_conditions_is_found_out(place: Place) -> None:
    store = place.open()
    assert store.probe_conditional() is place.conditional
    assert list(store.list()) == []
    if not place.conditional:
        with pytest.raises(StoreError, match="ignores conditional writes; a ledger or a lease there would not be safe"):
            require_conditional(store)


def test_a_missing_object_is_missed_by_name(store: Store) -> None:
    assert store.head("nothing/here") is None
    with pytest.raises(NotFoundError, match="nothing/here"):
        store.read("nothing/here")
    with pytest.raises(NotFoundError, match="nothing/here"):
        list(store.stream("nothing/here"))


def test_a_listing_is_sorted_and_keeps_to_its_prefix(store: Store) -> None:
    for key in ("b/2", "b/10", "a/1", "b/1/deep", "bb"):
        store.create(key, b"x")
    assert [seen.key for seen in store.list()] == ["a/1", "b/1/deep", "b/10", "b/2", "bb"]
    assert [seen.key for seen in store.list("b/1")] == ["b/1/deep", "b/10"]
    assert [seen.key for seen in store.list("b/")] == ["b/1/deep", "b/10", "b/2"]
    assert list(store.list("c/")) == []


def test_deleting_says_whether_there_was_something(store: Store) -> None:
    store.create("a", b"x")
    assert store.delete("a") is True
    assert store.delete("a") is False
    assert store.head("a") is None


def test_a_range_of_an_object_can_be_read(store: Store) -> None:
    store.create("a", b"0123456789")
    assert b"".join(store.stream("a", 2, 3)) == b"234"
    assert b"".join(store.stream("a", 8, 100)) == b"89"
    assert b"".join(store.stream("a", 10)) == b""


def test_an_upload_is_invisible_until_it_is_committed(store: Store) -> None:
    content = os.urandom(20 * MIB)
    upload = store.upload("orders/backups/1/database.dump")
    for start in range(0, len(content), MIB):
        upload.write(content[start : start + MIB])
    assert list(store.list()) == []
    assert store.head("orders/backups/1/database.dump") is None
    stored = upload.commit()
    assert stored.size == len(content)
    assert b"".join(store.stream("orders/backups/1/database.dump")) == content


def test_an_aborted_upload_leaves_nothing(store: Store) -> None:
    upload = store.upload("a")
    for _number in range(20):
        upload.write(os.urandom(MIB))
    upload.abort()
    upload.abort()
    assert list(store.list()) == []


def test_an_upload_without_a_byte_makes_an_empty_object(store: Store) -> None:
    assert store.upload("a").commit().size == 0


def test_an_upload_does_not_replace_what_is_there(conditional_store: Store) -> None:
    conditional_store.create("a", b"first")
    upload = conditional_store.upload("a")
    upload.write(b"second")
    with pytest.raises(AlreadyExistsError):
        upload.commit()
    upload.abort()
    assert conditional_store.read("a")[0] == b"first"


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "a//b", "a/", "../a", "a/../b", ".partial/a", "a\nb", "a\\b", "x" * 201, "a/" * 500 + "a"]
)
def test_a_key_that_could_leave_the_store_is_refused(store: Store, key: str) -> None:
    for refused in (lambda: store.create(key, b"x"), lambda: store.read(key), lambda: store.upload(key), lambda: store.delete(key)):
        with pytest.raises(InputError, match="cannot be the name of an object"):
            refused()
    assert list(store.list()) == []


def test_keys_with_spaces_and_letters_of_all_kinds_come_back_as_they_were(store: Store) -> None:
    key = "größe/100% fertig+1 &co.json"
    store.create(key, b"x")
    assert [seen.key for seen in store.list()] == [key]
    assert store.read(key)[0] == b"x"


def test_no_parts_of_an_aborted_upload_stay_on_the_server(s3_place: Place) -> None:
    store = s3_place.open()
    upload = store.upload("a")
    for _number in range(20):
        upload.write(os.urandom(MIB))
    upload.abort()
    # A part that was under way while the upload was aborted may be answered later.
    wait_for(lambda: _open_uploads(s3_place) == [], "the server to forget the upload")


def test_an_upload_that_fails_takes_away_what_is_left_under_its_key(s3_place: Place) -> None:
    prefix = s3_place.url.split("/", 3)[3]
    for key in ("a", "ab"):
        _client(s3_place).create_multipart_upload(Bucket=s3_place.url.split("/")[2], Key=f"{prefix}/{key}")

    def breaking_off() -> t.Iterator[bytes]:
        yield b"x"
        raise ValueError("broken off")

    with pytest.raises(ValueError, match="broken off"):
        t.cast(S3Store, s3_place.open()).put_stream("a", breaking_off(), MIB)
    assert f"{prefix}/a" not in [one["Key"] for one in _open_uploads(s3_place)]
    assert f"{prefix}/ab" in [one["Key"] for one in _open_uploads(s3_place)]


def test_no_parts_of_an_upload_that_came_too_late_stay_on_the_server(conditional_place: Place) -> None:
    store = conditional_place.open()
    store.create("a", b"first")
    upload = store.upload("a")
    with pytest.raises(AlreadyExistsError):
        _send(upload, 20)
    upload.abort()
    assert [seen.key for seen in store.list()] == ["a"]


def test_an_upload_in_parts_does_not_replace_what_is_there(conditional_store: Store) -> None:
    conditional_store.create("a", b"first")
    upload = conditional_store.upload("a")
    with pytest.raises(AlreadyExistsError):
        _send(upload, 12)
    upload.abort()
    assert conditional_store.read("a")[0] == b"first"


def test_an_upload_takes_bounded_memory(place: Place) -> None:
    """In a process of its own: obstore once collected a whole stream before it sent a byte."""
    done = subprocess.run(
        [sys.executable, "-c", _UPLOADING, json.dumps([place.url, place.options])], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 40 * 1024  # KiB more than before the upload of 64 MiB


def test_a_server_that_cannot_be_reached_is_named_in_a_sentence(cloud_place: Place) -> None:
    with pytest.raises(WebopsError) as caught:
        cloud_place.open(endpoint="http://127.0.0.1:9").read("a")
    assert cloud_place.url in str(caught.value)
    assert "Debug source" not in str(caught.value)


def test_a_google_server_that_cannot_be_reached_is_named_in_a_sentence(fake_gcs: FakeGcs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.holdfast.webops.plugins.module_utils._stores.gcs.RETRY_SECONDS", 1.0)
    with pytest.raises(StoreError, match="gs://holdfast failed at 'a'"):
        open_store(fake_gcs.url, {**fake_gcs.store_options, "endpoint": "http://127.0.0.1:9"}).read("a")


def test_a_wrong_secret_is_refused_and_not_shown(rclone_s3: RcloneS3) -> None:
    options = {**rclone_s3.store_options, "secret_access_key": "not-the-secret-at-all"}
    with pytest.raises(StoreError, match="refused access") as caught:
        open_store(f"s3://{rclone_s3.bucket}", options).create("a", b"x")
    assert "not-the-secret-at-all" not in str(caught.value)


def test_a_wrong_account_key_is_refused_and_not_shown(azurite: Azurite) -> None:
    wrong = "bm90LXRoZS1rZXk="
    with pytest.raises(StoreError, match="refused access") as caught:
        open_store(azurite.url, {**azurite.store_options, "account_key": wrong}).create("a", b"x")
    assert wrong not in str(caught.value)


def test_a_bucket_or_container_that_is_missing_is_said(place: Place) -> None:
    if place.server in ("file", "rclone"):  # a directory is made; rclone lists nothing where nothing is
        return
    missing = dataclasses.replace(place, url=f"{place.url.split('/')[0]}//no-such-place")
    with pytest.raises(WebopsError, match="no-such-place"):
        missing.open().create("a", b"x")


def _send(upload: Upload, pieces: int) -> None:
    """To the end. Some services say before it that the key is taken."""
    for _number in range(pieces):
        upload.write(os.urandom(MIB))
    upload.commit()


def _client(place: Place) -> t.Any:
    options = place.options
    return boto3.client(
        "s3",
        endpoint_url=options["endpoint"],
        region_name=options["region"],
        aws_access_key_id=options["access_key_id"],
        aws_secret_access_key=options["secret_access_key"],
    )


def _open_uploads(place: Place) -> list[t.Any]:
    """Those of this test: others leave some in the same bucket."""
    client, (bucket, prefix) = _client(place), place.url.split("/", 3)[2:]
    try:
        found = client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
        return [one for one in found if one["Key"].startswith(f"{prefix}/")]
    except client.exceptions.NoSuchUpload:  # how rclone says that there is none
        return []
