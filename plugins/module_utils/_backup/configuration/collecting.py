# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that belongs to a configuration at this moment, and what of it may go to git."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.entries import (
    FILE,
    FILES,
    Entry,
    expand,
    look,
    pieces_of,
)
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.git_place import GitPlace
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.request import ConfigRequest
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.suspicion import LOOKED_AT, secret_in
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

SHOWN = 10


@dataclasses.dataclass(frozen=True)
class Content:
    """Every entry, sorted by its place in the archive; `at` is the moment when the looking began."""

    entries: list[Entry]
    at: datetime.datetime
    warnings: list[str]

    @property
    def files(self) -> int:
        return sum(entry.type == FILE for entry in self.entries)

    @property
    def bytes(self) -> int:
        return sum(entry.size for entry in self.entries)


def collect(request: ConfigRequest, at: datetime.datetime) -> Content:
    """Look at everything. InputError where something cannot be read or kept, WebopsError where it does not hold still."""
    roots, empty = expand(request.paths)
    found = {entry.path: entry for entry in request.documents}
    for root in roots:
        found.update((entry.path, entry) for entry in look(root, f"{FILES}{root}".rstrip("/"), request.exclude))
    for place, root in request.inventories.items():
        found.update((entry.path, entry) for entry in look(root, place, request.exclude))
    if not any(entry.type == FILE for entry in found.values()):
        raise InputError("There is no file in what paths and inventories name.", hint="Look at the paths, and at exclude.")
    warnings = [f"paths: '{pattern}' means nothing at the moment." for pattern in empty]
    return Content([found[path] for path in sorted(found)], at, warnings)


def openly(entries: t.Sequence[Entry], place: GitPlace) -> list[Entry]:
    """What goes to git. InputError that names everything that looks like a secret and is not allowed there."""
    going = [entry for entry in entries if not entry.secret and not entry.fits(place.exclude)]
    for entry in going:
        if any(part.lower() == ".git" for part in entry.path.split("/")):
            raise InputError(f"'{entry.source}' belongs to a repository of git, which no other one can hold.", hint="Exclude .git.")
    suspects = [(entry, what) for entry in going for what in [suspicion_of(entry)] if what and not entry.fits(place.allow)]
    if suspects:
        named = "; ".join(f"{entry.source or entry.path} ({what})" for entry, what in suspects[:SHOWN])
        more = f"; and {len(suspects) - SHOWN} more" if len(suspects) > SHOWN else ""
        raise InputError(
            f"These look like secrets that are not encrypted, and would go to git: {named}{more}.",
            hint="Encrypt them with ansible-vault, keep them out of git with git.exclude (the encrypted archive has them all the same),"
            " or name them in git.allow if they are none.",
            suspects=[entry.source or entry.path for entry, _what in suspects],
        )
    return going


def suspicion_of(entry: Entry) -> str:
    """What a file looks like that should not be stored openly, by its name and its first MiB."""
    if entry.type != FILE:
        return ""
    head = bytearray()
    for piece in pieces_of(entry):
        head += piece[: LOOKED_AT - len(head)]
    return secret_in(entry.path, bytes(head))
