# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: vercel_configuration_problem
short_description: Say what is wrong with a vercel.json before anything is touched
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Looks for what M(holdfast.webops.vercel_deploy) refuses in its O(holdfast.webops.vercel_deploy#module:configuration), as far as
    that can be told without the files of a release.
options:
  _input:
    description: What C(vercel.json) is to say.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Refuse a configuration that Vercel would not take
  ansible.builtin.assert:
    that: "{'regions': ['fra1']} | holdfast.webops.vercel_configuration_problem == ''"
"""

RETURN = r"""
_value:
  description: What is wrong, in a sentence; empty when nothing is.
  type: str
"""


def vercel_configuration_problem(configuration: t.Mapping[str, t.Any]) -> str:
    """The mistakes, or an empty text."""
    from ansible_collections.holdfast.webops.plugins.module_utils._vercel.configuration import check

    try:
        check(plain(configuration))
    except WebopsError as exc:
        return str(exc)
    return ""


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"vercel_configuration_problem": vercel_configuration_problem}
