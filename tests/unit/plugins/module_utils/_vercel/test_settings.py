"""A project's settings and its rolling-release template."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import settings

NOTHING: dict[str, t.Any] = {**dict.fromkeys([*settings.NAMES, "protection"]), "rolling_release": None}
PROJECT = {
    "framework": "nextjs",
    "autoAssignCustomDomains": False,
    "ssoProtection": {"deploymentType": "preview"},
    "skewProtectionMaxAge": 60,
}


def changes(**given: t.Any) -> dict[str, t.Any]:
    present = settings.settings_of(PROJECT)
    return settings.patch(present, settings.wanted_of({**NOTHING, **given}, present))


@pytest.mark.parametrize(
    ("given", "body"),
    [
        ({}, {}),
        ({"framework": "nextjs", "protection": "preview", "auto_assign_custom_domains": False}, {}),
        ({"framework": "", "build_command": "make"}, {"framework": None, "buildCommand": "make"}),
        ({"protection": "none"}, {"ssoProtection": None}),
        ({"protection": "all"}, {"ssoProtection": {"deploymentType": "all"}}),
        ({"skew_protection_max_age": 0, "git_fork_protection": True}, {"skewProtectionMaxAge": 0}),
    ],
)
def test_only_differences_are_sent(given: dict[str, t.Any], body: dict[str, t.Any]) -> None:
    assert changes(**given) == body


def stages(*shares: int, minutes: int | None = None) -> list[dict[str, t.Any]]:
    return [{"share": share, "minutes": minutes if share < 100 else None} for share in shares]


@pytest.mark.parametrize(
    ("advancement", "wanted", "sentence"),
    [
        ("manual", stages(100), "are no rolling release"),
        ("manual", stages(10, 50), "are no rolling release"),
        ("manual", stages(50, 10, 100), "are no rolling release"),
        ("manual", stages(0, 100), "are no rolling release"),
        ("manual", stages(10, 100, minutes=5), "until it is approved"),
        ("automatic", stages(10, 100), "1 to 10000 are needed"),
        ("automatic", [*stages(10, minutes=5), {"share": 100, "minutes": 5}], "the last stage has no end"),
    ],
)
def test_a_template_that_cannot_be_is_refused(advancement: str, wanted: list[dict[str, t.Any]], sentence: str) -> None:
    rolling = {"enabled": True, "advancement": advancement, "stages": wanted}
    with pytest.raises(InputError, match=sentence):
        settings.check({**NOTHING, "rolling_release": rolling})


@pytest.mark.parametrize(("advancement", "minutes"), [("manual", None), ("automatic", 5)])
def test_a_template_comes_back_as_it_was_sent(advancement: str, minutes: int | None) -> None:
    wanted = settings.rolling_wanted({"enabled": True, "advancement": advancement, "stages": stages(10, 50, 100, minutes=minutes)}, None)
    assert settings.rolling_of(settings.rolling_body(wanted)) == wanted


def test_a_template_is_kept_switched_off_or_left_alone() -> None:
    there = {"advancement": "manual", "stages": stages(10, 100)}
    assert settings.rolling_wanted(None, there) == there
    assert settings.rolling_wanted({"enabled": False, "advancement": "manual", "stages": None}, there) is None
    assert settings.rolling_body(None) == {"enabled": False}


def test_skew_protection_has_a_limit() -> None:
    with pytest.raises(InputError, match="skew_protection_max_age: -1"):
        settings.check({**NOTHING, "skew_protection_max_age": -1})
