# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`s3://`: Amazon S3 and servers that speak its protocol, by obstore (one wheel, no other dependency)."""

from __future__ import annotations

import contextlib
import datetime
import queue
import re
import secrets
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import (
    AlreadyExistsError,
    ChangedError,
    StoredObject,
    StoreError,
)
from ansible_collections.holdfast.webops.plugins.module_utils._stores.keys import check_key, folder_of

if t.TYPE_CHECKING:
    import obstore

MIB = 1 << 20
SMALLEST_PART = 8 * MIB
# S3 takes at most 10,000 parts; a tenth is kept for a guess that was too small.
MOST_PARTS = 9_000
PARALLEL_PARTS = 2
READ_AT_ONCE = 8 * MIB
# Pieces that wait for the uploading thread; with pieces of at most 1 MiB this bounds the memory.
WAITING_PIECES = 4
RETRIES = 5
RETRY_SECONDS = 60
REQUEST_TIMEOUT = "300s"  # of one part, also over a slow line
CONNECT_TIMEOUT = "5s"


class S3Options(t.NamedTuple):
    """How to reach a bucket; what is None comes from the AWS environment variables, the task or the instance role."""

    endpoint: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    allow_http: bool = False


class S3Store:
    """The objects of a bucket below a prefix."""

    def __init__(self, bucket: str, prefix: str, options: S3Options) -> None:
        self._obstore: t.Any = need("obstore")
        self._bucket = bucket
        self._prefix = prefix
        self._store = _connect(bucket, prefix, options)

    @property
    def url(self) -> str:
        return f"s3://{self._bucket}" + (f"/{self._prefix}" if self._prefix else "")

    def create(self, key: str, data: bytes) -> str:
        with self._errors(key):
            return _version(self._obstore.put(self._store, check_key(key), data, mode="create", use_multipart=False))

    def replace(self, key: str, data: bytes, expected: str) -> str:
        with self._errors(key):
            return _version(self._obstore.put(self._store, check_key(key), data, mode={"e_tag": expected}, use_multipart=False))

    def read(self, key: str) -> tuple[bytes, str]:
        with self._errors(key):
            found = self._obstore.get(self._store, check_key(key))
            return bytes(found.bytes()), _version(found.meta)

    def stream(self, key: str, start: int = 0, length: int | None = None) -> t.Iterator[bytes]:
        """One ranged request per piece: each can be retried, and none lives longer than its timeout."""
        seen = self.head(key)
        if seen is None:
            raise NotFoundError(f"{self.url} has no object '{key}'.")
        end = seen.size if length is None else min(seen.size, start + length)
        for first in range(start, end, READ_AT_ONCE):
            piece = self._range(seen, first, min(first + READ_AT_ONCE, end))
            if piece is None:
                yield from self._without_ranges(seen, first, end)
                return
            yield piece

    def _range(self, seen: StoredObject, first: int, end: int) -> bytes | None:
        """Bytes [first, end), or None from a server that does not answer 206 (rclone serve s3 says 200)."""
        options = {"range": (first, end), "if_match": seen.version}
        with self._errors(seen.key):
            try:
                return bytes(self._obstore.get(self._store, seen.key, options=options).bytes())
            except self._obstore.exceptions.GenericError as exc:
                if "non-partial response" not in str(exc):
                    raise
                return None

    def _without_ranges(self, seen: StoredObject, first: int, end: int) -> t.Iterator[bytes]:
        """The same bytes out of one request for the whole object."""
        position = 0
        with self._errors(seen.key):
            for piece in self._obstore.get(self._store, seen.key, options={"if_match": seen.version}).stream(MIB):
                data = bytes(piece)
                wanted = data[max(first - position, 0) : max(end - position, 0)]
                position += len(data)
                if wanted:
                    yield wanted

    def head(self, key: str) -> StoredObject | None:
        try:
            with self._errors(key):
                return _stored(self._obstore.head(self._store, check_key(key)))
        except NotFoundError:
            return None

    def list(self, prefix: str = "") -> t.Iterator[StoredObject]:
        with self._errors(prefix):
            pages = self._obstore.list(self._store, prefix=folder_of(prefix) or None)
            found = [_stored(meta) for page in pages for meta in page if meta["path"].startswith(prefix)]
        return iter(sorted(found, key=lambda stored: stored.key))

    def delete(self, key: str) -> bool:
        if self.head(key) is None:
            return False
        with self._errors(key):
            self._obstore.delete(self._store, key)
        return True

    def upload(self, key: str, *, expected_size: int = 0) -> S3Upload:
        part = max(SMALLEST_PART, -(-expected_size // MOST_PARTS))
        return S3Upload(self, check_key(key), part)

    def probe_conditional(self) -> bool:
        """Some servers answer 200 to what they should refuse (rclone serve s3 does), so an object is written to see."""
        key = f"conditional-write-probe-{secrets.token_hex(8)}"
        try:
            self.create(key, b"first")
            stale = f'"{secrets.token_hex(16)}"'
            return _refuses(lambda: self.create(key, b"second")) and _refuses(lambda: self.replace(key, b"third", stale))
        finally:
            self.delete(key)

    def put_stream(self, key: str, pieces: t.Iterator[bytes], part_size: int) -> None:
        """Store what an iterator yields as a multipart upload; an exception of the iterator aborts the upload."""
        with self._errors(key):
            self._obstore.put(
                self._store, key, pieces, mode="create", use_multipart=True, chunk_size=part_size, max_concurrency=PARALLEL_PARTS
            )

    @contextlib.contextmanager
    def _errors(self, key: str) -> t.Iterator[None]:
        errors = self._obstore.exceptions
        try:
            yield
        except errors.AlreadyExistsError as exc:
            raise AlreadyExistsError(f"{self.url} already has an object '{key}'.") from exc
        except errors.PreconditionError as exc:
            raise ChangedError(f"{self.url}/{key} was changed or removed by somebody else in between.") from exc
        except FileNotFoundError as exc:
            raise NotFoundError(f"{self.url} has no object '{key}'{_said(exc)}.") from exc
        except (errors.PermissionDeniedError, errors.UnauthenticatedError) as exc:
            raise StoreError(
                f"{self.url} refused access to '{key}'{_said(exc)}.", hint="Check the access key and the bucket's policy."
            ) from exc
        except (errors.BaseError, OSError) as exc:
            raise StoreError(
                f"{self.url} failed at '{key}'{_said(exc)}.", hint="Check the endpoint, the region and the bucket's name."
            ) from exc


class _AbortedError(Exception):
    """Raised inside the iterator that obstore reads: makes it abort the multipart upload."""


_END = b""


class S3Upload:
    """A multipart upload fed through a bounded queue by the caller, read by one thread."""

    def __init__(self, store: S3Store, key: str, part_size: int) -> None:
        self._store = store
        self._key = key
        self._part_size = part_size
        self._pieces: queue.Queue[bytes | None] = queue.Queue(WAITING_PIECES)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"upload {key}", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        if data:
            self._offer(data)
            if not self._thread.is_alive():
                self._finish()

    def commit(self) -> StoredObject:
        self._offer(_END)
        self._finish()
        stored = self._store.head(self._key)
        if stored is None:
            raise StoreError(f"{self._store.url} confirmed the upload of '{self._key}', but does not show the object.")
        return stored

    def abort(self) -> None:
        self._offer(None)
        self._thread.join()

    def _offer(self, piece: bytes | None) -> None:
        """Put a piece where the thread takes it, and give up when the thread has ended."""
        while self._thread.is_alive():
            with contextlib.suppress(queue.Full):
                self._pieces.put(piece, timeout=0.2)
                return

    def _finish(self) -> None:
        self._thread.join()
        if isinstance(self._error, _AbortedError):
            raise StoreError(f"The upload of '{self._key}' to {self._store.url} was aborted before.")
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._store.put_stream(self._key, self._take(), self._part_size)
        except BaseException as exc:  # handed to the caller's thread by _finish, whatever it is
            self._error = exc

    def _take(self) -> t.Iterator[bytes]:
        while True:
            piece = self._pieces.get()
            if piece is None:
                raise _AbortedError
            if piece == _END:
                return
            yield piece


def _connect(bucket: str, prefix: str, options: S3Options) -> obstore.store.S3Store:
    config = {name: value for name, value in options._asdict().items() if value is not None and name != "allow_http"}
    made: obstore.store.S3Store = need("obstore.store").S3Store(
        bucket,
        prefix=prefix or None,
        client_options={"allow_http": options.allow_http, "timeout": REQUEST_TIMEOUT, "connect_timeout": CONNECT_TIMEOUT},
        retry_config={"max_retries": RETRIES, "retry_timeout": datetime.timedelta(seconds=RETRY_SECONDS)},
        **config,
    )
    return made


def _version(meta: t.Mapping[str, t.Any]) -> str:
    return str(meta.get("e_tag") or "")


def _stored(meta: t.Mapping[str, t.Any]) -> StoredObject:
    return StoredObject(str(meta["path"]), int(meta["size"]), meta["last_modified"], _version(meta))


def _refuses(write: t.Callable[[], object]) -> bool:
    try:
        write()
    except ConflictError:
        return True
    return False


def _said(exc: BaseException) -> str:
    """What the server said, without obstore's dump of its internals."""
    text = str(exc).partition("\n\nDebug source")[0]
    parts = [found.group(1) for found in (re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL) for tag in ("Code", "Message")) if found]
    return ": " + (" - ".join(parts) if parts else " ".join(text.split())).rstrip(".") if text else ""
