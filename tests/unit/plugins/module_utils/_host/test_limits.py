"""Limits of a slot in the words of systemd and of prlimit."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._host.limits import Limits, limits_from

ALL = {"memory": "512M", "cpu": 1.5, "tasks": 200, "open_files": 4096}


def test_systemd_is_told_all_of_them() -> None:
    assert limits_from(ALL).unit_lines() == "MemoryMax=536870912\nCPUQuota=150%\nTasksMax=200\nLimitNOFILE=4096\n"


def test_prlimit_is_told_what_it_can_keep() -> None:
    assert limits_from(ALL).prlimit() == ("prlimit", "--as=536870912", "--nproc=200", "--nofile=4096", "--")


def test_without_limits_nothing_is_added() -> None:
    assert (limits_from(None).unit_lines(), limits_from({}).prlimit(), limits_from({"cpu": 1.0}).prlimit()) == ("", (), ())


def test_only_what_was_given_is_shown() -> None:
    assert Limits(tasks=5).shown() == {"tasks": 5}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"memory": "lots"}, "limits.memory: 'lots' is no size"),
        ({"memory": "0M"}, "limits.memory: '0M' is no size"),
        ({"cpu": 0.0}, "limits.cpu: 0.0 is too small"),
        ({"tasks": -1}, "limits.tasks: -1 is too small"),
        ({"open_files": 0}, "limits.open_files: 0 is too small"),
    ],
)
def test_what_is_no_limit_is_named(given: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        limits_from(given)
