# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a rollout's evidence comes from: the interface that every platform's traffic is judged through.

A source that knows single requests (the router's ring, a log, our own probes) gives them as they were. One that knows only counts
per bucket (CloudWatch: RequestCount, HTTPCode_Target_5XX_Count and the percentile rank `PR(:2)` of TargetResponseTime) gives one
sample per request at the upper edge of its bucket; with the objective as one of the edges, all rules stay exact or err to the safe side.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._traffic.samples import Sample


@dataclasses.dataclass(frozen=True)
class Seen:
    """What one look brought: requests that finished, retries and fallbacks since the look before; who waits, and health, right now."""

    samples: t.Sequence[Sample] = ()
    retries: int = 0
    fallbacks: int = 0
    overdue: int = 0
    healthy: bool = True


class Source(t.Protocol):
    """Anything that can be asked again and again what happened to a slot."""

    overruns: int
    """How often requests were lost to the source between two looks, and so were not judged."""

    def look(self) -> Seen:
        """What happened since the look before, each request once. WebopsError when the source cannot be asked now."""
