# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the status of a project means to somebody who restores it. Pure."""

from __future__ import annotations

import dataclasses

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.readiness import HEALTHY, PAUSED, USABLE

RESTORING = "RESTORING"
FAILED = "RESTORE_FAILED"
# From these no restored project comes by waiting.
LOST = frozenset(["INACTIVE", "GOING_DOWN", "INIT_FAILED", "REMOVED", "PAUSING", "PAUSE_FAILED"])


@dataclasses.dataclass(frozen=True)
class Project:
    """What the Management API says of a project."""

    ref: str
    name: str
    region: str
    status: str


@dataclasses.dataclass(frozen=True)
class Looks:
    """What was seen of a restore so far. `before`: the status when it was ordered; `begun`: whether it was ever seen to run."""

    before: str
    begun: bool = False

    def after(self, status: str) -> Looks:
        """With one more look. A project that gets well, or is not, before it is restored has not begun."""
        return dataclasses.replace(self, begun=self.begun or status not in USABLE | {self.before})

    def is_done(self, status: str) -> bool:
        """Whether the project is back. WebopsError for a status from which it will not come back."""
        if not self.begun:
            return False
        if status == FAILED:
            raise WebopsError(
                "Supabase reports that the restore failed (RESTORE_FAILED): the project is down.",
                hint="Ask Supabase's support; force: true orders another restore. Its logical backups can be restored elsewhere.",
                status=status,
            )
        if status in LOST:
            raise WebopsError(
                f"The project is {status}, so the restore did not end well.", hint="Look at it in the dashboard.", status=status
            )
        return status == HEALTHY


def refuse_unready(project: Project, *, force: bool) -> None:
    """ConflictError where a project is in no state to be restored. One that is being restored is none of this function's business."""
    if project.status in USABLE:
        return
    if project.status == FAILED:
        if force:
            return
        raise ConflictError(
            f"The last restore of project {project.name} failed (RESTORE_FAILED).",
            hint="Look at it in the dashboard; force: true orders this one all the same. Nothing was touched.",
            status=project.status,
        )
    if project.status in PAUSED | {"PAUSE_FAILED"}:
        raise ConflictError(
            f"Project {project.name} is paused ({project.status}), and a paused project cannot be restored to a moment.",
            hint="Wake it in the dashboard first. Nothing was touched.",
            status=project.status,
        )
    raise ConflictError(
        f"Project {project.name} is {project.status}; something else goes on there.",
        hint="Run the task again when it is ACTIVE_HEALTHY. Nothing was touched.",
        status=project.status,
    )
