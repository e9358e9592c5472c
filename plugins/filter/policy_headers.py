# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: policy_headers
short_description: The headers that carry out a security policy
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Makes response headers from the policy of a check of the kind C(security_headers) of M(holdfast.webops.health_check), so that what a
    server is told to send and what the check expects stand in one place.
options:
  _input:
    description:
      - The policy. What it wants absent makes no header. Of CORS it can serve one origin; with several the answer depends on the question.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: What vercel.json wants
  ansible.builtin.debug:
    msg: "{{ {'source': '/(.*)', 'headers': policy | holdfast.webops.policy_headers | dict2items} }}"
  vars:
    policy:
      hsts: {max_age: 31536000, include_subdomains: true}
      headers: {X-Frame-Options: DENY}
      csp: {default-src: ["'self'"], img-src: ["'self'", "data:"]}
"""

RETURN = r"""
_value:
  description: Values by the names of the headers.
  type: dict
  sample:
    Strict-Transport-Security: max-age=31536000; includeSubDomains
    X-Frame-Options: DENY
    Content-Security-Policy: "default-src 'self'; img-src 'self' data:"
"""


def policy_headers(policy: dict[str, t.Any]) -> dict[str, str]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._health.policy_headers import headers_of

    try:
        return headers_of(plain(policy))
    except InputError as exc:
        raise AnsibleFilterError(f"policy_headers: {exc}") from exc


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"policy_headers": policy_headers}
