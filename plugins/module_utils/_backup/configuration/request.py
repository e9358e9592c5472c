# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task asks of config_backup, checked before anything is touched."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.checking import check_positive
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.entries import (
    INVENTORIES,
    SECRETS,
    SETTINGS,
    Entry,
    document,
)
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.git_place import GitPlace, read_place
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_recipients
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import Pace
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import SigningKey, signing_key
from ansible_collections.holdfast.webops.plugins.module_utils._backup.surveying import distinct_stores
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


@dataclasses.dataclass(frozen=True)
class ConfigRequest:
    """What a task asks for, checked. `inventories` maps places in the archive to paths, `documents` are settings and secrets.

    `max_age` and `wait_timeout` in seconds; `recipients` is empty without encryption.
    """

    portal: str
    name: str
    paths: tuple[str, ...]
    exclude: tuple[str, ...]
    inventories: dict[str, str]
    documents: tuple[Entry, ...]
    git: GitPlace | None
    stores: tuple[Store, ...]
    require: str
    recipients: tuple[str, ...]
    signing_key: SigningKey | None
    max_age: float | None
    wait_timeout: float
    scratch_dir: str | None

    @property
    def title(self) -> str:
        return f"Configuration of {self.portal} ({self.name})"

    @property
    def pace(self) -> Pace:
        """A configuration is small: who is behind needs no file on the disk."""
        return Pace(stall_timeout=min(Pace().stall_timeout, self.wait_timeout))


def read_request(params: t.Mapping[str, t.Any], commands: Commands) -> ConfigRequest:
    """Check every option; InputError before anything is touched."""
    stores = distinct_stores(params["destinations"] or [])
    secrets = _dictionary(params["secrets"])
    _check_places({**params, "secrets": secrets}, stores)
    check_positive(params, "max_age", "wait_timeout")
    return ConfigRequest(
        portal=naming.check_portal(params["portal"]),
        name=check_name(params["name"]),
        paths=tuple(_absolute(path, "paths") for path in params["paths"]),
        exclude=tuple(params["exclude"]),
        inventories=_inventories(params["inventories"]),
        documents=(*_documents(SETTINGS, params["settings"]), *_documents(SECRETS, secrets)),
        git=read_place(params["git"]) if params["git"] else None,
        stores=stores,
        require=params["require"],
        recipients=check_recipients(params["recipients"], params["encryption"]) if stores else (),
        signing_key=signing_key(commands, params) if stores else None,
        max_age=params["max_age"],
        wait_timeout=params["wait_timeout"],
        scratch_dir=params["scratch_dir"],
    )


def check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(f"name '{name}' is not a name.", hint="Use letters, digits, '.', '-' and '_', at most 63 of them.")
    return name


def _check_places(params: t.Mapping[str, t.Any], stores: t.Sequence[Store]) -> None:
    if not any(params[name] for name in ("paths", "inventories", "settings", "secrets")):
        raise InputError("There is nothing to keep.", hint="Name paths or inventories, or hand in settings or secrets.")
    if not stores and not params["git"]:
        raise InputError("There is no place to keep it in.", hint="Name stores in destinations, or a repository in git.")
    if params["secrets"] and not stores:
        raise InputError("secrets are given without destinations; they never go to git.", hint="Name a store in destinations.")
    if params["secrets"] and params["encryption"] == "none":
        raise InputError("secrets are given, and encryption is none.", hint="Name recipients, or leave the secrets out.")


def _absolute(path: str, option: str) -> str:
    if not os.path.isabs(path):
        raise InputError(f"'{path}' in {option} is not an absolute path.", hint="Begin it with a slash.")
    return path


def _inventories(paths: t.Sequence[str]) -> dict[str, str]:
    """Each under the name of its folder; a link to one is followed, as Ansible does."""
    found: dict[str, str] = {}
    for path in paths:
        real = os.path.realpath(_absolute(path, "inventories"))
        place = f"{INVENTORIES}/{os.path.basename(os.path.normpath(path))}"
        if not os.path.exists(real):
            raise InputError(f"inventories names '{path}', which is not there.", hint="Name a folder or a file on the host of the task.")
        if found.setdefault(place, real) != real:
            raise InputError(f"inventories names two of the name '{os.path.basename(place)}'.", hint="Keep one of them under another name.")
    return found


def _dictionary(text: str | None) -> dict[str, t.Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None  # what is wrong with it would be told with some of it
    if not isinstance(found, dict):
        raise InputError("secrets is no dictionary.", hint="Write names, and data for each.")
    return found


def _documents(option: str, given: t.Mapping[str, t.Any]) -> list[Entry]:
    for name in given:
        if not _NAME.fullmatch(name):
            raise InputError(f"{option} has an entry '{name}', which is no name of a file.", hint="Use letters, digits, '.', '-' and '_'.")
    return [document(option, name, data) for name, data in sorted(given.items())]
