# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets do not belong into a ledger that nobody may edit. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import MASK, Redactor, derived_secrets

# Narrower than the names of options: 'key' and 'passed' are innocent words in a ledger.
_SECRET_NAME = re.compile(
    r"(^|_)(password|passwd|passphrase|secret|token|credentials?|authorization|cookie|(api|access|private|secret)_?key|service_role)(_|$)|^identity$",
    re.IGNORECASE,
)
_INNOCENT_ENDING = re.compile(r"_(file|path|name|id|count)$", re.IGNORECASE)


def is_secret_key(name: str) -> bool:
    """Whether a value under this name is taken for a secret."""
    return bool(_SECRET_NAME.search(name)) and not _INNOCENT_ENDING.search(name)


def mask_data(value: t.Any, place: str, found: list[tuple[str, str]]) -> t.Any:
    """The same data with secrets replaced; `found` gets (place, secret) of each."""
    if isinstance(value, dict):
        return {key: _mask_item(str(key), inner, f"{place}.{key}", found) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask_data(inner, f"{place}[{number}]", found) for number, inner in enumerate(value)]
    if isinstance(value, str):
        secrets = derived_secrets(value)
        found.extend((place, secret) for secret in sorted(secrets))
        return Redactor(secrets)(value)
    return value


def _mask_item(key: str, value: t.Any, place: str, found: list[tuple[str, str]]) -> t.Any:
    if isinstance(value, str) and value and value != MASK and is_secret_key(key):
        found.append((place, value))
        return MASK
    return mask_data(value, place, found)
