# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`s3://`: Amazon S3 and servers that speak its protocol. Every part goes out with its SHA-256, which the server checks."""

from __future__ import annotations

import contextlib
import datetime
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._stores.clouds import CloudStore, client_settings
from ansible_collections.holdfast.webops.plugins.module_utils._stores.s3_locks import S3Locks
from ansible_collections.holdfast.webops.plugins.module_utils._stores.s3_profile import profile_credentials
from ansible_collections.holdfast.webops.plugins.module_utils._stores.uploading import QueuedUpload


class S3Options(t.NamedTuple):
    """How to reach a bucket; what is None comes from the AWS environment variables, the user's profile, the task's or the instance's role.

    `lock_days` and `lock_mode` are what `protect` does; `storage_class` is that of uploads.
    """

    endpoint: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str | None = None
    allow_http: bool = False
    storage_class: str | None = None
    server_side_encryption: str | None = None
    kms_key_id: str | None = None
    lock_days: int | None = None
    lock_mode: str | None = None


class S3Store(CloudStore):
    """The objects of a bucket below a prefix."""

    most_parts = 9_000  # of 10,000: a tenth is kept for a guess that was too small
    advice = "Check the endpoint, the region and the bucket's name."
    refusal_advice = "Check the access key and the bucket's policy."
    credentials_advice = (
        "Set access_key_id and secret_access_key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE where the module runs,"
        " or give the machine a role."
    )

    def __init__(self, bucket: str, prefix: str, options: S3Options) -> None:
        url = f"s3://{bucket}" + (f"/{prefix}" if prefix else "")
        super().__init__(url, _connect(bucket, prefix, options), options.storage_class)
        self._options = options
        self._locks = S3Locks(url, bucket, prefix, options)

    def upload(self, key: str, *, expected_size: int = 0) -> QueuedUpload:
        if self._options.lock_days is not None:
            self._locks.require()  # before the first byte, not after the last
        return super().upload(key, expected_size=expected_size)

    def put_stream(self, key: str, pieces: t.Iterator[bytes], part_size: int) -> None:
        with contextlib.ExitStack() as undoing:
            undoing.callback(self._forget, key)
            super().put_stream(key, pieces, part_size)
            undoing.pop_all()

    def _forget(self, key: str) -> None:
        """A part that was under way can outlive the library's own abort. What cannot be removed now is left to `sweep`."""
        with contextlib.suppress(WebopsError):
            self._locks.forget(key)

    def protect(self, key: str) -> datetime.datetime | None:
        if self._options.lock_days is None:
            return None
        self._locks.require()
        return self._locks.lock(key, days=self._options.lock_days, mode=self._options.lock_mode or "governance")

    def protected_until(self, key: str) -> datetime.datetime | None:
        return self._locks.locked_until(key)

    def sweep(self, prefix: str, before: datetime.datetime, *, dry: bool) -> t.List[str]:
        return self._locks.sweep(prefix, before, dry=dry)


def _connect(bucket: str, prefix: str, options: S3Options) -> t.Any:
    settings = client_settings(
        allow_http=options.allow_http,
        prefix=prefix or None,
        endpoint=options.endpoint,
        region=options.region,
        access_key_id=options.access_key_id,
        secret_access_key=options.secret_access_key,
        session_token=options.session_token,
        server_side_encryption=options.server_side_encryption,
        sse_kms_key_id=options.kms_key_id,
        credential_provider=profile_credentials(os.environ) if options.access_key_id is None else None,
    )
    return need("obstore.store").S3Store(bucket, checksum_algorithm="SHA256", **settings)
