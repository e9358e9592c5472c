# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking again after a write: Supabase's yes counts once the value shows."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, DeadlineError
from ansible_collections.holdfast.webops.plugins.module_utils._core.pacing import Pace
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.interface import ABSENT, Part, View

# A value that was taken shows within so many looks (about seven seconds), or never.
LOOKS = 7
FIRST, GROWTH, LONGEST = 0.2, 2.0, 2.0


def settle(api: Supabase, part: Part, wanted: View) -> View:
    """The settings of a part after a write. ConflictError when one that was changed shows something else than was taken."""
    pace = Pace(api, FIRST, GROWTH, LONGEST)
    looks = 0
    while True:
        looks += 1
        part.look(pace.looking)
        seen = part.seen()
        view = {name: seen.get(name, ABSENT) for name in wanted}
        wrong = [name for name in part.names if view[name] != wanted[name]]
        if not wrong and part.is_settled():
            return view
        if wrong and looks >= LOOKS:
            raise ConflictError(
                f"Supabase took {part.name}, but shows other values: {'; '.join(_told(name, view, wanted) for name in wrong)}.",
                hint="The plan may not allow it, or somebody else changes it at the same time.",
                differs=[f"{part.name}.{name}" for name in wrong],
            )
        if not pace.goes_on():
            raise DeadlineError(
                f"Supabase took {part.name}, but has not applied it yet.", hint="Run the task again, or raise wait_timeout."
            )


def _told(name: str, view: View, wanted: View) -> str:
    return f"{name} is {view[name]!r}, not {wanted[name]!r}"
