"""Two parts of an environment as the variables of a project."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.holdfast.webops.plugins.filter.vercel_variables import vercel_variables


def test_the_secret_part_is_told_apart_and_values_are_texts() -> None:
    assert vercel_variables({"PORT": 80, "DEBUG": False}, {"KEY": "k"}) == [
        {"name": "DEBUG", "plain_value": "false"},
        {"name": "KEY", "value": "k"},
        {"name": "PORT", "plain_value": "80"},
    ]


def test_a_name_in_both_parts_is_refused_without_its_value() -> None:
    with pytest.raises(AnsibleFilterError, match=r"^KEY: stands in the environment and in its secret part") as caught:
        vercel_variables({"KEY": "open"}, {"KEY": "topsecret"})
    assert "topsecret" not in str(caught.value)
