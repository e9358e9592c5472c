# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module release_ledger_info: what the ledger and the lease of a portal say."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Chain, check_anchor
from ansible_collections.holdfast.webops.plugins.module_utils._release.lease import PortalLease
from ansible_collections.holdfast.webops.plugins.module_utils._release.ledger import Ledger
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._release.states import fold
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store


def show_ledger(call: Call) -> Outcome:
    """Read all, check the chain against itself and against the lease's memory of it."""
    params, clock = call.params, SystemClock()
    portal = check_portal(params["portal"])
    if params["last"] < 0:
        raise InputError(f"last: {params['last']} is less than nothing.", hint="Give the number of entries to return, 0 for none.")
    store = open_store(params["store"], params["store_options"])
    ledger = Ledger(store, portal, clock)
    lease = PortalLease(store, portal, clock).status()
    chain = check_anchor(ledger.read(), lease.anchor) if params["verify"] else ledger.intact()
    others = [_other(entry, portal, clock) for entry in params["others"] or ()]
    shown = described(chain, params["last"], verified=params["verify"])
    return Outcome({}, {}, {**shown, "lease": lease.as_dict(clock.now()), "others": others})


def _other(entry: t.Mapping[str, t.Any], portal: str, clock: Clock) -> dict[str, t.Any]:
    """What the ledger of another environment says; always checked, because somebody is about to rely on it."""
    environment, name = entry["environment"], check_portal(entry["portal"] or portal)
    try:
        store = open_store(entry["store"], entry["store_options"])
        chain = check_anchor(Ledger(store, name, clock).read(), PortalLease(store, name, clock).status().anchor)
    except WebopsError as exc:
        raise type(exc)(f"The ledger of {environment} cannot be read: {exc.message}", hint=exc.hint, **exc.details) from exc
    found = described(chain, 0, verified=True)
    return {"environment": environment, "portal": name, "store": store.url, "state": found["state"], "chain": found["chain"]}


def described(chain: Chain, last: int, *, verified: bool) -> dict[str, t.Any]:
    """The documented values but for the lease. With a broken chain, they speak of the entries before the break."""
    return {
        "state": fold(chain.entries),
        "entries": [entry.as_dict() for entry in chain.entries[max(0, len(chain.entries) - last) :]],
        "chain": {
            "length": len(chain.entries),
            "head": chain.head,
            "intact": chain.problem is None if verified else None,
            "problem": chain.problem,
        },
    }
