# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the ledger remembers of the backups as one HTML page, what is wrong on top. Pure."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.judging import Made
from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration, as_size
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._report import chart
from ansible_collections.holdfast.webops.plugins.module_utils._report.page import badge, document, rows, text

Found = t.Mapping[str, t.Any]
DAY = 86400.0
SHOWN = 60  # backups in a chart
UNITS: t.Final = (("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12))


def render(portal: str, found: Found, made: t.Mapping[str, t.Sequence[Made]], now: datetime.datetime) -> str:
    """The whole page. `found` is the result of `judge`, `made` the backups of each policy by its name, the oldest first."""
    word, title = _verdict(found["alerts"]), f"Backups · {portal}"
    return document(
        f"{word}: {title}",
        f"{badge(word)} {text(title)}",
        [
            f"<p>{text(_summary(found))}</p>",
            f'<p class="quiet">By the ledger, looked at {text(iso(now))}. Times are UTC.</p>',
            *_alerts(found["alerts"]),
            *(part for policy in found["policies"] for part in _policy(policy, made[policy["name"]])),
        ],
        chart.STYLE,
    )


def _verdict(alerts: t.Sequence[Found]) -> str:
    if not alerts:
        return "healthy"
    return "critical" if any(alert["severity"] == "error" for alert in alerts) else "degraded"


def _summary(found: Found) -> str:
    concerned = {alert["name"] for alert in found["alerts"]}
    if not concerned:
        return "All backups are as their policies want them."
    return f"{len(concerned)} of {len(found['policies'])} policies want something else than there is."


def _alerts(alerts: t.Sequence[Found]) -> t.Iterator[str]:
    if alerts:
        yield "<h2>Alerts</h2>"
        tones = {"error": "critical", "warning": "warn"}
        yield rows((alert["name"], f"{badge(tones[alert['severity']])} {text(alert['alert'])}: {text(alert['says'])}") for alert in alerts)


def _policy(policy: Found, made: t.Sequence[Made]) -> t.Iterator[str]:
    newest, proof, failure = policy["newest"], policy["proof"], policy["failure"]
    yield f"<h2>{text(policy['name'])}</h2>"
    shown = [("backs up", policy["kind"]), ("newest backup", f"{newest['backup_id']} of {newest['at']}" if newest else "none")]
    if newest and newest["bytes"] is not None:
        shown.append(("its size", as_size(newest["bytes"])))
    shown.append(("last proven restore", _proven(proof)))
    if failure:
        shown.append(("last run", f"failed at {failure['at']}: {failure['reason']}"))
    shown.append(("backups so far", str(len(made))))
    yield rows((name, text(value)) for name, value in shown)
    yield from _sizes(policy["name"], [one for one in made if one.bytes is not None][-SHOWN:])


def _proven(proof: Found | None) -> str:
    if not proof:
        return "none"
    what = f", {as_size(proof['bytes'])}" if proof["bytes"] is not None else ""
    took = f" in {as_duration(proof['duration_s'])}" if what and proof["duration_s"] is not None else ""
    return f"{proof['at']} from {proof['backup_id']}{what}{took}"


def _sizes(name: str, made: t.Sequence[Made]) -> t.Iterator[str]:
    """One backup is no trend."""
    if len(made) < 2:
        return
    largest = max(float(one.bytes or 0) for one in made)
    unit, size = next(((word, number) for word, number in UNITS if largest < 1000 * number), UNITS[-1])
    points = [((one.at - made[0].at).total_seconds() / DAY, float(one.bytes or 0) / size) for one in made]
    line = chart.Line("as stored", "mine", points)
    yield chart.chart(f"Size of {name}, since {iso(made[0].at)[:10]}", unit, [line], max(points[-1][0], 0.01), "d")
