# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a look as metrics for the textfile collector of node_exporter.

Written in Prometheus' text exposition format 0.0.4. States are sets of 0 and 1, as OpenMetrics has them, so that an alert
reads `holdfast_health_check_status{status="fail",critical="true"} == 1`.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import SEVERITY
from ansible_collections.holdfast.webops.plugins.module_utils._health.verdict import VERDICTS

Samples = t.Iterable[tuple[t.Mapping[str, str], t.Union[int, float]]]
Check = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Family:
    """A metric with its samples: labels and value."""

    name: str
    help: str
    samples: Samples


def render(seen: t.Mapping[str, t.Any]) -> str:
    """All metrics of a result; each sample carries the labels of the reports."""
    return "".join(_family_text(family, seen["labels"]) for family in (*_of_the_look(seen), *_of_the_checks(seen["checks"])))


def _of_the_look(seen: t.Mapping[str, t.Any]) -> t.Iterator[Family]:
    started = parse_iso(seen["started"]).timestamp()
    verdicts = [({"verdict": verdict}, int(verdict == seen["verdict"])) for verdict in VERDICTS]
    yield Family("holdfast_health_verdict", "Verdict about the portal: 1 for the one it has.", verdicts)
    yield Family("holdfast_health_look_timestamp_seconds", "When the look began, in seconds since 1970.", [({}, started)])
    yield Family("holdfast_health_look_duration_seconds", "How long the look took with all its rounds.", [({}, seen["waited_s"])])
    yield Family("holdfast_health_look_rounds", "How many times all checks were run.", [({}, seen["rounds"])])


def _of_the_checks(checks: t.Sequence[Check]) -> t.Iterator[Family]:
    about = [(_labels_of(check), check) for check in checks]
    statuses = [({**labels, "status": status}, int(status == check["status"])) for labels, check in about for status in SEVERITY]
    seconds = [(labels, check["duration_ms"] / 1000) for labels, check in about]
    attempts = [(labels, check["attempts"]) for labels, check in about]
    figures = [({**labels, "figure": name}, value) for labels, check in about for name, value in _numbers(check["figures"])]
    yield Family("holdfast_health_check_status", "Status of a check: 1 for the one it has.", statuses)
    yield Family("holdfast_health_check_duration_seconds", "How long the last attempt of a check took.", seconds)
    yield Family("holdfast_health_check_attempts", "How many attempts a check needed.", attempts)
    yield Family("holdfast_health_check_figure", "A figure of a check; its name ends in its unit.", figures)


def _labels_of(check: Check) -> dict[str, str]:
    return {"check": check["name"], "critical": str(check["critical"]).lower(), "kind": check["kind"]}


def _numbers(figures: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, t.Union[int, float]]]:
    for name, value in sorted(figures.items()):
        if isinstance(value, (int, float)):
            yield name, float(value) if isinstance(value, float) else int(value)


def _family_text(family: Family, common: t.Mapping[str, str]) -> str:
    lines = [f"{family.name}{_label_text({**common, **labels})} {value!r}\n" for labels, value in family.samples]
    return "".join([f"# HELP {family.name} {family.help}\n# TYPE {family.name} gauge\n", *lines]) if lines else ""


def _label_text(labels: t.Mapping[str, str]) -> str:
    pairs = [f'{name}="{_escaped(value)}"' for name, value in labels.items()]
    return "{" + ",".join(pairs) + "}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
