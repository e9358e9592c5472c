# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a check to the function that looks at its target, and to the secrets that a target could echo."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import is_secret_header
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import Check
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Finding
from ansible_collections.holdfast.webops.plugins.module_utils._health.kinds import KINDS

Look = t.Callable[[Deadline, Clock], Finding]


def look_of(check: Check, *, check_mode: bool = False) -> Look:
    """A function that looks once at what the check names. Raises InputError or NotFoundError for what no look could mend."""
    kind, target = KINDS[check.kind], check.target
    if check_mode and not kind.harmless:
        return _skip
    parts = kind.parts()
    try:
        parts.prepare(target)
    except InputError as exc:
        raise InputError(f"The check '{check.name}': {exc.message}", hint=exc.hint) from None
    return lambda deadline, clock: parts.look(target, deadline, clock)


def _skip(_deadline: Deadline, _clock: Clock) -> Finding:
    return Finding("", skipped="not done in check mode, because this kind of check may change something")


def secrets_of(checks: t.Iterable[Check]) -> t.Iterator[str]:
    """What a server might echo although no option holds it as it stands."""
    for check in checks:
        yield from KINDS[check.kind].parts().secrets(check.target)


def misplaced_secrets(params: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """Values of headers that `headers` is about to be refused for: the arguments of a failed task can be read in logs."""
    for options in (params, *params["checks"]):
        for header, value in (options.get("headers") or {}).items():
            if is_secret_header(header):
                yield str(value)
