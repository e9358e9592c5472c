# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the database demands TLS. Supabase restarts it for a change, at once."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.interface import Part, View

PATH = "/ssl-enforcement"


class SslEnforcement(Part):
    """`wanted` is the option ssl_enforcement."""

    name = "ssl_enforcement"

    def __init__(self, wanted: bool, restart: t.Optional[str]) -> None:
        self._wanted = wanted
        self._restart = restart

    def read(self, api: Supabase) -> t.Any:
        return api.get("show whether TLS is enforced", PATH)

    def before(self) -> View:
        return {"database": (self.found.get("currentConfig") or {}).get("database")}

    def after(self) -> View:
        return {"database": self._wanted}

    def is_settled(self) -> bool:
        return bool(self.found.get("appliedSuccessfully"))

    def refuse(self) -> None:
        if self._restart != "now":
            raise ConflictError(
                "ssl_enforcement: for this change Supabase restarts the database at once, which cuts all connections.",
                hint="Say restart: now, or leave ssl_enforcement out until then. Nothing was touched.",
            )

    def write(self, api: Supabase) -> None:
        api.put("enforce TLS" if self._wanted else "stop enforcing TLS", PATH, {"requestedConfig": {"database": self._wanted}})

    def restarts(self) -> bool:
        return bool(self.names)
