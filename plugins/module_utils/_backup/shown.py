# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a backup is shown in a result: the same keys in every module, null where there is nothing."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup


def described(backup: Backup) -> dict[str, t.Any]:
    """The documented value `backup`. Plain data; sizes in bytes, durations in seconds."""
    return {
        **described_manifest(backup.manifest),
        "state": backup.state,
        "copies": [{"store": copy.store.url, "damage": copy.damage or None} for copy in backup.copies],
        "missing": list(backup.missing),
        "proof": described_proof(backup.proof),
    }


def described_manifest(manifest: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The same keys of a backup that lies in no store, for what its manifest alone tells."""
    archive, marks = manifest.get("archive", {}), manifest.get("fingerprint", {})
    return {
        "id": manifest["id"],
        "portal": manifest["portal"],
        "state": None,
        "at": manifest["at"],
        "database": manifest.get("database", {}).get("name"),
        "server_version": manifest.get("server", {}).get("version"),
        "size": archive.get("size"),
        "sha256": archive.get("sha256"),
        "encrypted": archive.get("encrypted"),
        "fingerprint": marks.get("level"),
        "tables": len(marks["tables"]) if marks else None,
        "rows": sum(mark["rows"] for mark in marks["tables"].values()) if marks else None,
        "duration_s": manifest.get("durations", {}).get("total"),
        "copies": [],
        "missing": [],
        "restore_by_hand": manifest.get("restore_by_hand", []),
        "proof": None,
    }


def described_proof(proof: t.Mapping[str, t.Any] | None) -> dict[str, t.Any] | None:
    """The documented value `proof`, without its long list of comparisons."""
    shown = ("id", "at", "equal", "level", "tables", "rows", "bytes", "duration_s")
    return None if proof is None else {name: proof.get(name) for name in shown}
