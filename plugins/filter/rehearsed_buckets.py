# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: rehearsed_buckets
short_description: Put together what came of restoring buckets in a rehearsal
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Reads the results of M(holdfast.webops.object_restore), also of those that failed.
positional: names
options:
  _input:
    description: The results, one for each bucket.
    type: list
    elements: dict
    required: true
  names:
    description: The buckets, as RV(holdfast.webops.recovery_buckets#filter:_value) names them.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Say what was restored
  ansible.builtin.debug:
    msg: "{{ (restored.results | holdfast.webops.rehearsed_buckets(['storage/documents'])).says }}"
"""

RETURN = r"""
_value:
  description: What was seen.
  type: dict
  contains:
    buckets:
      description: Each bucket with C(name), C(backup), C(at), C(objects), C(bytes), C(seconds), C(samples), C(passed_over), C(problem).
      type: list
      elements: dict
      sample: []
    ended:
      description: When the last one was restored, by the host's clock, V(null) where one could not be.
      type: str
      sample: "2026-11-22T04:00:09.123456Z"
    says:
      description: All of it in sentences.
      type: str
      sample: No policy backs up objects, so that there are none to restore.
"""


def rehearsed_buckets(results: t.Any, names: t.Any) -> dict[str, t.Any]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._recovery.sources import buckets

    return buckets(plain(results), plain(names))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"rehearsed_buckets": rehearsed_buckets}
