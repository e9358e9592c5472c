# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kinds storage, backup, backup_policies and rehearsal: the store, and what must be in it. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError


@dataclasses.dataclass(frozen=True)
class StorageTarget:
    """A store that must take, give and forget an object. `options` are those of the option store_options."""

    url: str
    options: t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class BackupTarget:
    """A portal's backups in one store; how old they may be is said by thresholds."""

    url: str
    options: t.Mapping[str, t.Any]
    portal: str
    require_proof: bool


@dataclasses.dataclass(frozen=True)
class PoliciesTarget:
    """The ledger of a portal, and the limits that its backups are held against."""

    url: str
    options: t.Mapping[str, t.Any]
    portal: str
    policies: t.Tuple[t.Mapping[str, t.Any], ...]


@dataclasses.dataclass(frozen=True)
class RehearsalTarget:
    """The ledger of a portal, in which a good rehearsal must stand; how old it may be is said by thresholds."""

    url: str
    options: t.Mapping[str, t.Any]
    portal: str


def read_storage(options: t.Mapping[str, t.Any]) -> StorageTarget:
    return StorageTarget(options["store"], options["store_options"] or {})


def read_backup(options: t.Mapping[str, t.Any]) -> BackupTarget:
    """InputError for thresholds that ask for the age of what is not wanted."""
    name, portal = options["name"], options["portal"].strip()
    require_proof = options["require_proof"] is not False
    if not portal:
        raise InputError(f"The portal of the check '{name}' is empty.", hint="Give the name under which backups are made.")
    if not require_proof and "proven_hours" in (options["thresholds"] or {}):
        raise InputError(
            f"The check '{name}' limits the age of proofs, but requires none.", hint="Remove require_proof: false, or the threshold."
        )
    return BackupTarget(options["store"], options["store_options"] or {}, portal, require_proof)


def read_policies(options: t.Mapping[str, t.Any]) -> PoliciesTarget:
    """InputError where there is nothing to judge."""
    if not options["policies"]:
        raise InputError(f"The check '{options['name']}' names no policies.", hint="Give them as backup_status takes them.")
    return PoliciesTarget(options["store"], options["store_options"] or {}, options["portal"].strip(), tuple(options["policies"]))


def read_rehearsal(options: t.Mapping[str, t.Any]) -> RehearsalTarget:
    return RehearsalTarget(options["store"], options["store_options"] or {}, options["portal"].strip())
