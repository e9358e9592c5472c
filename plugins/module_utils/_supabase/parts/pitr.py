# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Point-in-time recovery, an add-on of the project."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.failures import ApiError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.interface import Part, View

PATH = "/billing/addons"
PAYMENT_REQUIRED = 402
ABOUT_PLANS = "Point-in-time recovery needs the plan Pro or above and the compute size Small or larger; it is bought for each project."


class Pitr(Part):
    """`days` and `allow_shorter` are the options of pitr."""

    name = "pitr"

    def __init__(self, days: int, *, allow_shorter: bool) -> None:
        self._days = days
        self._allow_shorter = allow_shorter

    def read(self, api: Supabase) -> t.Any:
        return api.get("list the add-ons", PATH)

    def before(self) -> View:
        return {"retention_days": _days(selected(self.found).get("pitr"))}

    def after(self) -> View:
        return {"retention_days": self._days}

    def refuse(self) -> None:
        now = self.before()["retention_days"]
        if self._days < now and not self._allow_shorter:
            raise ConflictError(
                f"pitr: {now} days can be gone back now, and {self._days} afterwards; the moments in between are given up.",
                hint="Say pitr.allow_shorter: true if that is meant. Nothing was touched.",
            )
        offered = _offered(self.found)
        if self._days and f"pitr_{self._days}" not in offered:
            told = ", ".join(offered) or "none"
            raise ConflictError(
                f"pitr: {self._days} days are not offered to this project (offered: {told}).", hint=f"{ABOUT_PLANS} Nothing was touched."
            )

    def write(self, api: Supabase) -> None:
        if not self._days:
            api.delete("drop point-in-time recovery", f"{PATH}/{selected(self.found)['pitr']}")
            return
        what = f"buy point-in-time recovery over {self._days} days"
        try:
            api.patch(what, PATH, {"addon_type": "pitr", "addon_variant": f"pitr_{self._days}"})
        except ApiError as exc:
            if exc.status == PAYMENT_REQUIRED:
                raise ApiError(what, exc.status, exc.data, hint=ABOUT_PLANS) from exc
            raise


def selected(found: t.Any) -> dict[str, str]:
    """The variant that is bought of each type of add-on."""
    return {str(addon["type"]): str(addon["variant"]["id"]) for addon in (found or {}).get("selected_addons") or []}


def _offered(found: t.Any) -> list[str]:
    addons = [addon for addon in found.get("available_addons") or [] if addon.get("type") == "pitr"]
    return [str(variant["id"]) for addon in addons for variant in addon.get("variants") or []]


def _days(variant: t.Optional[str]) -> int:
    return int(variant.rpartition("_")[2]) if variant else 0
