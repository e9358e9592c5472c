# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a manifest says, from what was found and done; see manifest.py for the schema."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import tool_version
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import FanOut
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import FORMAT, restore_by_hand
from ansible_collections.holdfast.webops.plugins.module_utils._backup.producing import Source
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.facts import DatabaseFacts
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.fingerprint import Fingerprint


@dataclasses.dataclass(frozen=True)
class Marks:
    """What was noted of the source from the snapshot of the dump. `schema` is a SHA-256, `globals` describes the stored object."""

    facts: DatabaseFacts
    fingerprint: Fingerprint
    schema: str
    warnings: list[str]
    globals: dict[str, t.Any] | None


def manifest_of(source: Source, portal: str, backup_id: str, marks: Marks, fan: FanOut) -> dict[str, t.Any]:
    """Everything but the times of the end."""
    facts = marks.facts
    return {
        "format": FORMAT,
        "id": backup_id,
        "portal": portal,
        "at": iso(facts.at.astimezone(datetime.timezone.utc)),
        "archive": _archive(source, fan),
        "globals": marks.globals,
        "database": _database(facts),
        "server": {
            "version": facts.server_version,
            "major": facts.server_major,
            "lsn": facts.lsn,
            "standby": facts.standby,
            "collations": facts.collations,
        },
        "client": {"version": source.client.version, "major": source.client.major},
        "tools": {"pg_dump": source.client.version, "age": tool_version(source.commands) if source.recipients else None},
        "extensions": facts.extensions,
        "roles": list(facts.roles),
        "owners": list(facts.owners),
        "scope": source.plan.scope.as_plain(),
        "fingerprint": marks.fingerprint.as_plain(),
        "schema": {"sha256": marks.schema},
        "destinations": [destination.store.url for destination in fan.destinations],
        "warnings": [*marks.warnings, *fan.warnings],
        "restore_by_hand": restore_by_hand(archive_name(source)),
    }


def archive_name(source: Source) -> str:
    return naming.archive_name(encrypted=bool(source.recipients), directory=source.plan.directory)


def _archive(source: Source, fan: FanOut) -> dict[str, t.Any]:
    return {
        "name": archive_name(source),
        "format": "directory" if source.plan.directory else "custom",
        "size": fan.size,
        "sha256": fan.sha256,
        "encrypted": bool(source.recipients),
        "recipients": list(source.recipients),
        "compression": source.plan.compression,
    }


def _database(facts: DatabaseFacts) -> dict[str, t.Any]:
    return {
        "name": facts.name,
        "owner": facts.owner,
        "encoding": facts.encoding,
        "collation": facts.collation,
        "character_type": facts.character_type,
        "collation_version": facts.collation_version,
        "size": facts.size,
    }
