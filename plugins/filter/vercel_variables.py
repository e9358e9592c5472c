# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: vercel_variables
short_description: Environments as the variables of a project on Vercel
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Makes the option O(holdfast.webops.vercel_env#module:variables) from two dictionaries, the readable and the secret part of an
    environment. A name that stands in both is refused.
positional: secret
options:
  _input:
    description: Names and values that everybody in the team may read.
    type: dict
    required: true
  secret:
    description: Names and values that nobody may read.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Both parts of the environment
  holdfast.webops.vercel_env:
    project: shop
    token: "{{ vercel_token }}"
    variables: "{{ {'LOG_LEVEL': 'info'} | holdfast.webops.vercel_variables({'DATABASE_URL': vault_database_url}) }}"
"""

RETURN = r"""
_value:
  description: One entry for each name, sorted by name.
  type: list
  elements: dict
  sample: [{name: DATABASE_URL, value: "..."}, {name: LOG_LEVEL, plain_value: info}]
"""


def vercel_variables(readable: t.Mapping[str, t.Any], secret: t.Mapping[str, t.Any]) -> list[dict[str, str]]:
    """As documented."""
    twice = sorted(set(readable) & set(secret))
    if twice:
        raise AnsibleFilterError(f"{', '.join(twice)}: stands in the environment and in its secret part; keep one.")
    both = [{"name": name, "plain_value": _text(value)} for name, value in readable.items()]
    both += [{"name": name, "value": _text(value)} for name, value in secret.items()]
    return sorted(both, key=lambda variable: variable["name"])


def _text(value: t.Any) -> str:
    """As a shell would write it: YAML's true is `true`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"vercel_variables": vercel_variables}
