# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`vercel-blob://`: a private store of Vercel Blob. What is stored there is readable with its token only."""

from __future__ import annotations

import contextlib
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.clouds import READ_AT_ONCE, refuses_unconditional
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import (
    AlreadyExistsError,
    ChangedError,
    StoredObject,
    StoreError,
)
from ansible_collections.holdfast.webops.plugins.module_utils._stores.keys import check_key, folder_of
from ansible_collections.holdfast.webops.plugins.module_utils._stores.uploading import MIB, QueuedUpload
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.blob import API_URL, BlobApi
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.failures import ApiError

SMALLEST_PART = 8 * MIB
MOST_PARTS = 9_000
TRIES = 5  # after a lost answer, or while somebody else writes what is read


class VercelBlobOptions(t.NamedTuple):
    """How to reach a store. `endpoint` is the API's, Vercel's own by default."""

    endpoint: str | None = None
    token: str | None = None
    allow_http: bool = False


class VercelBlobStore:
    """The blobs of a store below a prefix. A version is a blob's ETag."""

    def __init__(self, store_id: str, prefix: str, options: VercelBlobOptions) -> None:
        self._url = f"vercel-blob://{store_id}" + (f"/{prefix}" if prefix else "")
        self._start = f"{prefix}/" if prefix else ""
        self._api = BlobApi((options.endpoint or API_URL).rstrip("/"), options.token or "", store_id, SystemClock())

    @property
    def url(self) -> str:
        return self._url

    def create(self, key: str, data: bytes) -> str:
        return self._put(key, data, None)

    def replace(self, key: str, data: bytes, expected: str) -> str:
        return self._put(key, data, expected)

    def read(self, key: str) -> tuple[bytes, str]:
        for _try in range(TRIES):
            seen, url = self._seen(key)
            if seen.size == 0:
                return b"", seen.version
            with contextlib.suppress(ChangedError):
                return self._range(seen, url, 0, seen.size), seen.version
        raise StoreError(f"{self.url}/{key} was changed {TRIES} times while it was read.", hint="Run the task again.")

    def stream(self, key: str, start: int = 0, length: int | None = None) -> t.Iterator[bytes]:
        """One ranged request per piece, all of the version that was there at the beginning."""
        seen, url = self._seen(key)
        end = seen.size if length is None else min(seen.size, start + length)
        for first in range(start, end, READ_AT_ONCE):
            yield self._range(seen, url, first, min(first + READ_AT_ONCE, end))

    def head(self, key: str) -> StoredObject | None:
        try:
            return self._seen(key)[0]
        except NotFoundError:
            return None

    def list(self, prefix: str = "") -> t.Iterator[StoredObject]:
        folder_of(prefix)  # refuses what could leave the store
        found: t.List[StoredObject] = []
        cursor: str | None = None
        while True:
            with self._errors(prefix):
                page = self._api.page(self._start + prefix, cursor)
            found += [self._stored(blob) for blob in page["blobs"]]
            cursor = page.get("cursor")
            if not page.get("hasMore") or not cursor:
                return iter(sorted(found, key=lambda stored: stored.key))

    def delete(self, key: str) -> bool:
        try:
            url = self._seen(key)[1]
        except NotFoundError:
            return False
        with self._errors(key):
            self._api.delete(url)
        return True

    def upload(self, key: str, *, expected_size: int = 0) -> QueuedUpload:
        return QueuedUpload(self, check_key(key), max(SMALLEST_PART, -(-expected_size // MOST_PARTS)))

    def put_whole(self, key: str, data: bytes) -> None:
        """Create a finished object."""
        self.create(key, data)

    def put_stream(self, key: str, pieces: t.Iterator[bytes], part_size: int) -> None:
        """Store what an iterator yields in parts. Those of an upload that is never completed are never seen, and cannot be listed."""
        with self._errors(key):
            upload = self._api.begin(self._start + key)
            parts = [self._api.part(upload, number, part) for number, part in enumerate(_parts(pieces, part_size), 1)]
            for _try in range(TRIES):
                try:
                    return self._api.complete(upload, parts)
                except LostAnswerError as exc:
                    if self.head(key) is not None:
                        return None
                    lost = exc
        raise StoreError(str(lost), hint="Run the task again.")

    def probe_conditional(self) -> bool:
        return refuses_unconditional(self, '"stale"')

    def protect(self, key: str) -> datetime.datetime | None:  # noqa: ARG002
        """Vercel Blob has no locks; opening.py refuses to be asked for one."""
        return None

    def protected_until(self, key: str) -> datetime.datetime | None:  # noqa: ARG002
        return None

    def sweep(self, prefix: str, before: datetime.datetime, *, dry: bool) -> t.List[str]:  # noqa: ARG002
        """Vercel shows nobody the parts of an upload that was not completed, and takes no call to remove them."""
        return []

    def _put(self, key: str, data: bytes, expected: str | None) -> str:
        """Send it until it is known what became of it: an answer may be lost after the blob was stored."""
        pathname = self._start + check_key(key)
        lost: WebopsError | None = None
        for _try in range(TRIES):
            try:
                with self._errors(key, expected):
                    return str(self._api.put(pathname, data, replaces=expected)["etag"])
            except LostAnswerError as exc:
                lost = exc
            except (AlreadyExistsError, ChangedError):
                if lost is None or not (version := self._version_with(key, data)):
                    raise
                return version
            if version := self._version_with(key, data):
                return version
        raise StoreError(str(lost), hint="Run the task again.")

    def _version_with(self, key: str, data: bytes) -> str:
        """The version that holds this content, "" where there is none."""
        with contextlib.suppress(NotFoundError):
            content, version = self.read(key)
            return version if content == data else ""
        return ""

    def _seen(self, key: str) -> tuple[StoredObject, str]:
        """What is there, and the address of its content."""
        with self._errors(key):
            blob = self._api.head(self._start + check_key(key))
        return self._stored(blob), str(blob["url"])

    def _range(self, seen: StoredObject, url: str, first: int, end: int) -> bytes:
        """Bytes [first, end). ChangedError when the blob is another one by now."""
        with self._errors(seen.key):
            answer = self._api.content(url, first, end)
        if answer.headers.get("ETag", seen.version).removeprefix("W/") != seen.version:
            raise ChangedError(f"{self.url}/{seen.key} was changed by somebody else while it was read.")
        if answer.status == 200 and len(answer.content) == seen.size:
            return answer.content[first:end]
        if len(answer.content) != end - first:
            raise StoreError(f"{self.url} sent {len(answer.content)} bytes of '{seen.key}' instead of {end - first}.")
        return answer.content

    def _stored(self, blob: t.Mapping[str, t.Any]) -> StoredObject:
        key = str(blob["pathname"])[len(self._start) :]
        return StoredObject(key, int(blob["size"]), parse_iso(str(blob["uploadedAt"])), str(blob["etag"]))

    @contextlib.contextmanager
    def _errors(self, key: str, expected: str | None = None) -> t.Iterator[None]:
        try:
            yield
        except ApiError as exc:
            raise self._told(exc, key, expected) from exc

    def _told(self, exc: ApiError, key: str, expected: str | None) -> WebopsError:
        if exc.code == "precondition_failed" or (exc.status == 404 and expected is not None):
            return ChangedError(f"{self.url}/{key} was changed or removed by somebody else in between.")
        if exc.code == "bad_request" and "already exists" in str(exc):
            return AlreadyExistsError(f"{self.url} already has an object '{key}'.")
        if exc.code == "not_found":
            return NotFoundError(f"{self.url} has no object '{key}'.")
        if exc.status in (401, 403) or exc.code == "store_not_found":
            hint = "Check the store's id and its read-write token, in the option 'token' or in BLOB_READ_WRITE_TOKEN."
            return StoreError(f"{self.url} refused access to '{key}': {exc.data.get('message', exc.status)}", hint=hint)
        return StoreError(f"{self.url} failed at '{key}': {exc}", hint="Check the store's id and the endpoint.")


def _parts(pieces: t.Iterator[bytes], part_size: int) -> t.Iterator[bytes]:
    """The same bytes in parts of one size; the last may be smaller."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= part_size:
            yield bytes(waiting[:part_size])
            del waiting[:part_size]
    if waiting:
        yield bytes(waiting)
