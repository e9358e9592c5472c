# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: release_misfit
short_description: Say why the code of a release does not fit data of a moment
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Code fits data when they have the migrations that ran for it, and none that took away what it needs.
positional: release, moment
options:
  _input:
    description: RV(holdfast.webops.release_ledger_info#module:state).
    type: dict
    required: true
  release:
    description: Id of the release.
    type: str
    required: true
  moment:
    description: When the data were written, in ISO 8601.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse it
  ansible.builtin.assert:
    that: ledger.state | holdfast.webops.release_misfit('1.1.0-20261121T223000Z', '2026-11-21T22:29:01Z') == ''
"""

RETURN = r"""
_value:
  description: A sentence, empty when nothing speaks against it.
  type: str
  sample: Migrations for 1.1.0-20261121T223000Z ran at 2026-11-21T22:31:00Z; data of 2026-11-21T22:29:01Z do not have them.
"""


def release_misfit(state: t.Any, release: t.Any, moment: t.Any) -> str:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._release.data_back import misfit

    return misfit(plain(state), str(plain(release)), str(plain(moment)))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"release_misfit": release_misfit}
