"""Who promised to publish a release, and until when."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.contents import About
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.publishers import promise

ABOUT = About("1.1-b", "1.1", "c2", "")
NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.timezone.utc)
EARLIER, LATER = "2026-11-22T15:30:00+02:00", "2026-11-22T14:00:00Z"


def approval(by: str, expires_at: str, **changed: t.Any) -> dict[str, t.Any]:
    plain = {"version": "1.1", "commit": "c2", "artifact_sha256": None, "at": "2026-11-22T11:00:00Z", "withdrawn_at": None}
    return {"by": by, "expires_at": expires_at, **plain, **changed}


def test_the_promise_that_holds_longest_counts_however_its_end_is_written() -> None:
    assert promise([approval("ann", LATER), approval("bob", EARLIER)], ABOUT, NOON)["by"] == "ann"


@pytest.mark.parametrize(
    "given",
    [
        approval("ann", "2026-11-22T12:00:00Z"),
        approval("ann", LATER, withdrawn_at="2026-11-22T11:30:00Z"),
        approval("ann", LATER, version="1.0"),
        approval("ann", LATER, commit="c1"),
    ],
    ids=["ended", "withdrawn", "another version", "another commit"],
)
def test_any_other_approval_is_no_promise(given: dict[str, t.Any]) -> None:
    with pytest.raises(ConflictError, match=r"nobody has promised to publish 1\.1"):
        promise([given], ABOUT, NOON)
