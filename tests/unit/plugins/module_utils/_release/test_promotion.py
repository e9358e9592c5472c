"""What the ledger of another environment vouches for."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._release.promotion import choose, found_good, is_same_artifact

from .course_facts import A, B, Event, good, live, opened, state_of, wanted

WHOLE: dict[str, t.Any] = {"length": 1, "problem": None}
GONE_BACK: Event = ("rollback.completed", B, {"to": A, "slot": "blue"})


def uat(*events: Event, problem: str | None = None) -> dict[str, t.Any]:
    return {
        "environment": "uat",
        "portal": "orders",
        "store": "file:///x",
        "state": state_of(*events),
        "chain": {**WHOLE, "problem": problem},
    }


def test_a_release_that_was_found_good_there_passes_with_its_id_and_time() -> None:
    found = found_good(uat(*good(A), *good(B)), wanted(B))
    assert found.passed
    assert found.release
    assert found.release["id"] == B
    assert found.says == f"uat found 1.1 (artefact sha of 1.1-b) good at 2026-11-21T22:12:00Z: {B}."


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        ([], "uat never had 1.1 (artefact sha of 1.1-b); no release is live there."),
        (good(A), f"uat never had 1.1 (artefact sha of 1.1-b); live there is {A}, good."),
        ([*good(A), opened(B)], "it is under way there, last at release.opened 2026-11-21T22:07:00Z."),
        ([*good(A), *live(B)], "it is live there since 2026-11-21T22:11:00Z, but was not found good yet."),
        ([*good(A), opened(B), ("release.failed", B, {"reason": "5xx"})], "it failed there at 2026-11-21T22:08:00Z (5xx)."),
        ([*good(A), *good(B), GONE_BACK], "it was rolled back there at 2026-11-21T22:13:00Z."),
    ],
)
def test_one_that_was_not_is_refused_with_what_the_ledger_shows_instead(events: list[Event], shown: str) -> None:
    found = found_good(uat(*events), wanted(B))
    assert not found.passed
    assert shown in found.says


def test_the_same_version_with_another_artefact_is_another_release() -> None:
    found = found_good(uat(*good(A)), {**wanted(A), "artifact_sha256": "another sum"})
    assert (found.passed, found.says) == (False, f"uat never had 1.0 (artefact another sum); its {A} is 1.0 (artefact sha of 1.0-a).")


def test_without_an_artefact_version_and_commit_decide_and_without_both_nobody_can_tell() -> None:
    by_commit = {"version": "1.0", "commit": "commit of 1.0-a", "artifact_sha256": ""}
    assert found_good(uat(*good(A)), by_commit).passed
    assert not found_good(uat(*good(A)), {**by_commit, "commit": "another"}).passed
    assert "neither artefact nor commit" in found_good(uat(*good(A)), {**by_commit, "commit": ""}).says


def test_a_checksum_is_enough_whatever_the_version_is_called() -> None:
    assert is_same_artifact({"version": "1.0", "artifact_sha256": "s"}, {"version": "1.0-rc1", "artifact_sha256": "s"})


def test_a_damaged_ledger_vouches_for_nothing() -> None:
    other = uat(*good(A), problem="Entry 7 is missing.")
    assert "Entry 7 is missing." in found_good(other, wanted(A)).says
    with pytest.raises(InputError, match=r"Entry 7 is missing\."):
        choose(other, "latest")


def test_the_latest_is_what_is_live_there_and_not_what_somebody_went_back_from() -> None:
    assert choose(uat(*good(A), *good(B)), "latest")["id"] == B
    assert choose(uat(*good(A), *good(B), GONE_BACK), "latest")["id"] == A
    assert choose(uat(*good(A), *live(B)), "latest")["id"] == A


def test_a_version_and_an_id_are_found_and_only_when_good() -> None:
    other = uat(*good(A), *good(B), GONE_BACK)
    assert choose(other, "1.0")["id"] == choose(other, A)["id"] == A
    with pytest.raises(InputError, match=rf"no release '{B}' that was found good; {B}: it was rolled back there"):
        choose(other, B)
    with pytest.raises(InputError, match=rf"no release '9.9' that was found good; live there is {A}, good"):
        choose(other, "9.9")
    with pytest.raises(InputError, match="uat has no release that was found good; no release is live there"):
        choose(uat(), "latest")
