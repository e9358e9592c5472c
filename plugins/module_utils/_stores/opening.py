# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a store's URL and options to the store."""

from __future__ import annotations

import os
import re
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.azure import AzureOptions, AzureStore
from ansible_collections.holdfast.webops.plugins.module_utils._stores.bucket_azure import AzureBucket
from ansible_collections.holdfast.webops.plugins.module_utils._stores.bucket_file import FileBucket
from ansible_collections.holdfast.webops.plugins.module_utils._stores.bucket_gcs import GcsBucket
from ansible_collections.holdfast.webops.plugins.module_utils._stores.bucket_s3 import S3Bucket
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Bucket
from ansible_collections.holdfast.webops.plugins.module_utils._stores.file import FileStore
from ansible_collections.holdfast.webops.plugins.module_utils._stores.gcs import GcsOptions, GcsStore
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store
from ansible_collections.holdfast.webops.plugins.module_utils._stores.keys import check_key
from ansible_collections.holdfast.webops.plugins.module_utils._stores.s3 import S3Options, S3Store
from ansible_collections.holdfast.webops.plugins.module_utils._stores.vercel_blob import VercelBlobOptions, VercelBlobStore

Given = t.Mapping[str, t.Any]

KNOWN = "file:///absolute/path, s3://bucket/prefix, az://container/prefix, gs://bucket/prefix"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_CONTAINER = re.compile(r"[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]")
_BLOB_STORE = re.compile(r"(store_)?[A-Za-z0-9]{1,64}")
_BLOB_TOKEN = re.compile(r"vercel_blob_rw_([A-Za-z0-9]+)_[A-Za-z0-9]+")
_GOOGLE_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")


def open_store(url: str, options: Given | None = None) -> Store:
    """The store that `url` names. `options` are the module option `store_options`; nothing is contacted yet.

    Raises InputError when the URL or the options make no sense together.
    """
    parts, given = _checked(url, options)
    opener = _OPENERS.get(parts.scheme)
    if opener is None:
        raise InputError(
            f"'{url}' is not the URL of a store that this collection knows.", hint=f"Write one of {KNOWN}, vercel-blob://store/prefix."
        )
    return opener(url, parts, given)


def _checked(url: str, options: Given | None) -> tuple[urllib.parse.SplitResult, Given]:
    """The parts of a URL, and the options that say something."""
    given = {name: value for name, value in (options or {}).items() if value not in (None, False, "")}
    parts = urllib.parse.urlsplit(url)
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise InputError("A store's URL holds no user, password, '?' or '#'.", hint="Credentials go into the store's options.")
    return parts, given


def open_bucket(url: str, options: Given | None = None) -> Bucket:
    """The bucket that `url` names, with what an application keeps there. As `open_store`."""
    parts, given = _checked(url, options)
    opener = _BUCKETS.get(parts.scheme)
    if opener is None:
        raise InputError(f"'{url}' is not the URL of a bucket that this collection can copy.", hint=f"Write one of {KNOWN}.")
    return opener(url, parts, given)


def _file_place(url: str, parts: urllib.parse.SplitResult, given: Given) -> str:
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        raise InputError(f"'{url}' does not name an absolute path.", hint="Write three slashes: file:///srv/backups.")
    _check_known(url, given, ())
    return urllib.parse.unquote(parts.path)


def _s3_place(url: str, parts: urllib.parse.SplitResult, given: Given) -> tuple[str, str, S3Options]:
    _check_place(url, parts, _BUCKET, "bucket", "3 to 63 lower-case letters, digits, dots and hyphens.")
    _check_known(url, given, S3Options._fields)
    _check_endpoint(given)
    _check_lock(given)
    if ("access_key_id" in given) != ("secret_access_key" in given):
        raise InputError(
            "access_key_id and secret_access_key are given both or not at all.", hint="Without them the AWS environment is used."
        )
    if "kms_key_id" in given and not str(given.get("server_side_encryption", "")).startswith("aws:kms"):
        raise InputError("kms_key_id is given without server_side_encryption: aws:kms.", hint="Set both, or neither.")
    return parts.netloc, _prefix(parts), S3Options(**given)


