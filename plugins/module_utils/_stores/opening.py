# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a store's URL and options to the store."""

from __future__ import annotations

import re
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.file import FileStore
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store
from ansible_collections.holdfast.webops.plugins.module_utils._stores.keys import check_key
from ansible_collections.holdfast.webops.plugins.module_utils._stores.s3 import S3Options, S3Store

KNOWN = "file:///absolute/path or s3://bucket/prefix"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def open_store(url: str, options: t.Mapping[str, t.Any] | None = None) -> Store:
    """The store that `url` names. `options` are the module option `store_options`; nothing is contacted yet.

    Raises InputError when the URL or the options make no sense together.
    """
    given = {name: value for name, value in (options or {}).items() if value not in (None, False, "")}
    parts = urllib.parse.urlsplit(url)
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise InputError(
            "A store's URL holds no user, password, '?' or '#'.", hint="Credentials go into access_key_id and secret_access_key."
        )
    if parts.scheme == "file":
        return _file_store(url, parts, given)
    if parts.scheme == "s3":
        return _s3_store(url, parts, given)
    raise InputError(f"'{url}' is not the URL of a store that this collection knows.", hint=f"Write {KNOWN}.")


def _file_store(url: str, parts: urllib.parse.SplitResult, given: t.Mapping[str, t.Any]) -> FileStore:
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        raise InputError(f"'{url}' does not name an absolute path.", hint="Write three slashes: file:///srv/backups.")
    if given:
        raise InputError(
            f"The store '{url}' is a directory; it takes no {', '.join(sorted(given))}.", hint="Leave them out, or name an s3:// store."
        )
    return FileStore(urllib.parse.unquote(parts.path))


def _s3_store(url: str, parts: urllib.parse.SplitResult, given: t.Mapping[str, t.Any]) -> S3Store:
    if not _BUCKET.fullmatch(parts.netloc):
        raise InputError(
            f"'{parts.netloc}' in '{url}' is not the name of a bucket.", hint="3 to 63 lower-case letters, digits, dots and hyphens."
        )
    unknown = sorted(set(given) - set(S3Options._fields))
    if unknown:
        raise InputError(f"Unknown store option {', '.join(unknown)}.", hint=f"Allowed: {', '.join(S3Options._fields)}.")
    if ("access_key_id" in given) != ("secret_access_key" in given):
        raise InputError(
            "access_key_id and secret_access_key are given both or not at all.", hint="Without them the AWS environment is used."
        )
    endpoint = str(given.get("endpoint", ""))
    if endpoint.startswith("http://") and not given.get("allow_http"):
        raise InputError(
            f"The endpoint '{endpoint}' is not encrypted.", hint="Use https://, or set allow_http to true for a server on this host."
        )
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise InputError(f"The endpoint '{endpoint}' is not a URL.", hint="Write it as https://host or http://host:port.")
    prefix = parts.path.strip("/")
    return S3Store(parts.netloc, check_key(prefix) if prefix else "", S3Options(**given))
