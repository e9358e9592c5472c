# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shared pooler of the primary database."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.interface import Part, View

PATH = "/config/database/pooler"
LARGEST = 3000


class Pooler(Part):
    """`wanted` is the option pooler; what is None in it is not asked for."""

    name = "pooler"

    def __init__(self, wanted: t.Mapping[str, t.Any]) -> None:
        self._wanted = {name: value for name, value in wanted.items() if value is not None}
        size = self._wanted.get("default_pool_size", 0)
        if not 0 <= size <= LARGEST:
            raise InputError(f"pooler.default_pool_size: {size} is out of range.", hint=f"Supabase takes numbers from 0 to {LARGEST}.")

    def read(self, api: Supabase) -> t.Any:
        return primary(api)

    def before(self) -> View:
        return {name: self.found.get(name) for name in self._wanted}

    def after(self) -> View:
        return dict(self._wanted)

    def write(self, api: Supabase) -> None:
        api.patch("change the pooler", PATH, {name: self._wanted[name] for name in self.names})


def primary(api: Supabase) -> dict[str, t.Any]:
    """The pooler of the primary database, among those of replicas."""
    poolers = api.get("show the pooler", PATH) or []
    for pooler in poolers:
        if pooler.get("database_type") == "PRIMARY":
            return t.cast("dict[str, t.Any]", pooler)
    raise NotFoundError("Supabase shows no pooler of the primary database.", hint="Look at the project in the dashboard.")