def _azure_place(url: str, parts: urllib.parse.SplitResult, given: Given) -> tuple[str, str, AzureOptions]:
    _check_place(url, parts, _CONTAINER, "container", "3 to 63 lower-case letters, digits and single hyphens.")
    _check_known(url, given, AzureOptions._fields)
    _check_endpoint(given)
    if "account_key" in given and "sas_token" in given:
        raise InputError("account_key and sas_token are both given.", hint="Give one of them.")
    return parts.netloc, _prefix(parts), AzureOptions(**given)


def _google_place(url: str, parts: urllib.parse.SplitResult, given: Given) -> tuple[str, str, GcsOptions]:
    _check_place(url, parts, _GOOGLE_BUCKET, "bucket", "3 to 222 lower-case letters, digits, dots, hyphens and underscores.")
    _check_known(url, given, GcsOptions._fields)
    _check_endpoint(given)
    _check_lock(given)
    if "service_account_file" in given and "service_account_key" in given:
        raise InputError("service_account_file and service_account_key are both given.", hint="Give one of them.")
    return parts.netloc, _prefix(parts), GcsOptions(**given)


def _vercel_store(url: str, parts: urllib.parse.SplitResult, given: Given) -> Store:
    _check_place(url, parts, _BLOB_STORE, "blob store", "The id of the store: letters and digits, with or without 'store_' before them.")
    _check_known(url, given, VercelBlobOptions._fields)
    _check_endpoint(given)
    store_id = parts.netloc.removeprefix("store_")
    token = str(given.get("token") or os.environ.get("BLOB_READ_WRITE_TOKEN", ""))
    found = _BLOB_TOKEN.fullmatch(token)
    if found is None or found.group(1).lower() != store_id.lower():
        raise InputError(
            f"The store '{url}' has no token of its own." if found is None else f"The token for '{url}' is that of another store.",
            hint="Set 'token' (or BLOB_READ_WRITE_TOKEN, where the module runs) to the store's read-write token, vercel_blob_rw_...",
        )
    return VercelBlobStore(store_id, _prefix(parts), VercelBlobOptions(**{**given, "token": token}))


_OPENERS: dict[str, t.Callable[[str, urllib.parse.SplitResult, Given], Store]] = {
    "file": lambda *place: FileStore(_file_place(*place)),
    "s3": lambda *place: S3Store(*_s3_place(*place)),
    "az": lambda *place: AzureStore(*_azure_place(*place)),
    "gs": lambda *place: GcsStore(*_google_place(*place)),
    "vercel-blob": _vercel_store,
}
_BUCKETS: dict[str, t.Callable[[str, urllib.parse.SplitResult, Given], Bucket]] = {
    "file": lambda *place: FileBucket(_file_place(*place)),
    "s3": lambda *place: S3Bucket(*_s3_place(*place)),
    "az": lambda *place: AzureBucket(*_azure_place(*place)),
    "gs": lambda *place: GcsBucket(*_google_place(*place)),
}


def _prefix(parts: urllib.parse.SplitResult) -> str:
    prefix = parts.path.strip("/")
    return check_key(prefix) if prefix else ""


def _check_place(url: str, parts: urllib.parse.SplitResult, pattern: re.Pattern[str], what: str, allowed: str) -> None:
    if not pattern.fullmatch(parts.netloc):
        raise InputError(f"'{parts.netloc}' in '{url}' is not the name of a {what}.", hint=allowed)


def _check_known(url: str, given: Given, known: t.Sequence[str]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InputError(
            f"The store '{url}' takes no {', '.join(unknown)}.", hint=f"It takes {', '.join(known)}." if known else "Leave them out."
        )


def _check_endpoint(given: Given) -> None:
    endpoint = str(given.get("endpoint", ""))
    if endpoint.startswith("http://") and not given.get("allow_http"):
        raise InputError(
            f"The endpoint '{endpoint}' is not encrypted.", hint="Use https://, or set allow_http to true for a server on this host."
        )
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise InputError(f"The endpoint '{endpoint}' is not a URL.", hint="Write it as https://host or http://host:port.")


def _check_lock(given: Given) -> None:
    days = given.get("lock_days")
    if days is None:
        if "lock_mode" in given:
            raise InputError("lock_mode is given without lock_days.", hint="Set lock_days to the number of days, or leave both out.")
    elif not 1 <= int(days) <= 36_500:
        raise InputError(f"lock_days is {days}.", hint="Give a number of days from 1 to 36500.")
