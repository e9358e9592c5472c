# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Overrides of PostgreSQL's settings. PUT replaces all of them, so what the task does not name is sent along."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.interface import Part, View
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.postgres_settings import AT_START, POSTGRES
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.settings import checked, shown

PATH = "/config/database/postgres"


class Postgres(Part):
    """`wanted` is the option postgres; None takes an override back."""

    name = "postgres"

    def __init__(self, wanted: t.Mapping[str, t.Any], restart: t.Optional[str]) -> None:
        self._wanted = checked("postgres", POSTGRES, wanted)
        self._restart = restart

    def read(self, api: Supabase) -> t.Any:
        return api.get("show the settings of PostgreSQL", PATH) or {}

    def before(self) -> View:
        return {name: shown(POSTGRES[name], self.found.get(name), value) for name, value in self._wanted.items()}

    def after(self) -> View:
        return dict(self._wanted)

    def refuse(self) -> None:
        at_start = [name for name in self.names if name in AT_START]
        if at_start and self._restart is None:
            raise ConflictError(
                f"postgres: a change of {', '.join(at_start)} takes a restart of the database, which cuts all connections.",
                hint="Say restart: now to have it at once, or restart: later for the next restart. Nothing was touched.",
            )

    def write(self, api: Supabase) -> None:
        # Read again: what somebody else has set since is not taken back.
        merged = {**self.read(api), **{name: self._wanted[name] for name in self.names}}
        body = {name: value for name, value in merged.items() if value is not None}
        api.put("change the settings of PostgreSQL", PATH, {**body, "restart_database": self.restarts()})

    def restarts(self) -> bool:
        return self._restart == "now" and not AT_START.isdisjoint(self.names)

    def pending(self) -> list[str]:
        return [] if self._restart == "now" else [f"postgres.{name}" for name in self.names if name in AT_START]
