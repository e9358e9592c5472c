# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock of a portal: one object in a store, taken by conditional writes, limited in time, with a fencing number.

The fencing number grows with every taking and every breaking and never falls, also while nobody holds the lease. Whoever
acts carries it; whoever sees a lower number than before refuses. So a controller that was paused while another one took
over does no harm when it wakes up.
"""

from __future__ import annotations

import dataclasses
import datetime
import getpass
import json
import socket
import typing as t
import uuid

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import (
    AlreadyExistsError,
    ChangedError,
    Store,
    require_conditional,
)

# How far the clocks of two controllers may be apart: a lease is open to others this much later than is written in it.
SKEW_SECONDS = 5
POLL_SECONDS = 1.0
SHORTEST_TTL = 5
BREAK_IT = (
    "break it: playbook holdfast.webops.lease with portal_lease_state=broken and a portal_lease_reason (release_lease: state, reason)"
)


@dataclasses.dataclass(frozen=True)
class Lease:
    """What the lease object says. `anchor` is the head of the ledger at the last renewal; `write` makes each writing unique."""

    fencing: int = 0
    held: bool = False
    owner: str | None = None
    purpose: str | None = None
    taken_at: str | None = None
    expires_at: str | None = None
    anchor: dict[str, t.Any] | None = None
    write: str | None = None

    def is_held(self, now: datetime.datetime) -> bool:
        """Whether somebody has to be waited for."""
        if not self.held or self.expires_at is None:
            return False
        return now < parse_iso(self.expires_at) + datetime.timedelta(seconds=SKEW_SECONDS)

    def as_dict(self, now: datetime.datetime) -> dict[str, t.Any]:
        """The documented return value; a lease that ran out is not held any more."""
        held = self.is_held(now)
        shown = dataclasses.asdict(self) if held else {}
        return {name: shown.get(name) for name in ("owner", "purpose", "taken_at", "expires_at")} | {"fencing": self.fencing, "held": held}


FREE = Lease()


def default_owner(purpose: str | None = None) -> str:
    """Who holds a lease when nobody is named: user@host, and what for."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that has no name
        user = "unnamed"
    return " ".join(filter(None, (f"{user}@{socket.gethostname()}", purpose)))


def describe(lease: Lease) -> str:
    """Who holds it, for messages."""
    return f"{lease.owner} ({lease.purpose}), since {lease.taken_at}, until {lease.expires_at}, fencing {lease.fencing}"


