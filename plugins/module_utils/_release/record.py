# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module release_ledger: write entries, under a lease that is held, taken or given back with them."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import (
    APPROVAL_EVENTS,
    EVENTS,
    OF_A_RELEASE,
    Chain,
    Entry,
    canonical,
)
from ansible_collections.holdfast.webops.plugins.module_utils._release.lease import SHORTEST_TTL, PortalLease, default_owner, describe
from ansible_collections.holdfast.webops.plugins.module_utils._release.ledger import Draft, Ledger, missing
from ansible_collections.holdfast.webops.plugins.module_utils._release.masking import mask_data
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._release.states import fold
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store, require_conditional
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store

HELD: t.Mapping[str, tuple[dict[str, str], dict[str, str]]] = {
    "kept": ({}, {}),
    "taken": ({"lease": "free"}, {"lease": "held"}),
    "freed": ({"lease": "held"}, {"lease": "free"}),
}

# Of a release, or of a policy, which has backups without any release.
OF_A_POLICY_TOO = ("backup.failed",)
# What changes the ground of a decision about releases.
DECISIVE = (*OF_A_RELEASE, "approval.withdrawn", "recovery.started")


def record_entries(call: Call) -> Outcome:
    """Read the ledger, find out what is missing in it, write that, read it back."""
    params = call.params
    portal = check_portal(params["portal"])
    drafts, secrets = checked_drafts(params["entries"])
    for _place, secret in secrets:
        call.mask(secret)
    _check_lease(params)
    _check_decided_on(params["decided_on"])
    store, clock = open_store(params["store"], params["store_options"]), SystemClock()
    with under_lease(call, PortalLease(store, portal, clock), portal) as fencing:
        chains = write(call, store, portal, drafts, clock, fencing)
    return outcome(*chains, lease=params["lease"], fencing=fencing, masked=sorted({place for place, _secret in secrets}))


def named_owner(call: Call) -> str | None:
    """Who is named as the writer; an empty name, as of a USER that is not set, names nobody."""
    return call.params["owner"] or None


@contextlib.contextmanager
def under_lease(call: Call, lease: PortalLease, portal: str) -> t.Iterator[int | None]:
    """The number to write under. A lease that is taken for it is given back when the writing fails; no other one is, then."""
    how, owner = call.params["lease"], named_owner(call)
    fencing = _taken(call, lease, portal) if how == "taken" else call.params["fencing"]
    try:
        yield fencing
    except WebopsError:
        if how == "taken" and not call.check_mode:
            lease.release(owner, fencing)
        raise
    if how == "freed" and not call.check_mode:
        lease.release(owner, fencing)


def _taken(call: Call, lease: PortalLease, portal: str) -> int:
    """Take the lease; in check mode, the number that it would have."""
    purpose, ttl, above = call.params["purpose"], call.params["ttl"], call.params["fencing_above"]
    owner = named_owner(call) or default_owner(purpose)
    if not call.check_mode:
        return lease.take(owner, purpose, ttl, above=above).fencing
    present = lease.status()
    if not lease.is_open_to(present, owner):
        raise ConflictError(f"The lease of {portal} is held by {describe(present)}.", hint="A real run would be refused.")
    return lease.taken(present, owner, purpose, ttl, above).fencing


def write(call: Call, store: Store, portal: str, drafts: tuple[Draft, ...], clock: Clock, fencing: int | None) -> tuple[Chain, Chain]:
    """The chain before and after; in check mode nothing is written."""
    owner = named_owner(call)
    ledger = Ledger(store, portal, clock, by=owner or default_owner(), fencing=fencing)
    lease = PortalLease(store, portal, clock)
    before = ledger.intact()

    def allow() -> None:
        if fencing is not None and not (call.check_mode and lease.would_be_taken_with(owner, fencing)):
            lease.require(owner, fencing)

    allow()
    check_decision(before, call.params["decided_on"], portal)
    todo = missing(drafts, before.entries)
    if call.check_mode:
        return before, ledger.draw_all(todo, before)
    if todo and fencing is None:  # whoever holds a lease proved it when taking that
        require_conditional(store)
    after = ledger.append(todo, before, allow) if todo else before
    if fencing is not None:
        lease.renew(owner, fencing, call.params["ttl"], anchor=after.head)
    return before, after


def outcome(before: Chain, after: Chain, *, lease: str, fencing: int | None, masked: t.Sequence[str]) -> Outcome:
    """The result: what was appended, the head, the state that follows from all entries. Renewing a lease changes nothing that counts."""
    appended = after.entries[len(before.entries) :]
    held_before, held_after = HELD[lease]
    return Outcome(
        {"entries": len(before.entries), "appended": [], **held_before},
        {"entries": len(after.entries), "appended": [_shown(entry) for entry in appended], **held_after},
        {"entries": [entry.as_dict() for entry in appended], "head": after.head, "state": fold(after.entries), "fencing": fencing},
        tuple(f"{place} looks like a secret and was masked; the ledger keeps none." for place in masked),
    )


