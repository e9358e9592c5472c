# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use cases of config_restore: what a backup holds, and all of it back in a folder."""

from __future__ import annotations

import dataclasses
import os
import stat
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.checking import check_choice, check_reading
from ansible_collections.holdfast.webops.plugins.module_utils._backup.choosing import choose_backup
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.entries import Entry
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.request import check_name
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.shown import described_configuration
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.unpacking import TOP, extract, is_same, read_archive
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_identity_file
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fetching import plain_archive
from ansible_collections.holdfast.webops.plugins.module_utils._backup.scratch import private_folder
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import Verifier, verifier
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import of_backup
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import sync_directory
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import open_destinations
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store


@dataclasses.dataclass(frozen=True)
class _Request:
    portal: str
    name: str
    stores: tuple[Store, ...]
    backup: str
    identity_file: str | None
    dest: str | None
    same_owner: bool
    scratch_dir: str | None
    wait_timeout: float
    verifier: Verifier | None


def restore(call: Call) -> Outcome:
    """Nothing reaches `dest` before all of the archive was read and found to be what was written."""
    commands = Commands()
    request = _read_request(call.params, commands)
    backup = _choose(request)
    key_file = check_identity_file(request.identity_file) if backup.manifest["archive"]["encrypted"] else ""
    deadline = Deadline(SystemClock(), request.wait_timeout)
    with plain_archive(commands, of_backup(backup, key_file), request.scratch_dir, deadline) as archive:
        entries = read_archive(archive.path)
        there = request.dest is None or _is_there(request, request.dest, entries)
        if request.dest is not None and not there and not call.check_mode:
            _put(request, request.dest, archive.path, entries)
    values = {"backup": described_configuration(backup), "folder": request.dest, "files": [_described(entry) for entry in entries]}
    names = [entry.path for entry in entries]
    return Outcome({"files": names if there else []}, {"files": names}, values, (*backup.doubts, *archive.warnings))


def _read_request(params: t.Mapping[str, t.Any], commands: Commands) -> _Request:
    """Check every option; InputError before anything is touched."""
    check_reading(params)
    check_choice(params["backup"], ("latest",))
    return _Request(
        portal=naming.check_portal(params["portal"]),
        name=check_name(params["name"]),
        stores=tuple(open_destinations(params["destinations"])),
        backup=params["backup"],
        identity_file=params["identity_file"],
        dest=_check_dest(params["dest"]) if params["state"] == "restored" else None,
        same_owner=params["same_owner"],
        scratch_dir=params["scratch_dir"],
        wait_timeout=params["wait_timeout"],
        verifier=verifier(commands, params),
    )


def _check_dest(dest: str | None) -> str:
    if not dest or not os.path.isabs(dest):
        raise InputError(f"dest is '{dest or ''}'.", hint="Name a folder by its absolute path; it must be empty or absent.")
    if os.path.lexists(dest) and (os.path.islink(dest) or not os.path.isdir(dest)):
        raise InputError(f"dest '{dest}' is no folder.", hint="Name an empty or absent one.")
    parent = os.path.dirname(os.path.normpath(dest))
    if not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(
            f"dest '{dest}' cannot be made: '{parent}' is missing or cannot be written to.", hint="Make it first, or use become."
        )
    return os.path.normpath(dest)


def _choose(request: _Request) -> Backup:
    catalog = read_catalog(request.stores, request.portal, naming.CONFIGURATION, verifier=request.verifier)
    return choose_backup([backup for backup in catalog if backup.manifest.get("name") == request.name], request.backup)


def _is_there(request: _Request, dest: str, entries: t.Sequence[Entry]) -> bool:
    """Whether `dest` holds it already; InputError where it holds something else."""
    if not os.path.isdir(dest) or not os.listdir(dest):
        return False
    if set(os.listdir(dest)) <= TOP and is_same(dest, entries, same_owner=request.same_owner):
        return True
    raise InputError(f"dest '{dest}' is not empty, and holds something else than this backup.", hint="Name an empty or absent folder.")


def _put(request: _Request, dest: str, archive: str, entries: t.Sequence[Entry]) -> None:
    """Beside `dest`, and then in its place at once."""
    parent = os.path.dirname(dest)
    try:
        with private_folder(parent, "configuration") as folder:
            content = os.path.join(folder, "content")
            os.mkdir(content, 0o700)
            extract(archive, content, same_owner=request.same_owner)
            if not is_same(content, entries, same_owner=request.same_owner):
                raise WebopsError(
                    f"What was unpacked beside '{dest}' is not what the archive holds.", hint="Look at the file system there."
                )
            if os.path.isdir(dest):
                os.chmod(content, stat.S_IMODE(os.stat(dest).st_mode))
            os.rename(content, dest)
            sync_directory(parent)
    except OSError as exc:
        raise WebopsError(
            f"The backup could not be unpacked into '{dest}': {exc.strerror}.", hint="Look at space and rights; nothing is there."
        ) from exc


def _described(entry: Entry) -> dict[str, t.Any]:
    return {
        "path": entry.path,
        "type": entry.type,
        "mode": f"{entry.mode:04o}",
        "owner": entry.owner,
        "group": entry.group,
        "size": entry.size,
        "target": entry.target or None,
    }
