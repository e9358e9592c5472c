# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module release_lease: hold, free or break the lease of a portal."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._release.lease import (
    SHORTEST_TTL,
    Lease,
    PortalLease,
    default_owner,
    describe,
)
from ansible_collections.holdfast.webops.plugins.module_utils._release.ledger import Draft, Ledger
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store


def keep_lease(call: Call) -> Outcome:
    """Read the lease, bring it into the wanted state, say what it is then."""
    params = call.params
    portal = check_portal(params["portal"])
    _check(params)
    store = open_store(params["store"], params["store_options"])
    clock = SystemClock()
    lease = PortalLease(store, portal, clock)
    before = lease.status()
    after = _STATES[params["state"]](Hold(call, store, portal, clock), lease, before)
    return outcome(before, after, clock)


def outcome(before: Lease, after: Lease, clock: Clock) -> Outcome:
    """A renewal changes nothing that counts; taking, freeing and breaking do."""
    now = clock.now()
    return Outcome(_shown(before, now), _shown(after, now), {"lease": after.as_dict(now)})


def _shown(lease: Lease, now: t.Any) -> dict[str, t.Any]:
    shown = lease.as_dict(now)
    return {name: shown[name] for name in ("held", "owner", "purpose", "fencing")}


class Hold(t.NamedTuple):
    """What the ways to the three states need."""

    call: Call
    store: Store
    portal: str
    clock: Clock

    @property
    def owner(self) -> str:
        """The named owner, or who runs this and what for."""
        return self.named or default_owner(self.call.params["purpose"])

    @property
    def named(self) -> str | None:
        """The owner that is named; an empty name, as of a USER that is not set, names nobody."""
        return self.call.params["owner"] or None


def _held(hold: Hold, lease: PortalLease, before: Lease) -> Lease:
    params, check_mode = hold.call.params, hold.call.check_mode
    fencing, ttl = params["fencing"], params["ttl"]
    if fencing is not None:
        return lease.require(hold.named, fencing) if check_mode else lease.renew(hold.named, fencing, ttl)
    if not check_mode:
        return lease.take(hold.owner, params["purpose"], ttl, params["wait_timeout"])
    if not lease.is_open_to(before, hold.owner):
        raise ConflictError(f"The lease of {hold.portal} is held by {describe(before)}.", hint="A real run would wait for wait_timeout.")
    return lease.taken(before, hold.owner, params["purpose"], ttl)


def _free(hold: Hold, lease: PortalLease, before: Lease) -> Lease:
    fencing = hold.call.params["fencing"]
    owner = hold.named if fencing is not None else hold.owner
    if not hold.call.check_mode:
        return lease.release(owner, fencing)
    return Lease(fencing=before.fencing) if lease.is_to_be_released(before, owner, fencing) else before


def _broken(hold: Hold, lease: PortalLease, before: Lease) -> Lease:
    """Break it and write into the ledger who held it and why it was broken."""
    if not before.held:
        return before
    if hold.call.check_mode:
        return Lease(fencing=before.fencing + 1)
    ledger = Ledger(hold.store, hold.portal, hold.clock, by=hold.owner)
    chain = ledger.intact()
    after = lease.break_open()
    data = {"reason": hold.call.params["reason"], "owner": before.owner, "purpose": before.purpose, "fencing": before.fencing}
    ledger.append([Draft("lease.broken", None, data)], chain, lambda: None)
    return after


_STATES: dict[str, t.Callable[[Hold, PortalLease, Lease], Lease]] = {"held": _held, "free": _free, "broken": _broken}


def _check(params: t.Mapping[str, t.Any]) -> None:
    if params["ttl"] < SHORTEST_TTL:
        raise InputError(f"ttl: {params['ttl']} s is too short to renew in time.", hint=f"Use at least {SHORTEST_TTL} s.")
    if params["wait_timeout"] < 0:
        raise InputError(f"wait_timeout: {params['wait_timeout']} is less than nothing.", hint="Use 0 not to wait.")
    if params["state"] == "held" and params["fencing"] is None and not params["purpose"]:
        raise InputError(
            "purpose: it is needed to take the lease.",
            hint="Say what for, for example 'deploy 1.1.0'; others read it when they have to wait.",
        )
    if params["state"] == "broken" and not (params["reason"] or "").strip():
        raise InputError("reason: it is empty.", hint="Say why the lease is broken; it is written into the ledger.")
