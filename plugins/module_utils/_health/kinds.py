# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which probe looks at which kind of check. A probe and its libraries are imported only when a check needs them."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import Check, PostgresTarget, TcpTarget
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Finding

Look = t.Callable[[Deadline, Clock], Finding]


def look_of(check: Check) -> Look:
    """A function that looks once at what the check names. Raises InputError or NotFoundError for what no look could mend."""
    target = check.target
    if isinstance(target, TcpTarget):
        from ansible_collections.holdfast.webops.plugins.module_utils._health import tcp_probe

        return lambda deadline, clock: tcp_probe.look(target, deadline, clock)
    if isinstance(target, PostgresTarget):
        from ansible_collections.holdfast.webops.plugins.module_utils._health import postgres_probe

        try:
            postgres_probe.prepare(target)
        except InputError as exc:
            raise InputError(f"The check '{check.name}': {exc.message}", hint=exc.hint) from None
        return lambda deadline, clock: postgres_probe.look(target, deadline, clock)
    from ansible_collections.holdfast.webops.plugins.module_utils._health import web_probe

    return lambda deadline, clock: web_probe.look(target, deadline, clock)
