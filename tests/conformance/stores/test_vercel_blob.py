"""What only Vercel Blob does: no answer to a request that was carried out, and no call that could tell the two apart."""

from __future__ import annotations

import os
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import AlreadyExistsError, ChangedError, StoreError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.blob import BlobApi
from tests.unit.fake_clock import FakeClock

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store
    from tests.conformance.stores.servers import VercelBlob

MIB = 1 << 20


@pytest.fixture
def vercel(vercel_blob: VercelBlob) -> Iterator[VercelBlob]:
    """Without the faults of the test before."""
    yield vercel_blob
    vercel_blob.vercel.control("DELETE", "faults")


@pytest.fixture
def store(vercel: VercelBlob, request: pytest.FixtureRequest) -> Store:
    return open_store(f"{vercel.url}/{request.node.originalname}", vercel.store_options)


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
def test_a_creation_without_an_answer_is_looked_at_and_happens_once(vercel: VercelBlob, store: Store, kind: str) -> None:
    key = f"lease-{kind}"
    vercel.vercel.fault(kind, method="PUT", times=1)
    version = store.create(key, b"mine")
    assert store.read(key) == (b"mine", version)
    with pytest.raises(AlreadyExistsError):
        store.create(key, b"mine")


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
def test_a_replacement_without_an_answer_is_known_by_its_content(vercel: VercelBlob, store: Store, kind: str) -> None:
    key = f"lease-{kind}"
    first = store.create(key, b"mine")
    vercel.vercel.fault(kind, method="PUT", times=1)
    second = store.replace(key, b"renewed", first)
    assert store.read(key) == (b"renewed", second)
    with pytest.raises(ChangedError):
        store.replace(key, b"renewed", first)


def test_an_upload_in_parts_survives_a_lost_answer_at_any_request(vercel: VercelBlob, store: Store) -> None:
    content = os.urandom(20 * MIB)
    for skip in range(5):  # begin, three parts, complete
        vercel.vercel.fault("cut_after", method="POST", path="/api/blob/mpu", skip=skip, times=1)
        upload = store.upload(f"archive-{skip}")
        upload.write(content)
        assert upload.commit().size == len(content)
        assert b"".join(store.stream(f"archive-{skip}")) == content


def test_a_limit_of_requests_and_a_burst_of_errors_are_waited_for(vercel: VercelBlob, store: Store) -> None:
    vercel.vercel.fault("rate_limited", method="PUT", times=1, retry_after=1)
    store.create("limited", b"x")
    vercel.vercel.fault("status", method="GET", times=2, code=503)
    assert store.read("limited")[0] == b"x"


def test_a_wrong_token_is_refused_and_not_shown(vercel: VercelBlob) -> None:
    wrong = vercel.store_options["token"][:-4] + "beef"
    with pytest.raises(StoreError, match="refused access") as caught:
        open_store(vercel.url, {**vercel.store_options, "token": wrong}).create("a", b"x")
    assert wrong not in str(caught.value)


def test_the_token_is_not_sent_to_a_host_that_is_not_vercels() -> None:
    api = BlobApi("https://vercel.com/api/blob", "vercel_blob_rw_store_secret", "store", FakeClock())
    with pytest.raises(WebopsError, match="not a host of its own"):
        api.content("https://blob.vercel-storage.com.example.org/a", 0, 1)
