# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a backup of any kind: its signature, and then the manifest, with which it exists."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import FanOut
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import canonical, parts_of
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import SigningKey, sign
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands


@dataclasses.dataclass(frozen=True)
class Written:
    """A new backup: its manifest as written, what each destination that failed said, and what went wrong after it existed."""

    manifest: dict[str, t.Any]
    failures: dict[str, str]
    warnings: list[str]


def publish(fan: FanOut, manifest: dict[str, t.Any], key: SigningKey | None, commands: Commands) -> Written:
    """The objects that the manifest describes are in the stores; after this they are a backup."""
    content, folder = canonical(manifest), naming.folder_of(manifest)
    keys = [folder + part["name"] for part in parts_of(manifest)] + [folder + naming.MANIFEST]
    if key is not None:
        keys.append(folder + naming.SIGNATURE)
        fan.add(keys[-1], sign(commands, content, key))
    fan.publish(folder + naming.MANIFEST, content)
    warnings = fan.protect(keys)
    return Written(manifest, {one.store.url: one.error for one in fan.destinations if one.error}, warnings)