class PortalLease:
    """The lease of one portal in one store."""

    def __init__(self, store: Store, portal: str, clock: Clock) -> None:
        self._store = store
        self._portal = portal
        self._clock = clock
        self._key = f"{portal}/lease.json"

    def status(self) -> Lease:
        """What is written now; a lease that was never taken is free with fencing 0."""
        return self._read()[0]

    def take(self, owner: str, purpose: str, ttl: float, wait_timeout: float = 0, above: int = 0) -> Lease:
        """Take the lease with a new, higher fencing number; from oneself at once, from others when they are done or expired.

        It is also higher than `above`: a number that was seen where the lease is checked, and that this lease never gave out.
        """
        require_conditional(self._store)
        deadline = Deadline(self._clock, wait_timeout)
        while True:
            present, version = self._read()
            if not self.is_open_to(present, owner):
                self._wait(present, deadline, wait_timeout)
                continue
            wanted = self.taken(present, owner, purpose, ttl, above)
            if self._write(wanted, version):
                return wanted

    def is_open_to(self, present: Lease, owner: str) -> bool:
        """Whether `owner` may take it now: it is free, it ran out, or it is the owner's own."""
        return present.owner == owner or not present.is_held(self._clock.now())

    def taken(self, present: Lease, owner: str, purpose: str, ttl: float, above: int = 0) -> Lease:
        """What the lease looks like once taken. Pure but for the clock."""
        now = self._clock.now()
        return Lease(
            fencing=max(present.fencing, above) + 1,
            held=True,
            owner=owner,
            purpose=purpose,
            taken_at=iso(now),
            expires_at=iso(now + datetime.timedelta(seconds=ttl)),
            anchor=present.anchor,
        )

    def would_be_taken_with(self, owner: str | None, fencing: int) -> bool:
        """Whether taking it now could give this number: what a check-mode run, which took nothing, goes on with."""
        present = self.status()
        open_to = not present.is_held(self._clock.now()) or (owner is not None and present.owner == owner)
        return open_to and fencing > present.fencing

    def require(self, owner: str | None, fencing: int) -> Lease:
        """The present lease, when it is still held under this number; ConflictError when the caller was fenced off."""
        return self._required(owner, fencing)[0]

    def renew(self, owner: str | None, fencing: int, ttl: float, anchor: dict[str, t.Any] | None = None) -> Lease:
        """Push the expiry `ttl` seconds from now. A lease that ran out may be renewed as long as nobody else took it."""
        while True:
            present, version = self._required(owner, fencing)
            expires = iso(self._clock.now() + datetime.timedelta(seconds=ttl))
            wanted = dataclasses.replace(present, expires_at=expires, anchor=anchor or present.anchor)
            if self._write(wanted, version):
                return wanted

    def release(self, owner: str | None, fencing: int | None) -> Lease:
        """Give the lease back. Unchanged when the caller does not hold it any more; ConflictError when it never was the caller's."""
        while True:
            present, version = self._read()
            if not self.is_to_be_released(present, owner, fencing):
                return present
            wanted = Lease(fencing=present.fencing, anchor=present.anchor)
            if self._write(wanted, version):
                return wanted

    def is_to_be_released(self, present: Lease, owner: str | None, fencing: int | None) -> bool:
        """Whether there is something to give back."""
        if not present.held or (fencing is not None and fencing < present.fencing):
            return False
        if is_holder(present, owner, fencing):
            return True
        if not present.is_held(self._clock.now()):
            return False
        raise ConflictError(
            f"The lease of {self._portal} is held by {describe(present)}, not by {owner or 'this run'}.",
            hint=f"Only its holder frees it. When the holder is dead, wait for the expiry, or {BREAK_IT}.",
            lease=present.as_dict(self._clock.now()),
        )

    def break_open(self) -> Lease:
        """Take the lease away from whoever holds it; the number grows, so that the old holder is refused from now on."""
        while True:
            present, version = self._read()
            if not present.held:
                return present
            wanted = Lease(fencing=present.fencing + 1, anchor=present.anchor)
            if self._write(wanted, version):
                return wanted

    def _required(self, owner: str | None, fencing: int) -> tuple[Lease, str | None]:
        present, version = self._read()
        if not (present.held and is_holder(present, owner, fencing)):
            now_with = describe(present) if present.is_held(self._clock.now()) else f"nobody, fencing {present.fencing}"
            raise ConflictError(
                f"fencing: the lease of {self._portal} is not held under number {fencing} by {owner or 'this run'} any more; "
                f"it is with {now_with}.",
                hint="Another run took over, or the lease was freed or broken. Run the playbook again from its start.",
                lease=present.as_dict(self._clock.now()),
            )
        return present, version

    def _wait(self, present: Lease, deadline: Deadline, wait_timeout: float) -> None:
        if deadline.expired:
            waited = f" It was waited for {wait_timeout:g} s." if wait_timeout else ""
            raise ConflictError(
                f"The lease of {self._portal} is held by {describe(present)}.{waited}",
                hint=f"Wait until then. When that run is dead, run again as the same owner (portal_operator), or {BREAK_IT}.",
                lease=present.as_dict(self._clock.now()),
            )
        self._clock.sleep(min(POLL_SECONDS, deadline.remaining()))

    def _read(self) -> tuple[Lease, str | None]:
        try:
            content, version = self._store.read(self._key)
        except NotFoundError:
            return FREE, None
        try:
            return Lease(**json.loads(content)), version
        except (TypeError, ValueError) as exc:
            raise WebopsError(
                f"The object {self._key} in {self._store.url} is not a lease.",
                hint="Look at it, and restore it from an older version of the object. Deleting it starts the fencing numbers anew.",
            ) from exc

    def _write(self, wanted: Lease, expected: str | None) -> bool:
        """Whether the conditional write won. A lost answer is no loss: `write` tells our own writing from another one's."""
        wanted = dataclasses.replace(wanted, write=uuid.uuid4().hex)
        content = json.dumps(dataclasses.asdict(wanted), sort_keys=True).encode("utf-8")
        try:
            if expected is None:
                self._store.create(self._key, content)
            else:
                self._store.replace(self._key, content, expected)
        except (AlreadyExistsError, ChangedError):
            return self._read()[0].write == wanted.write
        return True


def is_holder(present: Lease, owner: str | None, fencing: int | None) -> bool:
    """Whether the caller is the one written in the lease: by its number, or by its name when no number is given."""
    by_name = owner is None or present.owner == owner
    return by_name if fencing is None else by_name and present.fencing == fencing
