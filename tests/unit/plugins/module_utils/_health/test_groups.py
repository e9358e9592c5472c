from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import Check, checks_from
from ansible_collections.holdfast.webops.plugins.module_utils._health.groups import select

Options = t.Callable[..., dict[str, t.Any]]


@pytest.fixture
def checks(options: Options) -> tuple[Check, ...]:
    return checks_from([options(name="a", groups=["smoke"]), options(name="b", groups=["smoke", "security"]), options(name="c")])


def names(checks: tuple[Check, ...]) -> list[str]:
    return [check.name for check in checks]


@pytest.mark.parametrize(("wanted", "found"), [([], "abc"), (["smoke"], "ab"), (["security"], "b"), (["security", "smoke"], "ab")])
def test_a_group_is_every_check_that_is_in_it_and_none_is_all(checks: tuple[Check, ...], wanted: list[str], found: str) -> None:
    assert names(select(checks, wanted)) == list(found)


def test_an_unknown_group_is_refused_with_those_that_exist(checks: tuple[Check, ...]) -> None:
    with pytest.raises(InputError, match="names 'smoek', but no check is in such a group") as caught:
        select(checks, ["smoke", "smoek"])
    assert caught.value.hint == "There are the groups security, smoke."


def test_a_group_without_any_groups_is_refused(options: Options) -> None:
    with pytest.raises(InputError) as caught:
        select(checks_from([options()]), ["smoke"])
    assert caught.value.hint == "Give checks the option groups first."


def test_a_group_without_a_name_is_refused(options: Options) -> None:
    with pytest.raises(InputError, match="The check 'app' is in a group with an empty name"):
        checks_from([options(groups=["smoke", " "])])
