# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module options that name a store; documented in doc_fragments/store.py."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store

_ACCESS: dict[str, t.Any] = {
    "endpoint": {"type": "str"},
    "region": {"type": "str"},
    "access_key_id": {"type": "str", "no_log": False},
    "secret_access_key": {"type": "str", "no_log": True},
    "session_token": {"type": "str", "no_log": True},
    "account": {"type": "str"},
    "account_key": {"type": "str", "no_log": True},
    "sas_token": {"type": "str", "no_log": True},
    "service_account_file": {"type": "path"},
    "service_account_key": {"type": "str", "no_log": True},
    "token": {"type": "str", "no_log": True},
    "allow_http": {"type": "bool", "default": False},
    "storage_class": {"type": "str"},
    "server_side_encryption": {"type": "str", "choices": ["AES256", "aws:kms", "aws:kms:dsse"]},
    "kms_key_id": {"type": "str", "no_log": False},
    "lock_days": {"type": "int"},
    "lock_mode": {"type": "str", "choices": ["governance", "compliance"]},
}


# How a store keeps what this collection writes; a bucket keeps its objects as its owner said.
_OF_STORES = frozenset(["storage_class", "server_side_encryption", "kms_key_id", "lock_days", "lock_mode"])


def store_arguments(*, required: bool = True) -> dict[str, t.Any]:
    """`store` and `store_options`."""
    return {"store": {"type": "str", "required": required}, "store_options": {"type": "dict", "options": _ACCESS}}


def other_ledgers() -> dict[str, t.Any]:
    """`others`: ledgers of other environments, each with its store."""
    entry = {"environment": {"type": "str", "required": True}, "portal": {"type": "str"}, **store_arguments()}
    return {"others": {"type": "list", "elements": "dict", "options": entry}}


def destination_arguments() -> dict[str, t.Any]:
    """`destinations`: a list of stores, each with its options beside it."""
    entry = {"store": {"type": "str", "required": True}, **_ACCESS}
    return {"destinations": {"type": "list", "elements": "dict", "required": True, "options": entry}}


def bucket_arguments(name: str, *, required: bool) -> dict[str, t.Any]:
    """An option that is a bucket with its access options: what is copied from or to."""
    access = {option: how for option, how in _ACCESS.items() if option not in _OF_STORES}
    entry = {"store": {"type": "str", "required": True}, **access}
    return {name: {"type": "dict", "required": required, "options": entry}}


def open_destinations(destinations: t.Sequence[t.Mapping[str, t.Any]]) -> list[Store]:
    """The stores of the option `destinations`, in its order."""
    # Imported here: who only documents or checks these options needs no store.
    from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store

    return [open_store(entry["store"], {name: value for name, value in entry.items() if name != "store"}) for entry in destinations]
