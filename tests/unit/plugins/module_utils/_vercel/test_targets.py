"""Which deployment is meant, and which may be chosen."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import targets
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.serving import Serving

CURRENT = {"id": "dpl_3", "created": 3}
OLDER = [{"uid": "dpl_2", "created": 2}, {"uid": "dpl_1", "created": 1}]


def live(current: str | None = "dpl_3", *, auto: bool = True, **request: str) -> Serving:
    return Serving("prj_1", "shop", {"shop.example.com": current}, auto, request, stages=())


def test_the_previous_one_is_what_the_last_promotion_replaced() -> None:
    serving = live(type="promote", fromDeploymentId="dpl_1", toDeploymentId="dpl_3")
    assert targets.previous(serving, CURRENT, OLDER) == OLDER[1]


def test_without_a_record_it_is_the_newest_of_the_older_ones() -> None:
    assert targets.previous(live(), CURRENT, [{"uid": "dpl_9", "created": 9}, *OLDER]) == OLDER[0]


@pytest.mark.parametrize("found", [OLDER, []])
def test_going_back_twice_stays_where_the_first_time_led(found: list[dict[str, t.Any]]) -> None:
    serving = live(auto=False, type="rollback", fromDeploymentId="dpl_4", toDeploymentId="dpl_3")
    assert targets.previous(serving, CURRENT, found) == CURRENT


def test_where_nothing_served_before_nothing_can_be_gone_back_to() -> None:
    with pytest.raises(NotFoundError, match="nothing has served production before dpl_3"):
        targets.previous(live(), CURRENT, [])


@pytest.mark.parametrize(
    ("serving", "found", "pinned"),
    [
        (live(auto=True, type="rollback", toDeploymentId="dpl_3"), OLDER, False),
        (live(auto=False, type="rollback", toDeploymentId="dpl_3"), OLDER, True),
        (live(auto=False, type="promote", toDeploymentId="dpl_3"), [{"uid": "dpl_9", "created": 9}], False),
        (live(auto=False, type="rollback", toDeploymentId="dpl_1"), OLDER, False),
        (live(auto=False), [{"uid": "dpl_9", "created": 9}], True),
        (live(auto=False), OLDER, False),
        (live(auto=False, type="rollback", toDeploymentId="dpl_3", fromRollingReleaseId="rr_1"), OLDER, False),
    ],
    ids=[
        "the flag is on",
        "rolled back",
        "promoted since",
        "another one since",
        "a newer one served",
        "never rolled back",
        "release ended",
    ],
)
def test_a_rollback_is_told_from_a_project_that_never_assigns_by_itself(
    serving: Serving, found: list[dict[str, t.Any]], pinned: bool
) -> None:
    assert targets.pinned(serving, CURRENT, found) is pinned


def newest(version: str | None = None, commit: str | None = None, **meta: str) -> str:
    """Whether it is a, b or c."""
    found: list[dict[str, t.Any]] = [
        {"uid": "a", "created": 1, "meta": {"webopsVersion": "1.4.0", "githubCommitSha": "abcdef0123", "by": "me"}},
        {"uid": "b", "created": 2, "meta": {"webopsVersion": "1.4.0", "webopsCommit": "abcdef9999"}},
        {"uid": "c", "created": 3, "meta": {"webopsVersion": "1.4.1"}, "gitSource": {"sha": "0123456789"}},
    ]
    return str(targets.newest(found, version=version, commit=commit, meta=meta)["uid"])


def test_the_newest_of_a_version_or_commit_is_meant() -> None:
    assert (newest("1.4.0"), newest(commit="abcdef0"), newest(commit="0123456")) == ("b", "a", "c")
    with pytest.raises(NotFoundError, match="version: no deployment for production has the version 2"):
        newest("2")
    with pytest.raises(NotFoundError, match="git_sha: none was made from fffffff"):
        newest(commit="fffffff")


def test_of_two_with_the_same_version_the_one_with_the_meta_data_is_meant() -> None:
    assert newest("1.4.0", by="me") == "a"
    with pytest.raises(NotFoundError, match=r"has the version 1\.4\.0 with this by"):
        newest("1.4.0", by="you")


@pytest.mark.parametrize(
    ("target", "action", "error", "sentence"),
    [
        ({"target": None, "readyState": "READY"}, "promote", InputError, "was built for preview"),
        ({"target": "production", "readyState": "BUILDING"}, "promote", ConflictError, "is BUILDING, not READY"),
        ({"target": "production", "readyState": "READY", "readySubstate": "STAGED"}, "rollback", InputError, "never served production"),
    ],
)
def test_what_cannot_serve_is_refused(target: dict[str, t.Any], action: str, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        targets.refuse_wrong({"id": "dpl_1", **target}, action)


@pytest.mark.parametrize(("option", "value"), [("deployment", "a b"), ("deployment", "https://"), ("git_sha", "main"), ("git_sha", "abc")])
def test_what_is_no_name_is_refused(option: str, value: str) -> None:
    with pytest.raises(InputError, match=f"{option}: "):
        targets.check({"deployment": None, "git_sha": None, option: value})
