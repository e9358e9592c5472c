# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manifest: what makes a set of objects a backup. JSON with sorted keys, so that equal content is equal bytes.

docs/manifest.md describes every key, as a JSON Schema that the tests hold against what is written.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.naming import CONFIGURATION, DATABASE, OBJECTS, TAR, kind_of
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError

FORMAT = 1
FOLDER = "database"  # where a person unpacks a tar

# What must be there for the modules to work with it.
_NEEDED_BY_ALL: dict[str, t.Any] = {
    "at": str,
    "destinations": list,
    "durations": dict,
    "finished_at": str,
    "format": int,
    "id": str,
    "portal": str,
    "restore_by_hand": list,
    "warnings": list,
}
_PART: dict[str, t.Any] = {"name": str, "size": int, "sha256": str}
_ARCHIVE: dict[str, t.Any] = {**_PART, "encrypted": bool}
_NEEDED_BY_KIND: dict[str, dict[str, t.Any]] = {
    DATABASE: {
        "archive": _ARCHIVE,
        "client": {"version": str, "major": int},
        "database": {"name": str, "owner": str, "encoding": str, "collation": str, "character_type": str, "size": int},
        "extensions": dict,
        "fingerprint": {"level": str, "tables": dict, "sequences": dict},
        "owners": list,
        "roles": list,
        "schema": {"sha256": str},
        "scope": {"schema_only": bool},
        "server": {"version": str, "major": int},
    },
    CONFIGURATION: {
        "archive": {**_ARCHIVE, "recipients": list},
        "content": {"salt": str, "mark": str, "files": int, "bytes": int},
        "host": str,
        "name": str,
    },
    OBJECTS: {
        "content": {"objects": int, "bytes": int, "contents": int, "stored_bytes": int, "new_contents": int, "new_bytes": int},
        "encrypted": bool,
        "index": _PART,
        "listing": _PART,
        "name": str,
        "recipients": list,
        "source": str,
    },
}


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
    kind = kind_of(plain)
    if kind not in _NEEDED_BY_KIND:
        raise WebopsError(f"{where} describes a backup of '{kind}', which this version does not know.", hint="Use a newer version.")
    wrong = _missing(plain, {**_NEEDED_BY_ALL, **_NEEDED_BY_KIND[kind]})
    if wrong:
        raise WebopsError(f"{where} is not a whole manifest: it lacks {', '.join(wrong)}.")
    try:
        parse_iso(plain["at"])
    except InputError as exc:
        raise WebopsError(f"{where} is not a whole manifest: 'at' is no time.") from exc
    return plain


def _missing(plain: t.Mapping[str, t.Any], needed: t.Mapping[str, t.Any], path: str = "") -> list[str]:
    """Names of what is not there, or is something else than it must be."""
    wrong: list[str] = []
    for name, kind in needed.items():
        value = plain.get(name)
        if isinstance(kind, dict) and isinstance(value, dict):
            wrong += _missing(value, kind, f"{path}{name}.")
        elif not isinstance(value, dict if isinstance(kind, dict) else kind):
            wrong.append(f"{path}{name}")
    return wrong


def parts_of(manifest: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """The objects that make up a backup beside its manifest, each with name, size (bytes) and sha256. Empty for an unreadable one."""
    return [part for part in map(manifest.get, ("archive", "globals", "listing", "index")) if part]


def restore_by_hand(archive: str) -> list[str]:
    """What a person types next to the downloaded archive; KEYFILE holds the secret key, NEWDB is the database to make."""
    plain = archive[: -len(".age")] if archive.endswith(".age") else archive
    lines = [f"age --decrypt --identity KEYFILE --output {plain} {archive}"] if archive != plain else []
    if plain == TAR:
        lines += [f"mkdir {FOLDER}", f"tar --extract --file {plain} --directory {FOLDER}"]
    lines.append("createdb --template=template0 NEWDB")
    return [*lines, f"pg_restore --exit-on-error --dbname=NEWDB {FOLDER if plain == TAR else plain}"]