def _shown(entry: Entry) -> dict[str, t.Any]:
    """An entry as the diff shows it: without what only a real run can know (time, hash)."""
    return {"event": entry.event, "release": entry.release, "data": entry.data}


def checked_drafts(entries: t.Sequence[t.Mapping[str, t.Any]]) -> tuple[tuple[Draft, ...], list[tuple[str, str]]]:
    """The drafts and the secrets that were masked in them, as (place, secret); InputError names the entry that is wrong."""
    secrets: list[tuple[str, str]] = []
    drafts = []
    for number, entry in enumerate(entries):
        place = f"entries[{number}]"
        _check_event(place, entry["event"], entry["release"])
        data = mask_data(entry["data"] or {}, f"{place}.data", secrets)
        _check_data(place, entry["event"], data)
        drafts.append(Draft(entry["event"], entry["release"] or None, data, bool(entry["once"])))
    return tuple(drafts), secrets


def _check_lease(params: t.Mapping[str, t.Any]) -> None:
    how, fencing = params["lease"], params["fencing"]
    if how == "taken" and (fencing is not None or not params["purpose"]):
        raise InputError("lease: taking it needs a purpose, and no fencing.", hint="Say what for, for example 'deploy 1.1.0'.")
    if how == "freed" and fencing is None:
        raise InputError("lease: giving it back needs fencing.", hint="It is the number under which it is held.")
    if params["ttl"] < SHORTEST_TTL:
        raise InputError(f"ttl: {params['ttl']} s is too short to renew in time.", hint=f"Use at least {SHORTEST_TTL} s.")


def _check_decided_on(number: int | None) -> None:
    if number is not None and number < 0:
        raise InputError(f"decided_on: {number} is no entry.", hint="Give the number of the newest entry that was read, 0 for none.")


def _is_decisive(entry: Entry) -> bool:
    return entry.event in DECISIVE and (entry.release is not None or entry.event not in OF_A_POLICY_TOO)


def check_decision(chain: Chain, decided_on: int | None, portal: str) -> None:
    """ConflictError when releases moved after entry `decided_on`: whoever decided then decided on what is not so any more."""
    later = [entry for entry in chain.entries[decided_on:] if _is_decisive(entry)] if decided_on is not None else []
    if later:
        newest = later[-1]
        what = f"{newest.event} of {newest.release}" if newest.release else newest.event
        raise ConflictError(
            f"Since the ledger of {portal} was read, {newest.by} wrote {what} at {newest.at}.",
            hint="Another run was faster, and nothing was changed by this one. Run the playbook again: it decides anew.",
        )


def _check_event(place: str, event: str, release: str | None) -> None:
    if event not in EVENTS:
        raise InputError(f"{place}: '{event}' is not an event of the ledger.", hint=f"Known are: {', '.join(EVENTS)}.")
    if event in OF_A_RELEASE and event not in OF_A_POLICY_TOO and not release:
        raise InputError(f"{place}: the event {event} belongs to a release, and none is named.", hint="Set release to its id.")


def _check_data(place: str, event: str, data: dict[str, t.Any]) -> None:
    try:
        canonical(data)
    except (TypeError, ValueError) as exc:
        raise InputError(f"{place}.data cannot be written as JSON: {exc}.", hint="Use text, numbers, booleans, lists and dicts.") from exc
    percent = data.get("percent")
    if event.startswith("shift.") and not (isinstance(percent, int) and 0 <= percent <= 100):
        raise InputError(f"{place}.data.percent is {percent!r}.", hint="A shift goes to a whole number from 0 to 100.")
    if event in APPROVAL_EVENTS and not (data.get("version") and data.get("reason")):
        raise InputError(f"{place}.data has no version or no reason.", hint="Say what is approved, and why.")
    if event == "approval.granted":
        _check_expiry(place, data.get("expires_at"))
    if event == "release.opened" and not (isinstance(data.get("release"), dict) and data["release"].get("version")):
        raise InputError(f"{place}.data.release has no version.", hint="Give release: {id, version, commit, artifact_sha256}, and slot.")


def _check_expiry(place: str, expires_at: t.Any) -> None:
    if not isinstance(expires_at, str):
        raise InputError(f"{place}.data.expires_at is {expires_at!r}.", hint="An approval ends some day; write it as 2026-11-23T00:00:00Z.")
    parse_iso(expires_at)
