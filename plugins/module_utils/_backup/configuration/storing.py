# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive of a configuration into every destination, and the manifest that makes it a backup."""

from __future__ import annotations

import datetime
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.collecting import Content
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.packing import mark_of, new_salt, pack
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.request import ConfigRequest
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import Sink, encrypt, tool_version
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import FanOut
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import FORMAT
from ansible_collections.holdfast.webops.plugins.module_utils._backup.publishing import Written, publish
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import Feeder
from ansible_collections.holdfast.webops.plugins.module_utils._backup.surveying import is_young
from ansible_collections.holdfast.webops.plugins.module_utils._backup.telling import Teller
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, iso, iso_exact
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import Progress


def why_store(request: ConfigRequest, newest: Backup | None, content: Content, now: datetime.datetime) -> str | None:
    """Why what lies in the stores is not enough, None when it is."""
    if newest is None:
        return "There is no backup of it yet."
    if newest.state != "complete":
        return f"The newest backup is {newest.state}."
    told, archive = newest.manifest["content"], newest.manifest["archive"]
    if mark_of(content.entries, told["salt"]) != told["mark"]:
        return "The content has changed."
    if sorted(archive["recipients"]) != sorted(request.recipients):
        return "The recipients have changed."
    if request.signing_key is not None and any(naming.SIGNATURE not in copy.sizes for copy in newest.copies):
        return "The newest backup is not signed."
    if request.max_age is not None and not is_young(newest, request.max_age, now):
        return "The newest backup is older than max_age."
    return None


def store_archive(request: ConfigRequest, content: Content, commands: Commands, clock: Clock, progress: Progress) -> Written:
    """Make one backup. Nothing that looks like one is left anywhere when this raises."""
    started, deadline = clock.monotonic(), Deadline(clock, request.wait_timeout)
    manifest = _manifest(request, content, naming.new_id(content.at))
    archive = manifest["archive"]
    fan, teller = FanOut(request.stores, request.require, deadline, request.pace), Teller(progress, clock)
    try:
        fan.open(naming.folder_of(manifest) + archive["name"], content.bytes)
        with teller.watching(fan, content.bytes):
            _seal(commands, pack(content.entries), fan.write, request.recipients)
            fan.commit()
        archive.update(size=fan.size, sha256=fan.sha256)
        manifest["tools"] = {"age": tool_version(commands) if request.recipients else None}
        manifest["finished_at"] = iso(clock.now())
        manifest["durations"] = {"total": round(clock.monotonic() - started, 3)}
        return publish(fan, manifest, request.signing_key, commands)
    finally:
        fan.abort()


def _seal(commands: Commands, pieces: t.Iterator[bytes], sink: Sink, recipients: t.Sequence[str]) -> None:
    """Give the stored bytes to `sink`: the pieces, encrypted where there are recipients."""
    if not recipients:
        for piece in pieces:
            sink(piece)
        return
    feeder = Feeder(pieces)
    try:
        encrypt(commands, feeder.source, sink, recipients)
    except WebopsError:
        feeder.give_up()
        raise
    feeder.finish()  # raises what was wrong with the pieces


def _manifest(request: ConfigRequest, content: Content, backup_id: str) -> dict[str, t.Any]:
    """Everything but what is known at the end."""
    salt = new_salt()
    name = naming.CONFIGURATION_ARCHIVE + (".age" if request.recipients else "")
    return {
        "format": FORMAT,
        "kind": naming.CONFIGURATION,
        "id": backup_id,
        "portal": request.portal,
        "name": request.name,
        "host": os.uname().nodename,
        "at": iso_exact(content.at),
        "archive": {
            "name": name,
            "format": "tar",
            "encrypted": bool(request.recipients),
            "recipients": list(request.recipients),
            "compression": "none",
        },
        "content": {"salt": salt, "mark": mark_of(content.entries, salt), "files": content.files, "bytes": content.bytes},
        "destinations": [store.url for store in request.stores],
        "warnings": content.warnings,
        "restore_by_hand": restore_by_hand(name),
    }


def restore_by_hand(archive: str) -> list[str]:
    """What a person types next to the downloaded archive; KEYFILE holds the secret key."""
    sealed = archive.endswith(".age")
    unpack = "tar --extract --preserve-permissions --directory configuration"
    return [
        "mkdir configuration",
        f"age --decrypt --identity KEYFILE {archive} | {unpack}" if sealed else f"{unpack} --file {archive}",
        "(cd configuration && sha256sum --check --quiet SHA256SUMS)",
    ]
