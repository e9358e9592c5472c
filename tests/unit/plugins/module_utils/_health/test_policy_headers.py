"""What a policy is made into satisfies the check of the same policy."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.policies import cors_problems, problems_of
from ansible_collections.holdfast.webops.plugins.module_utils._health.policy_headers import headers_of
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.security_headers import read_policy

ORIGIN = "https://shop.example"
POLICIES: dict[str, dict[str, t.Any]] = {
    "hsts": {"hsts": {"max_age": 600}},
    "hsts with everything": {"hsts": {"max_age": 600, "include_subdomains": True, "preload": True}},
    "headers": {"headers": {"X-Frame-Options": "DENY"}, "absent": ["X-Powered-By"]},
    "permissions": {"permissions": {"camera": [], "geolocation": ["self", ORIGIN], "fullscreen": ["*"]}},
    "csp": {"csp": {"default-src": ["'self'"], "img-src": ["'self'", "data:"], "upgrade-insecure-requests": []}},
    "cors": {"cors": {"origins": [ORIGIN], "methods": ["GET", "PUT"], "headers": ["Authorization"], "credentials": True}},
    "cors of nothing but an origin": {"cors": {"origins": [ORIGIN]}},
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_the_headers_of_a_policy_satisfy_its_check(policy: dict[str, t.Any]) -> None:
    wanted = read_policy("x", policy)
    headers = {name.lower(): value for name, value in headers_of(policy).items()}
    assert headers
    assert list(problems_of(wanted, headers)) == []
    if wanted.cors:
        assert list(cors_problems(wanted.cors, ORIGIN, 200, headers)) == []
        assert list(cors_problems(wanted.cors, "https://stranger.invalid", 200, headers)) == []


def test_they_are_written_as_the_standards_want_and_in_the_order_of_the_policy() -> None:
    everything = POLICIES["hsts with everything"] | POLICIES["permissions"] | POLICIES["csp"]
    assert headers_of(everything) == {
        "Strict-Transport-Security": "max-age=600; includeSubDomains; preload",
        "Permissions-Policy": 'camera=(), geolocation=(self "https://shop.example"), fullscreen=(*)',
        "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; upgrade-insecure-requests",
    }


def test_several_origins_are_refused_for_fixed_headers_can_name_one() -> None:
    with pytest.raises(InputError, match="lets 2 origins in, and fixed headers can name one"):
        headers_of({"cors": {"origins": [ORIGIN, "https://other.example"]}})
