# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a snapshot of a bucket is shown in a result: the same keys in every module, null where there is nothing."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup

PROOF = ("id", "at", "equal", "objects", "bytes", "target", "duration_s")


def described(backup: Backup) -> dict[str, t.Any]:
    """The documented value `backup`. Plain data; sizes in bytes, durations in seconds."""
    manifest = backup.manifest
    content = manifest.get("content", {})
    counts = ("objects", "bytes", "contents", "stored_bytes", "new_contents", "new_bytes")
    return {
        "id": manifest["id"],
        "portal": manifest["portal"],
        "name": manifest.get("name"),
        "state": backup.state,
        "at": manifest["at"],
        "source": manifest.get("source"),
        **{name: content.get(name) for name in counts},
        "encrypted": manifest.get("encrypted"),
        "duration_s": manifest.get("durations", {}).get("total"),
        "copies": [{"store": copy.store.url, "damage": copy.damage or None} for copy in backup.copies],
        "missing": list(backup.missing),
        "restore_by_hand": manifest.get("restore_by_hand", []),
        "proof": described_proof(backup.proof),
    }


def described_proof(proof: t.Mapping[str, t.Any] | None) -> dict[str, t.Any] | None:
    """The documented value `proof`."""
    return None if proof is None else {name: proof.get(name) for name in PROOF}
