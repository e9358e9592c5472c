# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: rehearsal_record
short_description: Put together what a rehearsal showed
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Makes the data of the ledger's entry C(rehearsal.completed), with the verdict, RTO and RPO as they were measured, the findings, the
    version of this collection beside those in C(versions), and the hash of all of it.
positional: done, targets, seen
options:
  _input:
    description: The steps of RV(holdfast.webops.recovery_plan#filter:_value).
    type: list
    elements: dict
    required: true
  done:
    description: What was tried, each with C(id), C(status), C(says), C(began) and C(ended).
    type: list
    elements: dict
    required: true
  targets:
    description: What was promised, C(rto) and C(rpo) in minutes, and C(allowed_failures).
    type: dict
    required: true
  seen:
    description: C(began) and C(ended), C(backups) as M(holdfast.webops.pg_backup_info) lists them, C(restore) as
      M(holdfast.webops.pg_restore) returned it, C(versions), and C(kind), which is V(rehearsal) when it is left out, or V(recovery).
      Where there was one, also C(chosen) (C(target) and C(moment)), C(points), C(physical), C(buckets), C(application), C(health), and
      C(problems), a list of sentences.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Record the rehearsal
  holdfast.webops.release_ledger:
    portal: orders
    store: file:///srv/holdfast/store
    entries:
      - event: rehearsal.completed
        data: "{{ plan.steps | holdfast.webops.rehearsal_record(done, {'rto': 240, 'rpo': 60, 'allowed_failures': 2}, seen) }}"
"""

RETURN = r"""
_value:
  description: The data of the entry.
  type: dict
  sample: {format: 1, rehearsal_id: rehearsal-20261122T030000Z, verdict: recovered, evidence: {}, evidence_sha256: 44136fa3}
"""


def rehearsal_record(steps: t.Any, done: t.Any, targets: t.Any, seen: t.Any) -> dict[str, t.Any]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
    from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import checked_plan
    from ansible_collections.holdfast.webops.plugins.module_utils._recovery.record import Seen, Targets, record
    from ansible_collections.holdfast.webops.plugins.plugin_utils.collection_version import collection_version

    wanted, found = plain(targets), plain(seen)
    promised = Targets(float(wanted["rto"]), float(wanted["rpo"]), int(wanted["allowed_failures"]))
    moments = (parse_iso(found["began"]), parse_iso(found["ended"]))
    kind = found.get("kind", "rehearsal")
    versions = {**found["versions"], "holdfast.webops": collection_version()}
    seen_there = Seen(*moments, found["backups"], found["restore"], versions, kind, found)
    return record(checked_plan(plain(steps)), plain(done), promised, seen_there)


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"rehearsal_record": rehearsal_record}
