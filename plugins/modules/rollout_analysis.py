#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rollout_analysis
short_description: Judge a release by the requests of its users
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Watches the slot with the new release for a while and returns a verdict V(pass), V(abort) or V(inconclusive) with the rule and the
    figures that led to it. It moves no traffic; what to do about the verdict is the play's business.
  - Each finished request of a user is taken once from the router's ring. Previews are left out; reads (GET, HEAD, OPTIONS) and
    writes are compared apart. Latency is the time until the head of the answer.
  - It aborts as soon as it is sure and passes at O(window) seconds at the earliest. What is not sure holds; what is still open after
    O(max_window) seconds is V(inconclusive), unless O(when_undecided) says otherwise.
  - With O(synthetic), requests of its own fill up what users do not send. They are counted apart in RV(verdict.figures.candidate),
    and left out where the two slots are compared.
  - With O(checks) the candidate is looked at too, every O(checks_interval) seconds and as M(holdfast.webops.health_check) does. The
    verdict V(critical) twice in a row aborts; there is no pass before the first round has ended, nor after a critical one.
  - "Rules, in this order: the router's health check failed; the checks are critical; the router had to repeat requests or to
    answer them from the other slot; five 5xx in a row; a sequential probability ratio test on the error rate (1 % risk each way);
    more requests beyond the latency objective than chance explains, those that still wait included; slower than the live slot in
    the same window (Mann-Whitney, p95 at least 1.25 times, median at least 1.1 times, and by at least 5 % of the objective)."
attributes:
  check_mode:
    description: Can run in check mode and says what it would do, without changing anything.
    support: partial
    details: It returns at once with the rule V(check_mode) and the verdict V(inconclusive), because no traffic was moved.
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: N/A
    details: It changes nothing.
extends_documentation_fragment: [holdfast.webops.health_checks.optional]
options:
  directory:
    description:
      - Directory on the router's host that holds its map files.
      - Left out, there is no router that could tell what users get, as on a hosted platform. Then requests of its own, O(synthetic), and
        the O(checks) are all that is judged.
    type: path
  socket:
    description: Runtime socket of the router, at most 97 characters long. The default is C(router.sock) in O(directory).
    type: path
  candidate:
    description: The slot with the new release. It must have a share of the traffic.
    type: str
    required: true
    choices: [blue, green]
  baseline:
    description: The slot to compare with in the same window. Leave it out when the candidate has all the traffic.
    type: str
    choices: [blue, green]
  share:
    description: The share of the users that the candidate has, in percent, where no router can tell. It is shown, and nothing else.
    type: int
    default: 100
  window:
    description: How many seconds to watch at least before a pass.
    type: float
    default: 60
  max_window:
    description: How many seconds to watch at most.
    type: float
    default: 300
  when_undecided:
    description:
      - What becomes of a window that is still open after O(max_window) seconds.
      - With V(pass), it passes with the rule V(undecided_accepted), unless the O(checks) speak against it. For portals that see hardly
        any traffic, and are looked at by people.
    type: str
    choices: [inconclusive, pass]
    default: inconclusive
  synthetic:
    description:
      - Requests of its own where users are too few, sent to O(base_url) with O(secret_headers), which must choose the candidate
        as the preview does. Each carries the header C(X-Holdfast-Synthetic), so that the application can leave it out of its figures.
    type: dict
    suboptions:
      paths:
        description: What to ask for in turn, with GET. It must change nothing.
        type: list
        elements: str
        required: true
      per_second:
        description: Fill up the candidate's requests to so many a second, 1 to 50.
        type: int
        default: 10
  min_samples:
    description:
      - How many answered requests of the candidate a pass needs at least.
      - The test of the error rate may need more, see O(objectives.error_rate_bad).
    type: int
    default: 300
  objectives:
    description: What users are promised.
    type: dict
    suboptions:
      latency_p95_ms:
        description: 95 % of the requests are answered within so many milliseconds.
        type: float
        default: 2000
      error_rate:
        description: The share of failed requests (5xx) that is good; the baseline's own rate counts instead where it is higher.
        type: float
        default: 0.001
      error_rate_bad:
        description:
          - The share of failed requests that is certainly bad, at least five times the good one.
          - "It decides how many requests without an error a pass needs: 508 at V(0.01), 240 at V(0.02), 92 at V(0.05)."
        type: float
        default: 0.01
  base_url:
    description: Where an O(checks[].url) that is a path is meant.
    type: str
  headers:
    description: Headers for the O(checks) that give a path. A check's own headers win.
    type: dict
  secret_headers:
    description: As O(headers), but masked wherever they could be read. They are sent to O(base_url) alone.
    type: dict
  checks_interval:
    description: The pause between two rounds of O(checks), in seconds.
    type: float
    default: 5
seealso:
  - module: holdfast.webops.slot_router
  - module: holdfast.webops.health_check
"""

EXAMPLES = r"""
- name: Watch what users get from the new release
  holdfast.webops.rollout_analysis:
    directory: /srv/shop/router
    candidate: green
    baseline: blue
    window: 60
    max_window: 300
    base_url: https://shop.example.org
    secret_headers: {X-Holdfast-Preview: "{{ preview_token }}-green"}
    checks:
      - {name: orders, kind: http, url: /api/orders}
  register: analysis

