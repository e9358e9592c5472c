# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import moment
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: release_course
short_description: Decide what a deploy run has to do
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Compares what the ledger of a portal says with what its platform shows, and decides how the wanted release gets live.
  - V(none) when the wanted release is live, was found good, and the platform agrees. V(deploy) when nothing is under way.
    V(resume) when the wanted release is under way and was left less than O(resume_within) seconds ago, or has all traffic already.
    V(undo_then_deploy) when another release is under way, or the wanted one failed or lies too long.
  - It decides without looking at anything but its input, so the same input gives the same course.
positional: wanted, platform
options:
  _input:
    description: RV(holdfast.webops.release_ledger_info#module:state) of the portal.
    type: dict
    required: true
  wanted:
    description:
      - The release that is to be live, with C(version), C(commit) and C(artifact_sha256).
      - Without an artifact, version and commit decide.
    type: dict
    required: true
  platform:
    description: The facts that C(status.yml) of the platform role sets, C(live_slot), C(weights) and C(slots).
    type: dict
    required: true
  resume_within:
    description: How long a release may lie and still be resumed, in seconds.
    type: float
    default: 3600
  now:
    description: The time to decide for. Left out, it is the present.
    type: str
"""

EXAMPLES = r"""
- name: Decide
  ansible.builtin.set_fact:
    course: "{{ ledger.state | holdfast.webops.release_course(wanted, platform, resume_within=900) }}"
  vars:
    wanted:
      version: 1.1.0
      commit: 3f2c1ab
      artifact_sha256: 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
"""

RETURN = r"""
_value:
  description: The course.
  type: dict
  contains:
    action:
      description: V(none), V(deploy), V(resume) or V(undo_then_deploy).
      type: str
      sample: resume
    reason:
      description: Why, in a sentence.
      type: str
      sample: "1.1.0-20261121T223000Z goes on: it was left 40 s ago at shift.completed."
    release:
      description:
        - The release that will be live, with C(id), C(version), C(commit), C(artifact_sha256).
        - The id is a fresh one for V(deploy) and V(undo_then_deploy).
      type: dict
      sample: {id: 1.1.0-20261121T223000Z, version: 1.1.0, commit: 3f2c1ab, artifact_sha256: null}
    slot:
      description: Where it stands or goes.
      type: str
      sample: green
    replaces:
      description: Id of the release that it takes the traffic from, null when there is none.
      type: str
      sample: 1.0.0-20261120T101500Z
    steps_done:
      description: The steps that need not be done again.
      type: list
      elements: str
      sample: [backup, expand, stage, verify]
    begins:
      description: The first step of the run, null for V(none).
      type: str
      sample: shift
    from_percent:
      description: The share of traffic that it has and was found good with.
      type: int
      sample: 10
    undo:
      description: The release to be undone first, with its C(slot) and C(replaces); null but for V(undo_then_deploy).
      type: dict
      sample: null
"""


def release_course(
    state: dict[str, t.Any], wanted: dict[str, t.Any], platform: dict[str, t.Any], resume_within: float = 3600, now: str | None = None
) -> dict[str, t.Any]:
    """The course as plain data; errors become those of a filter."""
    from ansible_collections.holdfast.webops.plugins.module_utils._release.course import plan_course

    try:
        return plan_course(plain(state), plain(wanted), plain(platform), moment(now), float(resume_within)).as_dict()
    except WebopsError as exc:
        raise AnsibleFilterError(f"holdfast.webops.release_course: {exc}") from exc


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"release_course": release_course}
