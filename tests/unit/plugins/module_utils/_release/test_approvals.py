"""Whose approval counts, for what, and until when."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._release.approvals import (
    Count,
    count,
    grant,
    policy_from,
    said_of,
    standing,
    withdraw,
)
from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Entry
from ansible_collections.holdfast.webops.plugins.module_utils._release.states import fold

NOW = datetime.datetime(2026, 11, 21, 23, 0, tzinfo=datetime.timezone.utc)
WANTED: dict[str, t.Any] = {"version": "1.2", "commit": "c", "artifact_sha256": "s" * 64}
TWO_ROLES = {"required": 2, "roles": {"tech-lead": ["anna"], "product-owner": ["maria", "bob"]}}


def approved(by: str, at: str = "22:30", until: str = "2026-11-28T00:00:00Z", **more: t.Any) -> Entry:
    data = {**WANTED, "reason": "CHG-1", "expires_at": until, **more}
    return Entry(1, f"2026-11-21T{at}:00Z", "approval.granted", None, data, None, by, None)


def withdrawn(by: str) -> Entry:
    return Entry(1, "2026-11-21T22:45:00Z", "approval.withdrawn", None, {**WANTED, "reason": "a bug"}, None, by, None)


def given(*entries: Entry) -> list[dict[str, t.Any]]:
    return t.cast("list[dict[str, t.Any]]", fold(entries)["approvals"])


def counted(policy: dict[str, t.Any], *entries: Entry, operator: str = "ci") -> Count:
    asked = policy_from(policy)
    assert asked
    return count(given(*entries), WANTED, asked, operator, NOW)


def test_nothing_is_asked_for_where_the_inventory_says_nothing() -> None:
    assert policy_from({}) is None
    assert policy_from({"required": 0}) is None


def test_one_approval_of_anybody_is_enough_when_nothing_else_is_said() -> None:
    policy = {"four_eyes": False}
    assert not counted(policy).passed
    assert counted(policy, approved("anybody")).passed


def test_so_many_different_people_are_needed() -> None:
    assert not counted({"required": 2}, approved("anna"), approved("anna")).passed
    assert counted({"required": 2}, approved("anna"), approved("bob")).passed


def test_of_each_role_one_has_to_approve() -> None:
    missing = counted(TWO_ROLES, approved("maria"), approved("bob"))
    assert (missing.passed, missing.missing_roles) == (False, ("tech-lead",))
    assert counted(TWO_ROLES, approved("maria"), approved("anna")).passed


@pytest.mark.parametrize(
    ("policy", "entry", "why"),
    [
        ({"names": ["maria"]}, approved("bob"), "bob may not approve"),
        ({"four_eyes": True}, approved("ci"), "ci deploys, and four eyes are asked for"),
        ({"required": 1}, approved("bob", until="2026-11-21T22:59:59Z"), "bob approved until 2026-11-21T22:59:59Z"),
        ({"max_age": 600}, approved("bob"), "bob approved at 2026-11-21T22:30:00Z, longer ago than 600 s"),
    ],
)
def test_an_approval_that_does_not_count_says_why(policy: dict[str, t.Any], entry: Entry, why: str) -> None:
    found = counted(policy, entry)
    assert (found.passed, found.discounted) == (False, (why,))


def test_an_approval_ends_to_the_second() -> None:
    assert counted({"required": 1}, approved("bob", until="2026-11-21T23:00:01Z")).passed
    assert not counted({"required": 1}, approved("bob", until="2026-11-21T23:00:00Z")).passed


def test_a_withdrawn_approval_counts_again_when_it_is_given_again() -> None:
    assert counted({"required": 1}, approved("bob"), withdrawn("bob")).discounted == ("bob withdrew at 2026-11-21T22:45:00Z",)
    assert counted({"required": 1}, approved("bob"), withdrawn("bob"), approved("bob", at="22:50")).passed


def test_another_artefact_of_the_same_version_is_not_approved() -> None:
    assert not counted({"required": 1}, approved("bob", artifact_sha256="other")).passed
    assert not counted({"required": 1}, approved("bob", artifact_sha256=None)).passed


def test_the_count_is_a_sentence_that_names_who_is_missing() -> None:
    policy = policy_from(TWO_ROLES)
    assert policy
    found = counted(TWO_ROLES, approved("maria"), approved("carl"))
    assert said_of(found, WANTED, policy) == (
        "1.2 (artefact ssssssssssss) is approved by maria (CHG-1); 2 needed. Still to approve: tech-lead (anna). "
        "Not counted: carl may not approve."
    )


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ({"requierd": 1}, "requierd is unknown"),
        ({"required": -1}, "required is -1"),
        ({"required": 3, "names": ["anna", "bob"]}, "required is 3, and 2 people may approve"),
        ({"roles": {"tech-lead": []}}, "the role tech-lead has nobody in it"),
        ({"roles": {"tech-lead": "anna"}}, "the role tech-lead has nobody in it"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(policy: dict[str, t.Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        policy_from(policy)


def test_an_approval_is_granted_once_and_says_until_when() -> None:
    first = grant([], WANTED, "maria", " CHG-1042 ", 3600, NOW)
    (entry,) = first["entries"]
    assert entry == {"event": "approval.granted", "data": {**WANTED, "reason": "CHG-1042", "expires_at": "2026-11-22T00:00:00Z"}}
    again = grant(given(approved("maria")), WANTED, "maria", "CHG-1042", 3600, NOW)
    assert (again["entries"], again["says"]) == (
        [],
        "maria approved 1.2 (artefact ssssssssssss) at 2026-11-21T22:30:00Z already, until 2026-11-28T00:00:00Z.",
    )


def test_an_approval_that_has_ended_is_granted_anew() -> None:
    assert grant(given(approved("maria", until="2026-11-21T22:31:00Z")), WANTED, "maria", "CHG-1042", 3600, NOW)["entries"]


def test_only_what_stands_is_withdrawn_and_only_by_who_gave_it() -> None:
    approvals = given(approved("maria"))
    (entry,) = withdraw(approvals, WANTED, "maria", "a bug", NOW)["entries"]
    assert entry == {"event": "approval.withdrawn", "data": {**WANTED, "reason": "a bug"}}
    assert withdraw(approvals, WANTED, "bob", "a bug", NOW)["entries"] == []
    assert withdraw(given(approved("maria"), withdrawn("maria")), WANTED, "maria", "a bug", NOW)["entries"] == []


def test_an_approval_is_withdrawn_by_its_version_alone_for_what_it_covered() -> None:
    (entry,) = withdraw(given(approved("maria")), {"version": "1.2", "commit": "", "artifact_sha256": ""}, "maria", "a bug", NOW)["entries"]
    assert entry["data"]["artifact_sha256"] == WANTED["artifact_sha256"]


def test_who_gives_no_reason_or_no_time_is_refused() -> None:
    with pytest.raises(InputError, match="reason: it is empty"):
        grant([], WANTED, "maria", "  ", 3600, NOW)
    with pytest.raises(InputError, match="valid_for: 0 s is no time"):
        grant([], WANTED, "maria", "CHG-1", 0, NOW)
    with pytest.raises(InputError, match="reason: it is empty"):
        withdraw([], WANTED, "maria", "", NOW)


def test_what_stands_is_neither_withdrawn_nor_over() -> None:
    approvals = given(approved("maria"), approved("bob"), withdrawn("bob"), approved("carl", until="2026-11-21T22:31:00Z"))
    assert [approval["by"] for approval in standing(approvals, NOW)] == ["maria"]
