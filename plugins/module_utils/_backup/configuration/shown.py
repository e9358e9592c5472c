# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A backup of a configuration as return values show it."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup


def described_configuration(backup: Backup) -> dict[str, t.Any]:
    """The documented value `backup`. Plain data; sizes in bytes, durations in seconds. Null what a damaged manifest does not tell."""
    manifest = backup.manifest
    archive, content = manifest.get("archive", {}), manifest.get("content", {})
    return {
        "id": manifest["id"],
        "portal": manifest["portal"],
        "name": manifest.get("name"),
        "state": backup.state,
        "at": manifest["at"],
        "host": manifest.get("host"),
        "files": content.get("files"),
        "bytes": content.get("bytes"),
        "size": archive.get("size"),
        "sha256": archive.get("sha256"),
        "encrypted": archive.get("encrypted"),
        "duration_s": manifest.get("durations", {}).get("total"),
        "copies": [{"store": copy.store.url, "damage": copy.damage or None} for copy in backup.copies],
        "missing": list(backup.missing),
        "restore_by_hand": manifest.get("restore_by_hand", []),
    }
