# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module backup_status: what the ledger remembers of the backups, held against their policies."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._backup.judging import judge
from ansible_collections.holdfast.webops.plugins.module_utils._backup.limits import watched_from
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._release.ledger import Ledger
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store


def show_status(call: Call) -> Outcome:
    """Looking changes nothing."""
    portal = check_portal(call.params["portal"])
    policies = watched_from(call.params["policies"])
    store, clock = open_store(call.params["store"], call.params["store_options"]), SystemClock()
    return Outcome({}, {}, judge(policies, Ledger(store, portal, clock).intact().entries, clock.now()))
