# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manifest: what makes a set of objects a backup. JSON with sorted keys, so that equal content is equal bytes.

Schema of format 1 (sizes in bytes, times ISO 8601 UTC, durations in seconds):

    format            1
    id, portal        name of the backup and of its portal
    at                moment of the snapshot: the recovery point
    finished_at       moment when the archive was complete everywhere
    archive           name, size, sha256 (of the stored bytes), encrypted, recipients (public keys), compression
    database          name, owner, encoding, collation, character_type, size
    server            version, major, lsn, standby (whether the source was one)
    client            version, major (of pg_dump)
    extensions        name -> version
    roles, owners     roles that own or may use something in it; those that own something
    scope             schema_only, excluded (tables whose rows are not in it)
    fingerprint       level, tables, sequences, large_objects (see _postgres/fingerprint.py)
    schema            sha256 of the schema's statements
    destinations      URLs of the stores that it was to be written to
    durations         archive (dump, encryption and upload), total
    warnings          what pg_dump said though it ended well
    restore_by_hand   command lines, in order, for a person with standard tools and the secret key
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.naming import ARCHIVE
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError

FORMAT = 1
_NEEDED = frozenset(
    [
        "archive",
        "at",
        "client",
        "database",
        "destinations",
        "durations",
        "extensions",
        "fingerprint",
        "finished_at",
        "format",
        "id",
        "portal",
        "restore_by_hand",
        "owners",
        "roles",
        "schema",
        "scope",
        "server",
        "warnings",
    ]
)


def canonical(plain: t.Mapping[str, t.Any]) -> bytes:
    """JSON with sorted keys and no blanks, UTF-8, one newline at the end."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def parse_manifest(content: bytes, where: str) -> dict[str, t.Any]:
    """The manifest in these bytes. WebopsError naming `where` when it is damaged or of a newer format."""
    try:
        plain = json.loads(content)
    except ValueError as exc:
        raise WebopsError(f"{where} is not a manifest: it is no JSON.") from exc
    if not isinstance(plain, dict) or "format" not in plain:
        raise WebopsError(f"{where} is not a manifest: it names no format.")
    if plain["format"] != FORMAT:
        raise WebopsError(
            f"{where} has format {plain['format']}; this version reads {FORMAT}.", hint="Use the collection that wrote it, or a newer one."
        )
    missing = sorted(_NEEDED - set(plain))
    if missing:
        raise WebopsError(f"{where} is not a whole manifest: it lacks {', '.join(missing)}.")
    return plain


def restore_by_hand(archive: str) -> list[str]:
    """What a person types next to the downloaded archive; KEYFILE holds the secret key, NEWDB is the database to make."""
    restore = ["createdb --template=template0 NEWDB", f"pg_restore --exit-on-error --dbname=NEWDB {ARCHIVE}"]
    if archive == ARCHIVE:
        return restore
    return [f"age --decrypt --identity KEYFILE --output {ARCHIVE} {archive}", *restore]
