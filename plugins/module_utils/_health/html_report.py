# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a look as one HTML page, what is wrong on top."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import FAIL, SEVERITY, WARN
from ansible_collections.holdfast.webops.plugins.module_utils._report.page import badge, document, rows, text

HISTORY_SHOWN = 30


def render(seen: t.Mapping[str, t.Any]) -> str:
    """The whole page. `seen` is the result with the labels, and the history with the newest verdict last."""
    title = " · ".join(["Health", *seen["labels"].values()])
    return document(
        f"{seen['verdict']}: {title}",
        f"{badge(seen['verdict'])} {text(title)}",
        [
            f"<p>{text(seen['summary'])}</p>",
            f'<p class="quiet">{_when(seen)}</p>',
            "<h2>Checks</h2>",
            *(_check(check) for check in sorted(seen["checks"], key=_urgency)),
            *_history(seen["history"]),
        ],
    )


def _when(seen: t.Mapping[str, t.Any]) -> str:
    since = f" {text(seen['verdict'])} since {text(seen['since'])}." if seen["since"] else ""
    rounds = "1 round" if seen["rounds"] == 1 else f"{seen['rounds']} rounds"
    return f"Looked at {text(seen['started'])}, {rounds} in {text(seen['waited_s'])} s.{since}"


def _urgency(check: t.Mapping[str, t.Any]) -> tuple[int, bool, str]:
    status = check["status"]
    return (-SEVERITY.index(status) if status in SEVERITY else 1, not check["critical"], check["name"])


def _check(check: t.Mapping[str, t.Any]) -> str:
    bad = check["status"] in (WARN, FAIL)
    weight = "critical" if check["critical"] else "not critical"
    facts = {"kind": f"{check['kind']}, {weight}", "attempts": check["attempts"], "last attempt": f"{check['duration_ms']} ms"}
    known = {**facts, **check["figures"], **check["evidence"]}
    table = rows((name.replace("_", " "), _shown(value)) for name, value in known.items() if value is not None)
    return (
        f"<details{' open' if bad else ''}><summary>{badge(check['status'])} <strong>{text(check['name'])}</strong> "
        f'{text(check["reason"])}</summary><div class="more">{table}</div></details>'
    )


def _shown(value: t.Any) -> str:
    spread = _spread(value)
    return text(spread) if len(spread) <= 80 and "\n" not in spread else f"<pre>{text(spread)}</pre>"


def _spread(value: t.Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(inner, str) for inner in value):
        return ", ".join(value)
    if isinstance(value, dict):
        return "\n".join(f"{name}: {_spread(inner)}" for name, inner in value.items())
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)


def _history(entries: t.Sequence[t.Mapping[str, t.Any]]) -> t.Iterator[str]:
    if entries:
        newest = reversed(entries[-HISTORY_SHOWN:])
        yield "<h2>History</h2>"
        yield rows((entry["started"], f"{badge(entry['verdict'])} {text(entry['summary'])}") for entry in newest)
