"""A manifest for tests."""

from __future__ import annotations

import hashlib
import typing as t


def some_manifest(backup_id: str) -> dict[str, t.Any]:
    """Of an unencrypted backup of portal `shop` whose archive is the bytes `archive`."""
    return {
        "format": 1,
        "id": backup_id,
        "portal": "shop",
        "at": "2026-11-21T22:30:01Z",
        "finished_at": "2026-11-21T22:30:05Z",
        "archive": described(b"archive"),
        "database": {"name": "shop", "owner": "app", "encoding": "UTF8", "collation": "C", "character_type": "C", "size": 8_000_000},
        "server": {"version": "17.10", "major": 17, "lsn": "0/1", "standby": False},
        "client": {"version": "17.10", "major": 17},
        "extensions": {"pgcrypto": "1.3"},
        "roles": ["app"],
        "owners": ["app"],
        "scope": {"schema_only": False, "excluded": [], "tables": [], "excluded_tables": []},
        "fingerprint": {"level": "none", "tables": {}, "sequences": {}, "large_objects": 0, "large_objects_hash": None},
        "schema": {"sha256": ""},
        "destinations": ["memory://one"],
        "durations": {"total": 4.0},
        "warnings": [],
        "restore_by_hand": [],
    }


def described(archive: bytes) -> dict[str, t.Any]:
    """What a manifest says of an unencrypted archive."""
    digest = hashlib.sha256(archive).hexdigest()
    return {"name": "database.dump", "format": "custom", "size": len(archive), "sha256": digest, "encrypted": False}
