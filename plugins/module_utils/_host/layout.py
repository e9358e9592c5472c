# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where things are on a host: one folder per portal.

<root>/releases/<release id>/          an unpacked release, with what it was made from in .holdfast-release.json
<root>/slots/<slot>/current            link to the release of the slot
<root>/slots/<slot>/environment        its environment, mode 0600
<root>/slots/<slot>/release.json       what is on the slot, mode 0600
<root>/slots/<slot>/run                launcher, with supervisord only
<root>/log/<slot>.log                  output, with supervisord only; systemd keeps it in the journal
<root>/fence                           the highest fencing number seen
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.fence import Fence
from ansible_collections.holdfast.webops.plugins.module_utils._core.file_lock import locked
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there

SLOTS = ("blue", "green")
# Another run that holds the lock waits for its slot to start, so this is longer than a usual start.
LOCK_WAIT_SECONDS = 120
# Paths end up in unit files and launchers; without quotes, blanks and % none of them needs escaping.
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9._/@+=,~-]*")
_RELEASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")


class Layout:
    """The paths of one portal on this host."""

    def __init__(self, root: str) -> None:
        if not _PLAIN_PATH.fullmatch(root) or not os.path.normpath(root).strip("/"):
            raise InputError(f"root: '{root}' is not usable.", hint="Give an absolute path of letters, digits and . _ - / @ + = , ~ only.")
        self.root = os.path.normpath(root)
        self.releases = os.path.join(self.root, "releases")
        self.logs = os.path.join(self.root, "log")
        self.fence = Fence(os.path.join(self.root, "fence"))

    def release(self, release_id: str) -> str:
        """The folder of an unpacked release."""
        if not _RELEASE_ID.fullmatch(release_id) or ".." in release_id:
            raise InputError(f"release.id: '{release_id}' cannot name a folder.", hint="Use letters, digits, '.', '_', '+' and '-'.")
        return os.path.join(self.releases, release_id)

    def slot(self, slot: str) -> str:
        return os.path.join(self.root, "slots", slot)

    def current(self, slot: str) -> str:
        return os.path.join(self.slot(slot), "current")

    def environment(self, slot: str) -> str:
        return os.path.join(self.slot(slot), "environment")

    def metadata(self, slot: str) -> str:
        return os.path.join(self.slot(slot), "release.json")

    def launcher(self, slot: str) -> str:
        return os.path.join(self.slot(slot), "run")

    def log(self, slot: str) -> str:
        return os.path.join(self.logs, f"{slot}.log")

    def prepare(self, slot: str) -> None:
        """Make the folders of a slot."""
        for path in (self.releases, self.logs, self.slot(slot)):
            os.makedirs(path, mode=0o755, exist_ok=True)

    def read_metadata(self, slot: str) -> dict[str, t.Any] | None:
        """What was put on a slot last; None when nothing was."""
        content = read_if_there(self.metadata(slot))
        return dict(json.loads(content)) if content else None

    def current_release(self, slot: str) -> str | None:
        """The id of the release that `current` points to, None when it points nowhere."""
        path = os.path.realpath(self.current(slot))
        there = os.path.islink(self.current(slot)) and os.path.isdir(path)
        return os.path.basename(path) if there else None

    def point(self, slot: str, release_id: str) -> None:
        """Let `current` of a slot point to a release: a new link, renamed over the old one."""
        temporary = f"{self.current(slot)}.new"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        os.symlink(os.path.relpath(self.release(release_id), self.slot(slot)), temporary)
        os.replace(temporary, self.current(slot))

    @contextlib.contextmanager
    def locked(self, clock: Clock) -> t.Iterator[None]:
        """Keep other runs of the module away from this portal's folder."""
        os.makedirs(self.root, mode=0o755, exist_ok=True)
        path = os.path.join(self.root, ".lock")
        with locked(path, clock=clock, timeout=LOCK_WAIT_SECONDS, what=f"another run to leave {self.root}"):
            yield