- name: Go back unless it is good
  holdfast.webops.slot_router:
    directory: /srv/shop/router
    weights: {blue: 100, green: 0}
  when: analysis.verdict.verdict != 'pass'
"""

RETURN = r"""
verdict:
  description: What the window showed.
  returned: success
  type: dict
  contains:
    verdict:
      description: V(pass), V(abort) or V(inconclusive).
      type: str
      sample: abort
    rule:
      description: >-
        The rule that decided: V(healthy), V(undecided), V(undecided_accepted), V(check_mode), V(health_lost), V(health_critical),
        V(router_lost), V(fallback_used), V(consecutive_errors), V(error_rate), V(latency_objective), V(nothing_answers)
        or V(latency_regression).
      type: str
      sample: latency_objective
    reason:
      description: The same as a sentence.
      type: str
      sample: 61 of 140 requests took more than 2000 ms (12 of them still wait); 5 % may.
    figures:
      description:
        - What the verdict rests on; V(null) in check mode. Times are in milliseconds, rates are shares.
        - Values for which there are too few samples are V(null).
      type: dict
      contains:
        elapsed_s:
          description: Seconds watched.
          type: float
          sample: 8.0
        candidate:
          description: The new release.
          type: dict
          sample: {samples: 128, reads: 100, writes: 28, synthetic: 0, abandoned: 0, errors: 0, error_rate: 0.0, p50_ms: 1310.0,
                   p95_ms: 3204.0, p95_lower_ms: 2950.0, p95_upper_ms: 3320.0}
        baseline:
          description: The live slot in the same window; V(null) without O(baseline).
          type: dict
          sample: {samples: 1740, reads: 1400, writes: 340, synthetic: 0, abandoned: 0, errors: 0, error_rate: 0.0, p50_ms: 4.0,
                   p95_ms: 12.0}
        slow:
          description: Requests beyond the latency objective, those that still wait included.
          type: int
          sample: 61
        overdue:
          description: Those of them that still wait.
          type: int
          sample: 12
        fallbacks:
          description: Requests meant for the candidate that the other slot answered.
          type: int
          sample: 0
        retries:
          description: Requests that had to be sent to the candidate again, or were taken away from it.
          type: int
          sample: 0
        errors_in_a_row:
          description: The longest run of 5xx answers.
          type: int
          sample: 0
        error_score:
          description: Score of the test of the error rate. Above RV(verdict.figures.error_bound) it aborts, below its negative it passes.
          type: float
          sample: -1.158
        error_bound:
          description: The bound of the score.
          type: float
          sample: 4.595
        error_rate_good:
          description: The good rate that was tested.
          type: float
          sample: 0.001
        error_rate_bad:
          description: The bad rate that was tested.
          type: float
          sample: 0.01
        samples_needed:
          description: How many requests the test of the error rate needs for a pass when no further one fails.
          type: int
          sample: 508
        latency_objective_ms:
          description: O(objectives.latency_p95_ms), for whoever plots RV(verdict.figures.series).
          type: float
          sample: 2000.0
        series:
          description:
            - What was known after each look, or after every second, fourth, ... look where the window was long; 41 looks at most.
            - Lists of equal length, the oldest look first. Without O(baseline) those of the baseline are not there.
          type: dict
          sample: {elapsed_s: [1.0, 2.0], samples: [12, 31], errors: [0, 0], p95_ms: [null, 41.0], baseline_samples: [110, 214],
                   baseline_errors: [0, 0], baseline_p95_ms: [38.0, 39.5]}
started:
  description: When the window was opened.
  returned: success
  type: str
  sample: "2026-11-21T22:30:00Z"
duration_s:
  description: How many seconds it took.
  returned: success
  type: float
  sample: 8.1
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._health.arguments import checks_arguments
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.rollout import analyse


def main() -> None:
    slots = ["blue", "green"]
    run_module(
        analyse,
        argument_spec={
            "directory": {"type": "path"},
            "socket": {"type": "path"},
            "candidate": {"type": "str", "required": True, "choices": slots},
            "baseline": {"type": "str", "choices": slots},
            "share": {"type": "int", "default": 100},
            "window": {"type": "float", "default": 60},
            "max_window": {"type": "float", "default": 300},
            "min_samples": {"type": "int", "default": 300},
            **checks_arguments(required=False),
            "checks_interval": {"type": "float", "default": 5},
            "when_undecided": {"type": "str", "choices": ["inconclusive", "pass"], "default": "inconclusive"},
            "synthetic": {
                "type": "dict",
                "options": {
                    "paths": {"type": "list", "elements": "str", "required": True},
                    "per_second": {"type": "int", "default": 10},
                },
            },
            "objectives": {
                "type": "dict",
                "options": {
                    "latency_p95_ms": {"type": "float", "default": 2000},
                    "error_rate": {"type": "float", "default": 0.001},
                    "error_rate_bad": {"type": "float", "default": 0.01},
                },
            },
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
