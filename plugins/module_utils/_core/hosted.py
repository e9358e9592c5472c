# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking a hosted API: how often, how long, and what is never sent twice. What an answer means is its vendor's client's.

Each vendor has a class of its own, which says how its refusals and its rate limit are to be read.
"""

from __future__ import annotations

import copy
import dataclasses
import email.utils
import json
import os
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core import patience
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need

AGENT = "holdfast.webops"
# A vendor's own answers fit a thousand times; what is longer is not from there.
LONGEST_EXCERPT = 200
Query = t.Mapping[str, t.Union[str, int, None]]
_Session = t.TypeVar("_Session", bound="HostedApi")


class LostAnswerError(WebopsError):
    """A request that must not simply be sent again may have been carried out, or not: only looking can tell."""


class UnreachableError(WebopsError):
    """The vendor did not answer, or only with errors of its own, as often as it was asked."""


@dataclasses.dataclass(frozen=True)
class Access:
    """How to reach an API. `timeout` counts for one request, in seconds."""

    api_url: str
    token: str
    timeout: float
    connections: int = 1


@dataclasses.dataclass(frozen=True)
class Ask:
    """One request. `what` completes 'Vercel would not ...'. `repeat`: whether sending it twice is the same as once."""

    what: str
    method: str
    url: str
    repeat: bool
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    # Called for every try, so that a file is read again from its beginning.
    body: t.Callable[[], t.Any] = lambda: None


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: t.Mapping[str, str]
    content: bytes

    def data(self) -> t.Any:
        """The JSON inside; None when there is none."""
        if not self.content.strip():
            return None
        try:
            return json.loads(self.content)
        except ValueError:
            return None


class _Shared:
    """What all copies of one client and all its threads share."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sent = 0
        self.ahead = 0.0
        self.closed_until = 0.0


