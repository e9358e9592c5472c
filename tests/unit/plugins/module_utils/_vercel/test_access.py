"""The options that say how to reach Vercel."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import open_api
from tests.unit.fake_clock import FakeClock

GOOD = {
    "project": "shop",
    "token": "tok_1",
    "team": "acme",
    "api_url": "https://api.vercel.com/",
    "request_timeout": 30.0,
    "wait_timeout": 60.0,
}


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("token", None, "token: no token was given"),
        ("token", "", "token: no token was given"),
        ("token", "se\ncret", "token: the token holds spaces"),
        ("team", "a b", "team: 'a b' is neither"),
        ("project", "../v1", "project: '../v1' is neither"),
        ("project", "..", "project: '..' is neither"),
        ("api_url", "http://api.example.com", "api_url: .* unencrypted"),
        ("api_url", "ftp://api.example.com", "api_url: .* is not the address"),
        ("api_url", "https://me:pw@api.example.com", "api_url: .* is not the address"),
        ("request_timeout", 0, "request_timeout: 0 is not a time"),
        ("wait_timeout", -1, "wait_timeout: -1 is not a time"),
    ],
)
def test_what_cannot_be_is_refused_by_name_before_anything_is_sent(option: str, value: t.Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as refused:
        open_api({**GOOD, option: value}, FakeClock())
    assert "cret" not in str(refused.value)


@pytest.mark.parametrize("url", ["https://api.vercel.com", "http://127.0.0.1:8900", "http://localhost:8900", "http://[::1]:8900"])
def test_https_and_this_machine_are_fine(url: str) -> None:
    assert open_api({**GOOD, "api_url": url}, FakeClock()).sent == 0
