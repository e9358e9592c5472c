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
name: release_report
short_description: Say what is live, since when, and what was before
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Puts together what the ledger of a portal says and what its platform shows, for people and for pipelines.
positional: platform
options:
  _input:
    description: What M(holdfast.webops.release_ledger_info) returned.
    type: dict
    required: true
  platform:
    description: The facts that C(status.yml) of the platform role sets, C(live_slot), C(weights) and C(slots).
    type: dict
    required: true
  last:
    description: How many releases to list, newest first.
    type: int
    default: 10
  now:
    description: The time to tell for, which decides what approvals have ended. Left out, it is the present.
    type: str
"""

EXAMPLES = r"""
- name: Say it
  ansible.builtin.debug:
    msg: "{{ (ledger | holdfast.webops.release_report(platform)).lines }}"
"""

RETURN = r"""
_value:
  description: What is known.
  type: dict
  contains:
    live:
      description: The release that has the traffic by the ledger; null when none does.
      type: dict
      sample: {id: 1.1.0-20261121T223000Z, version: 1.1.0, slot: green, status: good, live_at: "2026-11-21T22:34:10Z"}
    under_way:
      description: The release whose course has not ended, null when there is none.
      type: dict
      sample: null
    recovery:
      description: The recovery that has begun and not ended, with C(recovery_id), C(at), C(by) and C(done), the steps that it has done;
        null when there is none.
      type: dict
      sample: null
    disagreement:
      description: What the platform shows that does not fit to it, null when all fits or a release is under way.
      type: str
      sample: null
    weights:
      description: The share of traffic of each slot, in percent.
      type: dict
      sample: {blue: 0, green: 100}
    slots:
      description: What stands on each slot.
      type: dict
      sample: {blue: {release_id: 1.0.0-20261120T101500Z, state: running}, green: {release_id: 1.1.0-20261121T223000Z, state: running}}
    servers:
      description: Both slots as the router sees them; empty where the platform cannot tell.
      type: dict
      sample: {blue: {healthy: true, fallbacks: 0}, green: {healthy: true, fallbacks: 12}}
    unrecorded:
      description: A way back that was made on the router's host and that the ledger does not know yet; null when there is none.
      type: dict
      sample: null
    disagreements:
      description: In what the hosts of the platform differ, in sentences; empty when they agree.
      type: list
      elements: str
      sample: []
    approvals:
      description: The approvals that stand, neither withdrawn nor ended, oldest first.
      type: list
      elements: dict
      sample:
        - version: 1.2.0
          commit: 3f2c1ab
          artifact_sha256: null
          by: maria
          at: "2026-11-21T22:30:00Z"
          reason: CHG-1042
          expires_at: "2026-11-28T22:30:00Z"
    releases:
      description: The last releases, newest first.
      type: list
      elements: dict
      sample: []
    lease:
      description: RV(holdfast.webops.release_ledger_info#module:lease).
      type: dict
      sample: {held: false, fencing: 42}
    ledger:
      description: RV(holdfast.webops.release_ledger_info#module:chain).
      type: dict
      sample: {length: 34, intact: true, problem: null}
    lines:
      description: The same in sentences.
      type: list
      elements: str
      sample: ["Live: 1.1.0-20261121T223000Z on green since 2026-11-21T22:34:10Z, good."]
"""


def release_report(ledger: dict[str, t.Any], platform: dict[str, t.Any], last: int = 10, now: str | None = None) -> dict[str, t.Any]:
    """The report as plain data; errors become those of a filter."""
    from ansible_collections.holdfast.webops.plugins.module_utils._release.report import report

    try:
        return report(plain(ledger), plain(platform), int(last), moment(now))
    except WebopsError as exc:
        raise AnsibleFilterError(f"holdfast.webops.release_report: {exc}") from exc


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"release_report": release_report}
