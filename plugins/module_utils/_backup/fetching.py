# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From stored bytes to a plain archive that several processes can read at once: a file without a name, or a private folder.

The bytes are decrypted while they arrive, so that the plain archive is all that needs room. It is used only after the whole
of the stored bytes was found to be what was written.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import WrongKeyError
from ansible_collections.holdfast.webops.plugins.module_utils._backup.feeding import run_fed
from ansible_collections.holdfast.webops.plugins.module_utils._backup.scratch import free_room, private_folder
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import DIRECTORY, Origin, Supply, pour, pour_into
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errands import Errand
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, WebopsError

MORE_ROOM = "Set scratch_dir to a place with more room; pg_restore with jobs: 1 needs none for an archive of the custom format."


@dataclasses.dataclass(frozen=True)
class PlainArchive:
    """`path` can be opened by child processes while the block lasts; `warnings` name copies that could not be used."""

    path: str
    store: str
    warnings: tuple[str, ...]


Arriving = t.Callable[[], PlainArchive]


@contextlib.contextmanager
def plain_archive(commands: Commands, supply: Supply, scratch_dir: str | None, deadline: Deadline) -> t.Iterator[PlainArchive]:
    """Fetch from the first copy that is whole, decrypted."""
    require_room(supply, scratch_dir)
    if supply.format == DIRECTORY:
        with private_folder(scratch_dir, "restore") as folder:
            target = os.path.join(folder, "dump")
            origin, warnings = first_that_works(supply, lambda one: _unpack(commands, supply, one, target, deadline))
            yield PlainArchive(target, origin, warnings)
        return
    with tempfile.TemporaryFile(dir=scratch_dir) as file:
        origin, warnings = first_that_works(supply, lambda one: _write(commands, supply, one, file, scratch_dir))
        yield PlainArchive(f"/proc/{os.getpid()}/fd/{file.fileno()}", origin, warnings)


@contextlib.contextmanager
def arriving_archive(commands: Commands, supply: Supply, scratch_dir: str | None, deadline: Deadline) -> t.Iterator[Arriving]:
    """Begin to fetch beside the work of the block, which may wait for the plain archive; leaving it ends the fetching."""
    found: list[PlainArchive] = []
    with contextlib.ExitStack() as stack:
        opening = plain_archive(commands, supply, scratch_dir, deadline)
        errand = Errand("fetch", lambda: found.append(stack.enter_context(opening)))

        def arrived() -> PlainArchive:
            errand.finish()
            return found[0]

        try:
            yield arrived
        finally:
            supply.meter.wanted = False
            errand.wait()


def require_room(supply: Supply, scratch_dir: str | None) -> None:
    """NoRoomError where the archive would not fit."""
    free = free_room(scratch_dir)
    if free < supply.size:
        folder = scratch_dir or tempfile.gettempdir()
        raise NoRoomError(f"'{folder}' has {free} bytes free, {supply.size} are needed to restore.", hint=MORE_ROOM)


def first_that_works(supply: Supply, use: t.Callable[[Origin], object]) -> tuple[str, tuple[str, ...]]:
    """Try one copy after the other; returns the name of the one that worked, and what was wrong with those before."""
    errors: list[str] = []
    for origin in supply.origins:
        try:
            use(origin)
        except (WrongKeyError, NoRoomError, CommandError):  # no better with another copy
            raise
        except WebopsError as exc:
            errors.append(str(exc))
        else:
            return origin.name, tuple(errors)
    raise WebopsError(f"No copy of the backup can be used. {' '.join(errors)}", hint="Choose another backup; nothing was replaced.")


class NoRoomError(WebopsError):
    """The scratch directory takes no more."""


def _write(commands: Commands, supply: Supply, origin: Origin, file: t.IO[bytes], scratch_dir: str | None) -> None:
    with _full_disk_said(scratch_dir):
        pour_into(commands, supply, origin, file)


def _unpack(commands: Commands, supply: Supply, origin: Origin, target: str, deadline: Deadline) -> None:
    """Into a folder that is made anew for every copy."""
    shutil.rmtree(target, ignore_errors=True)
    os.mkdir(target, 0o700)
    argv = ["tar", "--extract", "--file=-", "--no-same-owner", f"--directory={target}"]
    run_fed(commands, argv, lambda sink: pour(commands, supply, origin, sink), deadline)


@contextlib.contextmanager
def _full_disk_said(scratch_dir: str | None) -> t.Iterator[None]:
    try:
        yield
    except OSError as exc:
        folder = scratch_dir or tempfile.gettempdir()
        raise NoRoomError(f"The archive could not be written to '{folder}': {exc.strerror}.", hint=MORE_ROOM) from exc
