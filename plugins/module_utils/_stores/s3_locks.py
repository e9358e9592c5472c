# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What obstore cannot say to S3, by boto3: locks of objects, and uploads that were never completed."""

from __future__ import annotations

import contextlib
import datetime
import functools
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoreError

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._stores.s3 import S3Options

FORGET_ATTEMPTS = 5
# How rclone serve s3 says that there is no upload.
_NO_UPLOADS = frozenset(["NoSuchUpload"])


class S3Locks:
    """Locks below a prefix of a bucket. boto3 is imported when one of them is asked for, not before."""

    def __init__(self, url: str, bucket: str, prefix: str, options: S3Options) -> None:
        self._url = url
        self._bucket = bucket
        self._start = f"{prefix}/" if prefix else ""
        self._options = options
        self._made: t.Any = None

    def require(self) -> None:
        """StoreError unless the bucket keeps locks. A server that knows none may take the request for a new content of the object."""
        if not self._enabled:
            raise StoreError(
                f"{self._url} cannot lock objects, but lock_days is set.",
                hint="Enable Object Lock on the bucket (best when it is made), or leave lock_days out.",
            )

    def lock(self, key: str, *, days: int, mode: str) -> datetime.datetime:
        """Nobody can remove or change this version before the moment that is returned."""
        until = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=days)
        code, _answer = self._ask("put_object_retention", key, Retention={"Mode": mode.upper(), "RetainUntilDate": until})
        if code:
            raise StoreError(f"{self._url}/{key} could not be locked: {code}.", hint="Check the right s3:PutObjectRetention of the key.")
        return until

    def locked_until(self, key: str) -> datetime.datetime | None:
        """None where there is no lock, none that the access key may know of, or no boto3 to ask with."""
        try:
            code, answer = self._ask("head_object", key)
        except NotFoundError:
            return None
        if code and code != "404":
            raise StoreError(f"{self._url}/{key} could not be asked for its lock: {code}.", hint="Check the rights of the access key.")
        if answer.get("ObjectLockLegalHoldStatus") == "ON":
            return datetime.datetime.max.replace(tzinfo=datetime.timezone.utc)
        until = answer.get("ObjectLockRetainUntilDate")
        return until if isinstance(until, datetime.datetime) else None

    @functools.cached_property
    def _enabled(self) -> bool:
        """Whether the bucket has Object Lock; a bucket that does not say so has none."""
        _code_of_error, answer = self._ask("get_object_lock_configuration")
        return (answer.get("ObjectLockConfiguration") or {}).get("ObjectLockEnabled") == "Enabled"

    def sweep(self, prefix: str, before: datetime.datetime, *, dry: bool) -> list[str]:
        """Keys of uploads that were begun before a moment and never completed; their parts are removed unless `dry`."""
        found = [one for one in self._uploads(self._start + prefix) if one["Initiated"] < before]
        if not dry:
            self._abort(found)
        return sorted(str(one["Key"])[len(self._start) :] for one in found)

    def forget(self, key: str) -> None:
        """Remove what is left of uploads under one key. Amazon says to repeat that while parts may be under way."""
        for _attempt in range(FORGET_ATTEMPTS):
            found = [one for one in self._uploads(self._start + key) if one["Key"] == self._start + key]
            if not found:
                return
            self._abort(found)

    def _abort(self, uploads: t.Sequence[t.Mapping[str, t.Any]]) -> None:
        for one in uploads:
            with self._errors():
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=one["Key"], UploadId=one["UploadId"])

    def _uploads(self, prefix: str) -> list[dict[str, t.Any]]:
        found: list[dict[str, t.Any]] = []
        client, refused = self._client, need("botocore.exceptions").ClientError
        try:
            with self._errors():
                for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket, Prefix=prefix):
                    found += [one for one in page.get("Uploads", []) if one["Key"].startswith(prefix)]
        except StoreError as exc:
            if isinstance(exc.__cause__, refused) and _code(exc.__cause__) in _NO_UPLOADS:
                return []
            raise
        return found

    def _ask(self, method: str, key: str = "", **more: t.Any) -> tuple[str, dict[str, t.Any]]:
        """The code of the error that the server answered, "" for none, and its answer."""
        named = {"Key": self._start + key} if key else {}
        client, errors = self._client, need("botocore.exceptions")
        with self._errors():
            try:
                return "", dict(getattr(client, method)(Bucket=self._bucket, **named, **more))
            except errors.ClientError as exc:
                return _code(exc), {}

    @contextlib.contextmanager
    def _errors(self) -> t.Iterator[None]:
        errors = need("botocore.exceptions")
        try:
            yield
        except (errors.ClientError, errors.BotoCoreError) as exc:
            raise StoreError(f"{self._url} failed: {exc}", hint="Check the endpoint, the region and the rights of the key.") from exc

    @property
    def _client(self) -> t.Any:
        if self._made is None:
            options = self._options
            self._made = need("boto3").client(
                "s3",
                endpoint_url=options.endpoint,
                region_name=options.region,
                aws_access_key_id=options.access_key_id,
                aws_secret_access_key=options.secret_access_key,
                aws_session_token=options.session_token,
            )
        return self._made


def _code(exc: t.Any) -> str:
    error = exc.response.get("Error", {})
    return str(error.get("Code") or "unknown")
