# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stores that obstore talks to have in common (one wheel, no other dependency)."""

from __future__ import annotations

import contextlib
import datetime
import re
import secrets
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
from ansible_collections.holdfast.webops.plugins.module_utils._stores.uploading import MIB, QueuedUpload

PARALLEL_PARTS = 2
READ_AT_ONCE = 8 * MIB
RETRIES = 5
RETRY_SECONDS = 60
REQUEST_TIMEOUT = "300s"  # of one part, also over a slow line
CONNECT_TIMEOUT = "5s"
# Where a machine's identity is asked for, the last thing that is tried: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
# and https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
IDENTITY_PATHS = ("/latest/api/token", "/metadata/identity/oauth2/token")


class SmallObjects(t.Protocol):
    """What trying out conditions needs of a store."""

    def create(self, key: str, data: bytes) -> str:
        """Put if absent."""

    def replace(self, key: str, data: bytes, expected: str) -> str:
        """Compare and swap."""

    def delete(self, key: str) -> bool:
        """Remove an object."""


class CloudStore:
    """The objects below a prefix of a bucket or container. `connection` is one of obstore's stores."""

    smallest_part: t.ClassVar[int] = 5 * MIB
    most_parts: t.ClassVar[int]
    advice: t.ClassVar[str]
    refusal_advice: t.ClassVar[str]
    credentials_advice: t.ClassVar[str]

    def __init__(self, url: str, connection: t.Any, storage_class: str | None) -> None:
        self._obstore: t.Any = need("obstore")
        self._url = url
        self._store = connection
        self._attributes = {"Storage-Class": storage_class} if storage_class else {}

    @property
    def url(self) -> str:
        return self._url

    def create(self, key: str, data: bytes) -> str:
        with self.errors(key):
            return _version(self._obstore.put(self._store, check_key(key), data, mode="create", use_multipart=False))

    def replace(self, key: str, data: bytes, expected: str) -> str:
        with self.errors(key):
            return _version(self._obstore.put(self._store, check_key(key), data, mode={"e_tag": expected}, use_multipart=False))

    def read(self, key: str) -> tuple[bytes, str]:
        with self.errors(key):
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
        with self.errors(seen.key):
            try:
                return bytes(self._obstore.get(self._store, seen.key, options=options).bytes())
            except self._obstore.exceptions.GenericError as exc:
                if "non-partial response" not in str(exc):
                    raise
                return None

    def _without_ranges(self, seen: StoredObject, first: int, end: int) -> t.Iterator[bytes]:
        """The same bytes out of one request for the whole object."""
        position = 0
        with self.errors(seen.key):
            for piece in self._obstore.get(self._store, seen.key, options={"if_match": seen.version}).stream(MIB):
                data = bytes(piece)
                wanted = data[max(first - position, 0) : max(end - position, 0)]
                position += len(data)
                if wanted:
                    yield wanted

    def head(self, key: str) -> StoredObject | None:
        try:
            with self.errors(key):
                return stored_object(self._obstore.head(self._store, check_key(key)))
        except NotFoundError:
            return None

    def list(self, prefix: str = "") -> t.Iterator[StoredObject]:
        with self.errors(prefix):
            pages = self._obstore.list(self._store, prefix=folder_of(prefix) or None)
            found = [stored_object(meta) for page in pages for meta in page if meta["path"].startswith(prefix)]
        return iter(sorted(found, key=lambda stored: stored.key))

    def delete(self, key: str) -> bool:
        if self.head(key) is None:
            return False
        with self.errors(key):
            self._obstore.delete(self._store, key)
        return True

    def upload(self, key: str, *, expected_size: int = 0) -> QueuedUpload:
        return QueuedUpload(self, check_key(key), max(self.smallest_part, -(-expected_size // self.most_parts)))

    def put_whole(self, key: str, data: bytes) -> None:
        """Create a finished object of the storage class that was asked for."""
        with self.errors(key):
            self._obstore.put(self._store, key, data, mode="create", use_multipart=False, attributes=self._attributes)

    def put_stream(self, key: str, pieces: t.Iterator[bytes], part_size: int) -> None:
        """Store what an iterator yields in parts; an exception of the iterator aborts it.

        Without a mode: with one, obstore collects the whole stream in memory and sends a single request.
        """
        with self.errors(key):
            self._obstore.put(
                self._store,
                key,
                pieces,
                use_multipart=True,
                chunk_size=part_size,
                max_concurrency=PARALLEL_PARTS,
                attributes=self._attributes,
            )

    def probe_conditional(self) -> bool:
        """Some servers answer 200 to what they should refuse (rclone serve s3 does), so an object is written to see."""
        return refuses_unconditional(self, f'"{secrets.token_hex(16)}"')

    @property
    def connection(self) -> t.Any:
        """obstore's own store, for what is done to objects that others named."""
        return self._store

    @contextlib.contextmanager
    def errors(self, key: str) -> t.Iterator[None]:
        """The errors of the library as ours."""
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
            raise StoreError(f"{self.url} refused access to '{key}'{_said(exc)}.", hint=self.refusal_advice) from exc
        except (errors.BaseError, OSError) as exc:
            said = _said(exc)
            if any(path in said for path in IDENTITY_PATHS):
                raise StoreError(f"No credentials for {self.url} were found{said}.", hint=self.credentials_advice) from exc
            raise StoreError(f"{self.url} failed at '{key}'{said}.", hint=self.advice) from exc


def client_settings(*, allow_http: bool, **given: t.Any) -> dict[str, t.Any]:
    """How obstore shall behave towards a server, with deadlines and retries, and what was given of the rest (None: not given)."""
    return {
        **{name: value for name, value in given.items() if value is not None},
        "client_options": {"allow_http": allow_http, "timeout": REQUEST_TIMEOUT, "connect_timeout": CONNECT_TIMEOUT},
        "retry_config": {"max_retries": RETRIES, "retry_timeout": datetime.timedelta(seconds=RETRY_SECONDS)},
    }


def refuses_unconditional(store: SmallObjects, stale: str) -> bool:
    """Whether a server refuses to create what is there and to replace the version `stale`, tried out on an object of its own."""
    key = f"conditional-write-probe-{secrets.token_hex(8)}"
    try:
        store.create(key, b"first")
        return _refuses(lambda: store.create(key, b"second")) and _refuses(lambda: store.replace(key, b"third", stale))
    finally:
        store.delete(key)


def _refuses(write: t.Callable[[], object]) -> bool:
    try:
        write()
    except ConflictError:
        return True
    return False


def _version(meta: t.Mapping[str, t.Any]) -> str:
    """The ETag with its quotes, which listings of Azure leave out."""
    tag = str(meta.get("e_tag") or "")
    return tag if not tag or tag.endswith('"') else f'"{tag}"'


def stored_object(meta: t.Mapping[str, t.Any]) -> StoredObject:
    """What obstore says of an object."""
    return StoredObject(str(meta["path"]), int(meta["size"]), meta["last_modified"], _version(meta))


def _said(exc: BaseException) -> str:
    """What the server said, without obstore's dump of its internals."""
    text = str(exc).partition("\n\nDebug source")[0]
    parts = [found.group(1) for found in (re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL) for tag in ("Code", "Message")) if found]
    return ": " + (" - ".join(parts) if parts else " ".join(text.split())).rstrip(".") if text else ""
