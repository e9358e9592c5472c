# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Health checks of the candidate while users are on it: what its users do not ask for is looked at too.

The requests of users say nothing about a database that only the nightly job needs, or about a mail server. So the portal's
checks are run beside the window, again and again, and a verdict `critical` twice in a row is a hard stop.
"""

from __future__ import annotations

import dataclasses
import multiprocessing.pool
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import derived_secrets
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import Surroundings, checks_from
from ansible_collections.holdfast.webops.plugins.module_utils._health.looks import look_of, misplaced_secrets, secrets_of
from ansible_collections.holdfast.webops.plugins.module_utils._health.rounds import run_round
from ansible_collections.holdfast.webops.plugins.module_utils._health.verdict import CRITICAL, Round, summary_of, verdict_of

# One round may be bad luck: a check that has no retries, a connection that was cut.
ROUNDS_FOR_A_STOP = 2


@dataclasses.dataclass
class Opinion:
    """What the rounds so far say. `complaint` is a sentence once the candidate must go, `doubt` one while it must not pass."""

    rounds: int = 0
    critical_in_a_row: int = 0
    summary: str = ""
    error: str = ""

    def fail(self, exc: BaseException) -> None:
        """No round can follow; silence would look like health."""
        self.error = f"{type(exc).__name__} {exc}"

    def add(self, results: Round) -> None:
        """Count a finished round."""
        verdict = verdict_of(results)
        self.critical_in_a_row = self.critical_in_a_row + 1 if verdict == CRITICAL else 0
        self.summary = summary_of(results, verdict)
        self.rounds += 1

    @property
    def complaint(self) -> str:
        if self.error:
            return f"The health checks of the candidate ended unexpectedly: {self.error}."
        if self.critical_in_a_row < ROUNDS_FOR_A_STOP:
            return ""
        return f"The candidate's own health checks say, {self.critical_in_a_row} times in a row: {self.summary}"

    @property
    def doubt(self) -> str:
        if not self.rounds:
            return "no round of the health checks has ended yet"
        return f"the last round of the health checks says {self.summary.rstrip('.')}" if self.critical_in_a_row else ""


class OwnLooks:
    """Runs rounds in a thread until the block ends. Without checks there is nothing to doubt and nothing to complain about."""

    def __init__(self, run: t.Optional[t.Callable[[], Round]], interval: float) -> None:
        self._run = run
        self._interval = interval
        self._ended = threading.Event()
        self._opinion = Opinion()
        # Its thread is a daemon: a round that hangs until its deadline does not keep the verdict back.
        self._pool = multiprocessing.pool.ThreadPool(1) if run else None

    def __enter__(self) -> OwnLooks:
        if self._pool and self._run:
            self._pool.apply_async(self._look_again_and_again, (self._run,), error_callback=self._opinion.fail)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._ended.set()
        if self._pool:
            self._pool.terminate()

    def _look_again_and_again(self, run: t.Callable[[], Round]) -> None:
        while not self._ended.is_set():
            self._opinion.add(run())
            self._ended.wait(self._interval)

    def opinion(self, call: Call) -> tuple[str, str]:
        """Complaint and doubt, both empty when all is well. What a server made up, such as a token in a redirect, is masked."""
        if self._run is None:
            return "", ""
        complaint, doubt = self._opinion.complaint, self._opinion.doubt
        for secret in derived_secrets(f"{complaint} {doubt}"):
            call.mask(secret)
        return complaint, doubt


def own_looks(call: Call, clock: Clock) -> OwnLooks:
    """From the options of the task; InputError before anything is contacted."""
    params = call.params
    interval = params["checks_interval"]
    if interval <= 0:
        raise InputError(f"checks_interval: {interval:g} s must be above 0.")
    if not params["checks"]:
        return OwnLooks(None, interval)
    surroundings = Surroundings(params["base_url"], params["headers"] or {}, params["secret_headers"] or {})
    for secret in misplaced_secrets(params):
        call.mask(secret)
    checks = checks_from(params["checks"], surroundings)
    for secret in secrets_of(checks):
        call.mask(secret)
    looks = [(check, look_of(check, check_mode=call.check_mode)) for check in checks]
    return OwnLooks(lambda: run_round(looks, clock), interval)
