"""The filters as a playbook calls them: plain data in and out, and errors of the kind that Ansible shows."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.holdfast.webops.plugins.filter import release_course, release_roll_back
from ansible_collections.holdfast.webops.plugins.module_utils._release.states import fold

PLATFORM: dict[str, t.Any] = {
    "live_slot": None,
    "idle_slot": "blue",
    "weights": {"blue": 0, "green": 0},
    "slots": {"blue": {}, "green": {}},
}
course: t.Callable[..., t.Any] = release_course.FilterModule().filters()["release_course"]
roll_back: t.Callable[..., t.Any] = release_roll_back.FilterModule().filters()["release_roll_back"]


def test_the_course_of_a_first_release() -> None:
    found = course(fold([]), {"version": "1.0"}, PLATFORM, resume_within="900", now="2026-11-21T22:30:00Z")
    assert (found["action"], found["release"]["id"], found["slot"]) == ("deploy", "1.0-20261121T223000Z", "blue")


def test_without_a_time_it_is_now() -> None:
    assert course(fold([]), {"version": "1.0"}, PLATFORM)["release"]["id"].startswith("1.0-20")


def test_what_makes_no_sense_is_an_error_of_the_filter() -> None:
    with pytest.raises(AnsibleFilterError, match=r"holdfast\.webops\.release_course: version"):
        course(fold([]), {"version": "../1"}, PLATFORM)
    with pytest.raises(AnsibleFilterError, match="is not a time"):
        course(fold([]), {"version": "1"}, PLATFORM, now="yesterday")
    with pytest.raises(AnsibleFilterError, match=r"holdfast\.webops\.release_roll_back: platform"):
        roll_back(fold([]), "previous", {})


def test_going_back_from_nothing_is_refused_in_plain_data() -> None:
    found = roll_back(fold([]), "previous", PLATFORM)
    assert (found["allowed"], found["target"], found["reason"]) == (False, None, "No release was ever live.")
