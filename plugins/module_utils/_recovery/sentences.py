# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three sentences for somebody who reads nothing else. Pure."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Record
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.verdict import DEGRADED, FAILED, RECOVERED

# Clocks of two hosts that are kept by NTP agree better than this.
SKEW_S = 5.0
REHEARSAL, RECOVERY = "rehearsal", "recovery"
VERDICTS = {
    REHEARSAL: {
        RECOVERED: "What was rehearsed could be recovered as it was promised.",
        DEGRADED: "What was rehearsed could be recovered, but not all of it as it was promised.",
        FAILED: "What was rehearsed could not be recovered.",
    },
    RECOVERY: {
        RECOVERED: "The portal was recovered as it was promised.",
        DEGRADED: "The portal was recovered, but not all of it as it was promised.",
        FAILED: "The portal was not recovered; the recovery was given up.",
    },
}
QUESTIONS = {REHEARSAL: "portal_rehearse_validations", RECOVERY: "portal_recover_validations"}
LOST = {REHEARSAL: "would be lost", RECOVERY: "were lost"}


def rto_sentence(rto: Record) -> str:
    """How long, against what was promised."""
    left = f", and {as_duration(rto['estimated_s'])} is estimated for {', '.join(rto['estimated_steps'])}" if rto["estimated_s"] else ""
    word = "met" if rto["met"] else "not met"
    missing = f", but not all went well ({', '.join(rto['missing'])})" if rto["missing"] else ""
    return f"RTO {as_duration(rto['target_s'])} {word}: {as_duration(rto['measured_s'])} was measured{left}{missing}."


def rpo_sentence(rpo: Record, kind: str = REHEARSAL) -> str:
    """How much would be lost, against what was promised."""
    if rpo["lost_s"] is None:
        return f"RPO {as_duration(rpo['target_s'])} not met: nothing was restored."
    if rpo["ahead_s"] > SKEW_S:
        return f"RPO {as_duration(rpo['target_s'])} not met: a clock is {as_duration(rpo['ahead_s'])} wrong, so that nobody knows."
    word = "met" if rpo["met"] else "not met"
    changes = f"changes before {rpo['before']}" if rpo.get("before") else "changes"
    return f"RPO {as_duration(rpo['target_s'])} {word}: {as_duration(rpo['lost_s'])} of {changes} {LOST[kind]} (by the {rpo['basis']})."
