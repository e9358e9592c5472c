# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of backups and of the objects that make them up.

<portal>/backups/20261121T223000Z-1a2b3c/database.dump.age     the archive (without .age where it is not encrypted)
<portal>/backups/20261121T223000Z-1a2b3c/database.tar.age      the same in pg_dump's directory format
<portal>/backups/20261121T223000Z-1a2b3c/globals.sql.age       roles and other globals, where they were asked for
<portal>/backups/20261121T223000Z-1a2b3c/manifest.json.sig     where there is a key: the manifest's signature, by ssh-keygen
<portal>/backups/20261121T223000Z-1a2b3c/manifest.json         written last: from here on there is a backup
<portal>/backups/20261121T223000Z-1a2b3c/proof-20261122T030000Z-4d5e6f.json    each time it was restored and compared

Backups of other kinds lie beside them, with objects of the same names but for the archive:

<portal>/configuration/20261121T223000Z-1a2b3c/configuration.tar.age
<portal>/objects/20261121T223000Z-1a2b3c/listing.jsonl.gz.age  of a bucket: what was in it
<portal>/objects/20261121T223000Z-1a2b3c/index.jsonl.gz        what the next backup of the bucket must know
<portal>/objects/20261121T223000Z-1a2b3c/claim.json            while it is made: its contents must not be removed
<portal>/contents/20261121T223000Z-1a2b3c/000001.age           what objects of buckets hold, for all snapshots that need it
"""

from __future__ import annotations

import datetime
import re
import secrets
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
ARCHIVE = "database.dump"
TAR = "database.tar"
GLOBALS = "globals.sql"
CONFIGURATION_ARCHIVE = "configuration.tar"

DATABASE, CONFIGURATION, OBJECTS = "database", "configuration", "objects"
KINDS = {DATABASE: "backups", CONFIGURATION: "configuration", OBJECTS: "objects"}  # kind -> folder below the portal
LISTING = "listing.jsonl.gz"
INDEX = "index.jsonl.gz"
CLAIM = "claim.json"
_PARTS = (ARCHIVE, TAR, GLOBALS, CONFIGURATION_ARCHIVE, LISTING, INDEX, CLAIM)

_PORTAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}(?:[0-9a-f]{4})?")  # the first versions wrote six digits
_STAMP = "%Y%m%dT%H%M%SZ"


def new_id(moment: datetime.datetime) -> str:
    """The moment in UTC to 1/65536 of a second, so that ids sort by age, and enough randomness for two runs at once."""
    fraction = moment.microsecond * 65_536 // 1_000_000
    return f"{moment.astimezone(datetime.timezone.utc).strftime(_STAMP)}-{fraction:04x}{secrets.token_hex(3)}"


def is_id(text: str) -> bool:
    if not _ID.fullmatch(text):
        return False
    try:
        moment_of(text)
    except ValueError:  # the 31st of June
        return False
    return True


def moment_of(backup_id: str) -> datetime.datetime:
    """When the host that made it says it was begun."""
    return datetime.datetime.strptime(backup_id.partition("-")[0], _STAMP).replace(tzinfo=datetime.timezone.utc)


def bucket_name(url: str) -> str:
    """What a bucket is called where nothing else was said: the last part of its URL."""
    parts = urllib.parse.urlsplit(url)
    last = parts.path.rstrip("/").rpartition("/")[2] or parts.netloc
    return re.sub(r"[^A-Za-z0-9_-]", "-", urllib.parse.unquote(last))


def check_portal(portal: str) -> str:
    """The portal's name, or InputError when it cannot be one."""
    if not _PORTAL.fullmatch(portal):
        raise InputError(f"portal '{portal}' is not a name.", hint="Use letters, digits, '-' and '_', at most 63 of them.")
    return portal


def folder(portal: str, backup_id: str = "", kind: str = DATABASE) -> str:
    """The prefix of all backups of a portal that are of one kind, or of one backup."""
    return f"{portal}/{KINDS[kind]}/" + (f"{backup_id}/" if backup_id else "")


def kind_of(manifest: t.Mapping[str, t.Any]) -> str:
    """What it is a backup of; the first versions knew databases only, and did not say so."""
    return str(manifest.get("kind", DATABASE))


def folder_of(manifest: t.Mapping[str, t.Any]) -> str:
    """Where the backup lies that this manifest describes."""
    return folder(manifest["portal"], manifest["id"], kind_of(manifest))


def contents_folder(portal: str) -> str:
    """The prefix of what objects of buckets hold; the names of contents follow."""
    return f"{portal}/contents/"


def archive_name(*, encrypted: bool, directory: bool = False) -> str:
    """Of the dump: one file in pg_dump's custom format, or a tar of its directory format."""
    return (TAR if directory else ARCHIVE) + (".age" if encrypted else "")


def globals_name(*, encrypted: bool) -> str:
    return GLOBALS + (".age" if encrypted else "")


def proof_name(moment: datetime.datetime) -> str:
    return f"proof-{new_id(moment)}.json"


def is_proof(name: str) -> bool:
    return name.startswith("proof-") and name.endswith(".json") and is_id(name[len("proof-") : -len(".json")])


def is_ours(name: str) -> bool:
    """Whether this collection writes objects of that name into the folder of a backup."""
    plain = name[: -len(".age")] if name.endswith(".age") else name
    return plain in _PARTS or name in (MANIFEST, SIGNATURE) or is_proof(name)
