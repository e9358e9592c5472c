# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module backup_status: what the ledger remembers of the backups, held against their policies."""

from __future__ import annotations

import os

from ansible_collections.holdfast.webops.plugins.module_utils._backup.judging import history_of, judge
from ansible_collections.holdfast.webops.plugins.module_utils._backup.limits import watched_from
from ansible_collections.holdfast.webops.plugins.module_utils._backup.page import render
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._release.ledger import Ledger
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store


def show_status(call: Call) -> Outcome:
    """Looking changes nothing; the page is how it is told."""
    portal, path = check_portal(call.params["portal"]), call.params["page"]
    policies = watched_from(call.params["policies"])
    if path and not os.path.isdir(os.path.dirname(path)):
        raise InputError(f"page: there is no folder for '{path}'.", hint="Make it first, and write the path from the root on.")
    store, clock = open_store(call.params["store"], call.params["store_options"]), SystemClock()
    entries, now = Ledger(store, portal, clock).intact().entries, clock.now()
    found = judge(policies, entries, now)
    if path and not call.check_mode:
        made = {policy.name: history_of(policy, entries).made for policy in policies}
        _write(path, render(portal, found, made, now))
    return Outcome({}, {}, {**found, "page": path})


def _write(path: str, page: str) -> None:
    """For those who read it: a web server runs as another user. The ledger keeps no secrets."""
    try:
        write_atomic(path, page.encode("utf-8", errors="replace"), mode=0o644)
    except OSError as exc:
        raise WebopsError(f"page: '{path}' cannot be written: {exc.strerror}.", hint="Give this user the right, or room.") from exc