class HostedApi:
    """A session with a vendor. May be used by several threads; every wait ends with `deadline`."""

    vendor = "The API"
    # What somebody does whose task ran into the rate limit.
    limit_hint = "Run the task again then. A longer wait_timeout lets it wait by itself."

    def __init__(self, access: Access, clock: Clock, deadline: Deadline) -> None:
        self.clock = clock
        self.deadline = deadline
        self._access = access
        self._requests = need("requests")
        self._session = _session(self._requests, access)
        self._shared = _Shared()

    def said(self, answer: Answer) -> str:
        """The vendor's own words in an answer, or nothing."""
        raise NotImplementedError

    def limit_seconds(self, answer: Answer) -> float:
        """How long a 429 asks to wait."""
        raise NotImplementedError

    def refusal(self, what: str, answer: Answer) -> WebopsError:
        """The error for an answer that is neither good nor worth another try."""
        raise NotImplementedError

    @property
    def sent(self) -> int:
        """How many requests went out so far."""
        return self._shared.sent

    def within(self: _Session, seconds: float) -> _Session:
        """The same session with a deadline of its own, to look once more after the task's has passed."""
        other = copy.copy(self)
        other.deadline = Deadline(self.clock, seconds)
        return other

    def server_time(self) -> float:
        """The vendor's clock in seconds since 1970, as far as its last answer told it."""
        return self.clock.now().timestamp() + self._shared.ahead

    def ask(self, ask: Ask) -> Answer:
        """The good answer to a request, after as many tries as it takes and the deadline allows."""
        failures = 0
        while True:
            self._wait_for_gate(ask)
            try:
                answer = self._send(ask)
            except self._requests.RequestException as exc:
                failures += 1
                reason = _why(exc)
                arrived = not _never_arrived(self._requests, exc)
            else:
                if answer.status < 300:
                    return answer
                if answer.status == 429:
                    self._limited(ask, answer)
                    continue
                if answer.status < 500 and answer.status != 408:
                    raise self.refusal(ask.what, answer)
                failures += 1
                reason, arrived = self._excerpt(answer), True
            if arrived and not ask.repeat:
                raise LostAnswerError(f"It is not known whether {self.vendor} did {ask.what}: {reason}.")
            self._pause(ask, patience.after_failure(failures), reason)

    def _send(self, ask: Ask) -> Answer:
        remaining = self.deadline.remaining()
        if remaining <= 0:
            raise DeadlineError(f"There was no time left to {ask.what}.", hint="Raise wait_timeout, or run the task again.")
        request = self._requests.Request(ask.method, ask.url, headers={**self._session.headers, **ask.headers}, data=ask.body()).prepare()
        with self._shared.lock:
            self._shared.sent += 1
        # No redirects: they would carry the token to wherever somebody likes.
        answer = self._session.send(request, timeout=min(self._access.timeout, remaining), allow_redirects=False)
        self._note_time(answer.headers)
        return Answer(answer.status_code, answer.headers, answer.content)

    def _note_time(self, headers: t.Mapping[str, str]) -> None:
        try:
            told = email.utils.parsedate_to_datetime(headers.get("Date", "")).timestamp()
        except (TypeError, ValueError, IndexError):
            return
        self._shared.ahead = told - self.clock.now().timestamp()

    def _limited(self, ask: Ask, answer: Answer) -> None:
        """Nobody sends before the moment that a 429 names; one that is too far away ends the task now."""
        seconds = self.limit_seconds(answer)
        if seconds > self.deadline.remaining():
            raise DeadlineError(
                f"{self.vendor}'s rate limit stands in the way to {ask.what}: {self.said(answer) or 'too many requests'}. "
                f"It asks to wait {seconds:.0f} s, and the task has {self.deadline.remaining():.0f} s left.",
                hint=self.limit_hint,
            )
        with self._shared.lock:
            self._shared.closed_until = max(self._shared.closed_until, self.clock.monotonic() + seconds)

    def _wait_for_gate(self, ask: Ask) -> None:
        left = self._shared.closed_until - self.clock.monotonic()
        if left > 0:
            self._pause(ask, left, "its rate limit is used up")

    def _pause(self, ask: Ask, seconds: t.Optional[float], reason: str) -> None:
        if seconds is None:
            raise UnreachableError(
                f"{self.vendor} ({self._access.api_url}) could not be asked to {ask.what}, after {patience.TRIES} tries: {reason}.",
                hint=f"Look at the network, at api_url and at {self.vendor}'s status page.",
            )
        if seconds > self.deadline.remaining():
            raise DeadlineError(f"There was no time left to {ask.what}: {reason}.", hint="Raise wait_timeout, or run the task again.")
        self.clock.sleep(seconds)

    def _excerpt(self, answer: Answer) -> str:
        said = self.said(answer)
        return f"it answered {answer.status}" + (f" ({said[:LONGEST_EXCERPT].rstrip('.')})" if said else "")


def told_otherwise(answer: Answer) -> str:
    """What an answer says whose body is not the vendor's: a proxy's page, or a redirect."""
    if answer.status < 400:
        return f"it answered with a redirect to {answer.headers.get('Location')}"
    return answer.content[:LONGEST_EXCERPT].decode("utf-8", errors="replace").strip() or "no reason given"


def _session(requests: t.Any, access: Access) -> t.Any:
    """A session that asks the environment once, for proxies and certificates, and never for passwords (.netrc)."""
    session = requests.Session()
    session.trust_env = False
    session.proxies = requests.utils.get_environ_proxies(access.api_url)
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    session.headers.update({"Authorization": f"Bearer {access.token}", "User-Agent": AGENT, "Accept": "application/json"})
    adapter = requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=access.connections)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return session


def _never_arrived(requests: t.Any, exc: Exception) -> bool:
    """Whether a request failed before a byte of it was sent: no address, nobody listening."""
    if isinstance(exc, requests.ConnectTimeout):
        return True
    cause = getattr(exc.args[0], "reason", None) if exc.args else None
    return type(cause).__name__ in {"NewConnectionError", "NameResolutionError"}


def _why(exc: Exception) -> str:
    """The innermost reason: what surrounds it repeats the address."""
    inner: t.Any = exc
    while getattr(inner, "args", None) and isinstance(inner.args[-1], BaseException):
        inner = inner.args[-1]
    reason = getattr(inner, "reason", None) or inner
    return f"{type(reason).__name__}: {reason}"[:LONGEST_EXCERPT].rstrip(".")
