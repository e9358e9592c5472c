# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: recovered_database
short_description: Say what the database's step of a recovery saw
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Puts what the database contract's C(restore.yml) said, and the answers of M(holdfast.webops.pg_examination), into the shape in which
    P(holdfast.webops.rehearsal_record#filter) takes C(restore).
positional: examination
options:
  _input:
    description: The fact C(database_restore) of the database contract.
    type: dict
    required: true
  examination:
    description: What M(holdfast.webops.pg_examination) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Keep what was seen
  ansible.builtin.set_fact:
    saw: "{{ database_restore | holdfast.webops.recovered_database(examination) }}"
"""

RETURN = r"""
_value:
  description: C(backup), C(moment), C(proof), C(rehearsal), and C(says), a sentence.
  type: dict
  sample: {backup: null, moment: "2026-11-22T08:30:00Z", proof: null, rehearsal: {}, says: "The cluster is back at 2026-11-22T08:30:00Z."}
"""


def recovered_database(restore: t.Any, examination: t.Any) -> dict[str, t.Any]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._recovery.recovered import recovered

    return recovered(plain(restore), plain(examination))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"recovered_database": recovered_database}
