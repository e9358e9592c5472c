"""The client of the storage: its own status inside of an answer counts."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.failures import ApiError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.storage_api import ABOUT_KEYS, StorageApi
from tests.unit.fake_clock import FakeClock
from tests.unit.plugins.module_utils._vercel.stand_in import Said, StandIn


def storage(answer: Said) -> StorageApi:
    clock = FakeClock()
    api = StorageApi("https://ref.example.com", "key", 30.0, clock, Deadline(clock, 60.0))
    api._session = StandIn(answer)
    return api


def refused(status: int, inside: str) -> Said:
    return Said(status, {"statusCode": inside, "error": "error", "message": "as it says"})


@pytest.mark.parametrize("answer", [refused(400, "404"), refused(404, "")])
def test_a_bucket_that_is_gone_is_removed(answer: Said) -> None:
    storage(answer).delete("system-assets")


@pytest.mark.parametrize(("answer", "hint"), [(refused(400, "403"), ABOUT_KEYS), (refused(403, ""), ABOUT_KEYS), (refused(400, "409"), "")])
def test_what_is_refused_is_told_with_what_helps(answer: Said, hint: str) -> None:
    with pytest.raises(ApiError) as failed:
        storage(answer).delete("system-assets")
    assert failed.value.hint == hint
