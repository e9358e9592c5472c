# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bucket on Amazon S3 or a server that speaks its protocol (such as Supabase Storage), by boto3: it takes keys of any form."""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import PIECE, Attributes, Fetched, attributes_of
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import ChangedError, StoredObject, StoreError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.pieces import PieceReader
from ansible_collections.holdfast.webops.plugins.module_utils._stores.s3 import S3Options

CONNECTIONS = 32
ATTEMPTS = 5
TIMEOUTS = {"connect_timeout": 5, "read_timeout": 300}
MOST_PARTS = 9_000  # of 10,000
PARTS_AT_ONCE = 2
CHUNK = 1 << 20
_FIELDS = {
    "content_type": "ContentType",
    "cache_control": "CacheControl",
    "content_disposition": "ContentDisposition",
    "content_encoding": "ContentEncoding",
    "content_language": "ContentLanguage",
}
_ABSENT = frozenset(["404", "NoSuchKey", "NotFound"])
_CHANGED = frozenset(["412", "PreconditionFailed"])
_REFUSED = frozenset(["401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "Unauthorized"])


class S3Bucket:
    """The objects of a bucket below a prefix."""

    keeps_attributes = True

    def __init__(self, bucket: str, prefix: str, options: S3Options) -> None:
        self._bucket = bucket
        self._start = f"{prefix}/" if prefix else ""
        self._client = _connect(options)

    @property
    def url(self) -> str:
        return f"s3://{self._bucket}/{self._start}".rstrip("/")

    def list(self) -> t.Iterator[StoredObject]:
        found: t.List[StoredObject] = []
        with self._errors(""):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._start):
                for one in page.get("Contents", []):
                    key = str(one["Key"])[len(self._start) :]
                    if key:  # "" is the mark of the prefix itself, which consoles make
                        found.append(StoredObject(key, int(one["Size"]), one["LastModified"], _version(one)))
        return iter(sorted(found, key=lambda stored: stored.key))

    def look(self, key: str) -> StoredObject | None:
        try:
            with self._errors(key):
                answer = self._client.head_object(**self._named(key))
        except NotFoundError:
            return None
        return StoredObject(key, int(answer["ContentLength"]), answer["LastModified"], _version(answer))

    def fetch(self, seen: StoredObject) -> Fetched:
        with self._errors(seen.key):
            answer = self._client.get_object(**self._named(seen.key), **_condition(seen))
        self._check_version(seen, answer)
        # Names of metadata have no case here, and some servers give back another one than they got.
        metadata = {name.lower(): value for name, value in answer.get("Metadata", {}).items()}
        attributes = attributes_of({name: answer.get(field) for name, field in _FIELDS.items()}, metadata)
        return Fetched(attributes, self._pieces(seen, answer))

    def _pieces(self, seen: StoredObject, answer: t.Mapping[str, t.Any]) -> t.Iterator[bytes]:
        """A connection that breaks is taken up again where it broke."""
        broken = need("botocore.exceptions").BotoCoreError
        position, body, said = 0, answer["Body"], ""
        for _attempt in range(ATTEMPTS):
            try:
                for piece in body.iter_chunks(CHUNK):
                    position += len(piece)
                    yield bytes(piece)
            except broken as exc:
                said = f" ({exc})"
            finally:
                body.close()
            if position >= seen.size:
                break
            body = self._rest(seen, position)
        if position != seen.size:
            raise StoreError(f"{self.url} gave {position} bytes of '{seen.key}', its listing says {seen.size}{said}.")

    def _rest(self, seen: StoredObject, position: int) -> t.Any:
        """The body from a byte on."""
        with self._errors(seen.key):
            answer = self._client.get_object(**self._named(seen.key), **_condition(seen), Range=f"bytes={position}-")
        self._check_version(seen, answer)
        if not str(answer.get("ContentRange", "")).startswith(f"bytes {position}-"):
            raise StoreError(f"{self.url} broke off at byte {position} of '{seen.key}', and cannot go on there.")
        return answer["Body"]

    def _check_version(self, seen: StoredObject, answer: t.Mapping[str, t.Any]) -> None:
        """Not every server looks at conditions."""
        if _version(answer) != seen.version:
            answer["Body"].close()
            raise ChangedError(f"{self.url}/{seen.key} was changed while it was read.")

    def put(self, key: str, pieces: t.Iterator[bytes], size: int, attributes: Attributes) -> None:
        fields: dict[str, t.Any] = {_FIELDS[name]: value for name, value in attributes.items() if name in _FIELDS}
        fields["Metadata"] = dict(attributes.get("metadata", {}))
        with self._errors(key):
            if size <= PIECE:
                self._client.put_object(**self._named(key), Body=b"".join(pieces), **fields)
                return
            part = max(PIECE, -(-size // MOST_PARTS))
            settings = need("boto3.s3.transfer").TransferConfig(
                multipart_threshold=PIECE, multipart_chunksize=part, max_concurrency=PARTS_AT_ONCE, max_io_queue=PARTS_AT_ONCE
            )
            self._client.upload_fileobj(PieceReader(pieces), self._bucket, self._start + key, ExtraArgs=fields, Config=settings)

    def remove(self, key: str) -> None:
        with self._errors(key):
            self._client.delete_object(**self._named(key))

    def _named(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._start + key}

    @contextlib.contextmanager
    def _errors(self, key: str) -> t.Iterator[None]:
        errors, boto = need("botocore.exceptions"), need("boto3.exceptions")
        try:
            yield
        except errors.ClientError as exc:
            raise self._told(key, exc) from exc
        except (errors.BotoCoreError, boto.Boto3Error) as exc:
            raise StoreError(f"{self.url} failed at '{key}': {exc}", hint="Check the endpoint, the region and the bucket's name.") from exc

    def _told(self, key: str, exc: t.Any) -> Exception:
        code = str(exc.response.get("Error", {}).get("Code", "unknown"))
        if code in _ABSENT:
            return NotFoundError(f"{self.url} has no object '{key}'.")
        if code in _CHANGED:
            return ChangedError(f"{self.url}/{key} was changed while it was read.")
        if code in _REFUSED:
            return StoreError(f"{self.url} refused access to '{key}': {code}.", hint="Check the access key and the bucket's policy.")
        return StoreError(f"{self.url} failed at '{key}': {exc}", hint="Check the endpoint, the region and the bucket's name.")


def _version(answer: t.Mapping[str, t.Any]) -> str:
    """The ETag; some servers write it with quotes in one place and without in another."""
    return str(answer.get("ETag", "")).strip('"')


def _condition(seen: StoredObject) -> dict[str, str]:
    return {"IfMatch": f'"{seen.version}"'} if seen.version else {}


def _connect(options: S3Options) -> t.Any:
    made = need("botocore.config").Config
    settings: dict[str, t.Any] = {
        "retries": {"max_attempts": ATTEMPTS, "mode": "standard"},
        "max_pool_connections": CONNECTIONS,
        # A server of one's own has one name for all buckets.
        "s3": {"addressing_style": "path" if options.endpoint else "auto"},
        **TIMEOUTS,
    }
    if "request_checksum_calculation" in made.OPTION_DEFAULTS:  # newer ones send checksums that other servers do not understand
        settings.update(request_checksum_calculation="when_required", response_checksum_validation="when_required")
    return need("boto3").client(
        "s3",
        endpoint_url=options.endpoint,
        region_name=options.region or os.environ.get("AWS_REGION") or ("us-east-1" if options.endpoint else None),
        aws_access_key_id=options.access_key_id,
        aws_secret_access_key=options.secret_access_key,
        aws_session_token=options.session_token,
        config=made(**settings),
    )
