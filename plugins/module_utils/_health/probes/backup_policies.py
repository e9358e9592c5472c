# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind backup_policies: are the backups, as the ledger remembers them, as their policies want them?"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.judging import LATE, judge
from ansible_collections.holdfast.webops.plugins.module_utils._backup.limits import watched_from
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.store import PoliciesTarget
from ansible_collections.holdfast.webops.plugins.module_utils._release.ledger import Ledger
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store


def prepare(target: PoliciesTarget) -> None:
    """InputError for a URL that names no store, a name that no portal has, and limits that nothing could keep."""
    check_portal(target.portal)
    open_store(target.url, target.options)
    watched_from(target.policies)


def look(target: PoliciesTarget, _deadline: Deadline, clock: Clock) -> Finding:
    """A backup that is late is a failure; a size that jumped and a proof that is too old are warnings."""
    store = open_store(target.url, target.options)
    figures: dict[str, t.Any] = {"late": None, "doubtful": None}
    try:
        found = judge(watched_from(target.policies), Ledger(store, target.portal, clock).intact().entries, clock.now())
    except WebopsError as exc:
        return Finding("", problems=(exc.message.rstrip("."),), figures=figures, evidence=Evidence(value=store.url))
    late = [_said(alert) for alert in found["alerts"] if alert["alert"] == LATE]
    doubts = [_said(alert) for alert in found["alerts"] if alert["alert"] != LATE]
    figures = {"late": len(late), "doubtful": len(doubts)}
    seen = " ".join(f"{one['name']}: {one['says']}" for one in found["policies"])
    return Finding(seen.rstrip("."), tuple(late), tuple(doubts), figures=figures, evidence=Evidence(value=seen))


def _said(alert: t.Mapping[str, t.Any]) -> str:
    return f"{alert['name']}: {alert['says']}".rstrip(".")
