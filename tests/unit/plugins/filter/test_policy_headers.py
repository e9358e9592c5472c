"""A policy as headers, for whoever writes a vercel.json."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.holdfast.webops.plugins.filter.policy_headers import policy_headers


def test_a_policy_becomes_headers() -> None:
    assert policy_headers({"headers": {"X-Frame-Options": "DENY"}}) == {"X-Frame-Options": "DENY"}


def test_a_wrong_policy_is_refused_in_a_sentence() -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"^policy_headers: The policy of the check 'security_headers' has 'csb'\. It may have absent"
    ):
        policy_headers({"csb": {}})
