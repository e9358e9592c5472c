from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._health.policies import directives_in, permissions_in, problems_of
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.security_headers import Hsts, Policy


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("camera=()", {"camera": []}),
        ('Camera=(self "https://a.example"), fullscreen=*', {"camera": ["self", "https://a.example"], "fullscreen": ["*"]}),
        ("geolocation=self", {"geolocation": ["self"]}),
        ("", {}),
        ("camera", {}),
    ],
)
def test_permissions_are_read(value: str, found: dict[str, list[str]]) -> None:
    assert permissions_in(value) == {feature: frozenset(allowed) for feature, allowed in found.items()}


def test_of_a_directive_that_comes_twice_the_first_counts() -> None:
    found = directives_in("Default-Src 'self'; default-src *;; upgrade-insecure-requests ;")
    assert found == {"default-src": frozenset(["'self'"]), "upgrade-insecure-requests": frozenset()}


@pytest.mark.parametrize("value", ["max-age=31536000", 'MAX-AGE="31536000" ; preload', "includeSubDomains; max-age = 31536000, max-age=0"])
def test_every_way_to_write_a_year_of_hsts_is_understood(value: str) -> None:
    assert list(problems_of(Policy(hsts=Hsts(31536000)), {"strict-transport-security": value})) == []


def test_hsts_without_preload_is_told() -> None:
    headers = {"strict-transport-security": "max-age=31536000; includeSubDomains"}
    assert list(problems_of(Policy(hsts=Hsts(1, True, True)), headers)) == ["Strict-Transport-Security does not allow preloading"]
