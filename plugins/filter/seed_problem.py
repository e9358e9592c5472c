# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: seed_problem
short_description: Say what is wrong with seed data before anything is touched
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Reads the files of seed data on the controller and looks for what M(holdfast.webops.pg_seed) refuses without asking a database.
positional: source
options:
  _input:
    description: The seed data, as O(holdfast.webops.pg_seed#module:tables).
    type: list
    elements: dict
    required: true
  source:
    description: The folder or the archive in which relative files lie.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Refuse seed data that cannot be read
  ansible.builtin.assert:
    that: portal_seed_data | holdfast.webops.seed_problem('dist/shop-1.4.0.tar.gz') == ''
"""

RETURN = r"""
_value:
  description: What is wrong, in a sentence without any value; empty when nothing is.
  type: str
"""


def seed_problem(tables: list[dict[str, t.Any]], source: str = "") -> str:
    """The first thing that is wrong, or an empty text."""
    from ansible_collections.holdfast.webops.plugins.module_utils._seeding.sources import documents_of, seeds_of

    try:
        entries = plain(tables)
        seeds_of(entries, documents_of(entries, os.path.expanduser(source) or None))
    except WebopsError as exc:
        return str(exc)
    return ""


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"seed_problem": seed_problem}
