# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which version of this collection runs, for reports. Ansible itself tells only programs of its own."""

from __future__ import annotations

import pathlib
import typing as t

import yaml

UNKNOWN = "unknown"
ROOT = pathlib.Path(__file__).resolve().parents[2]


def collection_version(root: pathlib.Path = ROOT) -> str:
    """As its manifest says, which ansible-galaxy has installed, else as a checkout will be built."""
    manifest = _read(root / "MANIFEST.json").get("collection_info") or {}
    return str(manifest.get("version") or _read(root / "galaxy.yml").get("version") or UNKNOWN)


def _read(path: pathlib.Path) -> dict[str, t.Any]:
    """The mapping in a file of YAML, of which JSON is a part; {} when it is not there."""
    try:
        return t.cast("dict[str, t.Any]", yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except FileNotFoundError:
        return {}
