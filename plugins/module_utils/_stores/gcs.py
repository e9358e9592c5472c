# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`gs://`: Google Cloud Storage, by Google's own library: its JSON interface knows conditions on uploads in parts, locks and checksums."""

from __future__ import annotations

import contextlib
import datetime
import json
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._stores.clouds import READ_AT_ONCE, refuses_unconditional
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import (
    AlreadyExistsError,
    ChangedError,
    StoredObject,
    StoreError,
)
from ansible_collections.holdfast.webops.plugins.module_utils._stores.keys import check_key, folder_of
from ansible_collections.holdfast.webops.plugins.module_utils._stores.uploading import MIB, QueuedUpload

PART_SIZE = 8 * MIB
PAGE = 1000
REQUEST_TIMEOUT = (5.0, 300.0)  # seconds to connect, and without a byte
RETRY_SECONDS = 60.0
SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
_LISTED = "items(name,size,updated,generation),nextPageToken"
_CHECKSUM = "crc32c"
_SAID = re.compile(r'"message":\s*"([^"]+)"')


class GcsOptions(t.NamedTuple):
    """How to reach a bucket. Without a service account, Google's Application Default Credentials are used; never over plain HTTP."""

    endpoint: str | None = None
    service_account_file: str | None = None
    service_account_key: str | None = None
    allow_http: bool = False
    storage_class: str | None = None
    kms_key_id: str | None = None
    lock_days: int | None = None
    lock_mode: str | None = None


class GcsStore:
    """The objects of a bucket below a prefix. A version is Google's generation of the object."""

    def __init__(self, bucket: str, prefix: str, options: GcsOptions) -> None:
        self._url = f"gs://{bucket}" + (f"/{prefix}" if prefix else "")
        self._start = f"{prefix}/" if prefix else ""
        self._options = options
        self._retry = need("google.cloud.storage.retry").DEFAULT_RETRY.with_timeout(RETRY_SECONDS)
        self.calls: dict[str, t.Any] = {"timeout": REQUEST_TIMEOUT, "retry": self._retry}
        self._bucket = _client(options).bucket(bucket)

    @property
    def url(self) -> str:
        return self._url

    def create(self, key: str, data: bytes) -> str:
        return self._put(self._blob(key), key, data, 0)

    def replace(self, key: str, data: bytes, expected: str) -> str:
        try:
            return self._put(self._blob(key), key, data, int(expected))
        except (AlreadyExistsError, NotFoundError) as exc:
            raise ChangedError(f"{self.url}/{key} was changed or removed by somebody else in between.") from exc

    def read(self, key: str) -> tuple[bytes, str]:
        blob = self._blob(key)
        with self.errors(key):
            data = blob.download_as_bytes(raw_download=True, checksum=_CHECKSUM, **self.calls)
        return bytes(data), str(blob.generation)

    def stream(self, key: str, start: int = 0, length: int | None = None) -> t.Iterator[bytes]:
        """One ranged request per piece, all of the generation that was there at the beginning."""
        seen = self.head(key)
        if seen is None:
            raise NotFoundError(f"{self.url} has no object '{key}'.")
        blob = self._blob(key, generation=int(seen.version))
        end = seen.size if length is None else min(seen.size, start + length)
        for first in range(start, end, READ_AT_ONCE):
            last = min(first + READ_AT_ONCE, end) - 1
            with self.errors(key):
                piece = blob.download_as_bytes(start=first, end=last, raw_download=True, checksum=None, **self.calls)
            yield bytes(piece)

    def head(self, key: str) -> StoredObject | None:
        found = self._look(key)
        return None if found is None else StoredObject(key, int(found.size), found.updated, str(found.generation))

    def list(self, prefix: str = "") -> t.Iterator[StoredObject]:
        folder_of(prefix)  # refuses what could leave the store
        with self.errors(prefix):
            blobs = self._bucket.list_blobs(prefix=self._start + prefix, fields=_LISTED, page_size=PAGE, **self.calls)
            found = [StoredObject(one.name[len(self._start) :], int(one.size), one.updated, str(one.generation)) for one in blobs]
        return iter(sorted(found, key=lambda stored: stored.key))

    def delete(self, key: str) -> bool:
        try:
            with self.errors(key):
                self._blob(key).delete(**self.calls)
        except NotFoundError:
            return False
        return True

    def upload(self, key: str, *, expected_size: int = 0) -> QueuedUpload:  # noqa: ARG002
        return QueuedUpload(self, check_key(key), PART_SIZE)

    def put_whole(self, key: str, data: bytes) -> None:
        """Create a finished object of the storage class that was asked for."""
        self._put(self._classed(key), key, data, 0)

    def put_stream(self, key: str, pieces: t.Iterator[bytes], part_size: int) -> None:
        """Store what an iterator yields as a resumable upload; an exception of the iterator cancels it."""
        blob = self._classed(key)
        blob.chunk_size = part_size
        with self.errors(key):
            writer = blob.open("wb", ignore_flush=True, if_generation_match=0, checksum=_CHECKSUM, **self.calls)
            with contextlib.ExitStack() as undo:
                undo.callback(writer.terminate)
                for piece in pieces:
                    writer.write(piece)
                undo.pop_all()
            writer.close()

    def probe_conditional(self) -> bool:
        """Emulators answer 200 to what Google refuses, so an object is written to see."""
        return refuses_unconditional(self, "1")

    def protect(self, key: str) -> datetime.datetime | None:
        if self._options.lock_days is None:
            return None
        found = self._look(key)
        if found is None:
            raise NotFoundError(f"{self.url} has no object '{key}'.")
        until = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=self._options.lock_days)
        found.retention.mode = "Locked" if self._options.lock_mode == "compliance" else "Unlocked"
        found.retention.retain_until_time = until
        with self.errors(key):
            found.patch(**self.calls)
        return until

    def protected_until(self, key: str) -> datetime.datetime | None:
        found = self._look(key)
        if found is None:
            return None
        if found.temporary_hold or found.event_based_hold:
            return datetime.datetime.max.replace(tzinfo=datetime.timezone.utc)
        moments = [moment for moment in (found.retention.retain_until_time, found.retention_expiration_time) if moment]
        return max(moments, default=None)

    def sweep(self, prefix: str, before: datetime.datetime, *, dry: bool) -> t.List[str]:  # noqa: ARG002
        """Google itself forgets uploads that were not finished within a week, and charges nothing for them."""
        return []

    def _blob(self, key: str, **more: t.Any) -> t.Any:
        return self.foreign(check_key(key), **more)

    def _classed(self, key: str) -> t.Any:
        blob = self._blob(key, kms_key_name=self._options.kms_key_id)
        if self._options.storage_class:
            blob.storage_class = self._options.storage_class
        return blob

    def _look(self, key: str) -> t.Any:
        return self.look_at(check_key(key))

    def _put(self, blob: t.Any, key: str, data: bytes, generation: int) -> str:
        with self.errors(key):
            blob.upload_from_string(data, if_generation_match=generation, checksum=_CHECKSUM, **self.calls)
        return str(blob.generation)

    def foreign(self, key: str, **more: t.Any) -> t.Any:
        """Google's object of a name that others gave; nothing is asked yet."""
        return self._bucket.blob(self._start + key, **more)

    def look_at(self, key: str) -> t.Any:
        """The same with all that Google says of it, None where there is none."""
        with self.errors(key):
            return self._bucket.get_blob(self._start + key, **self.calls)

    @contextlib.contextmanager
    def errors(self, key: str) -> t.Iterator[None]:
        """The errors of the library as ours."""
        api, auth = need("google.api_core.exceptions"), need("google.auth.exceptions")
        requests, media = need("requests.exceptions"), need("google.cloud.storage.exceptions")
        try:
            yield
        except api.PreconditionFailed as exc:
            raise AlreadyExistsError(f"{self.url} already has an object '{key}', or another version of it.") from exc
        except api.NotFound as exc:
            raise NotFoundError(f"{self.url} has no object '{key}'.") from exc
        except (api.Forbidden, api.Unauthorized, auth.GoogleAuthError) as exc:
            raise StoreError(
                f"{self.url} refused access to '{key}': {_said(exc)}.",
                hint="Check the service account and its role on the bucket (Storage Object User).",
            ) from exc
        except (api.GoogleAPIError, requests.RequestException, media.DataCorruption, media.InvalidResponse) as exc:
            raise StoreError(f"{self.url} failed at '{key}': {_said(exc)}.", hint="Check the endpoint and the bucket's name.") from exc


def _client(options: GcsOptions) -> t.Any:
    storage = need("google.cloud.storage")
    settings = {"api_endpoint": options.endpoint} if options.endpoint else None
    # A project is needed to make buckets only; a name that is given is not looked up.
    return storage.Client(project="-", credentials=_credentials(options), client_options=settings)


def _credentials(options: GcsOptions) -> t.Any:
    if options.service_account_key is not None:
        account = need("google.oauth2.service_account").Credentials
        try:
            return account.from_service_account_info(json.loads(options.service_account_key), scopes=[SCOPE])
        except ValueError as exc:
            raise InputError("service_account_key is not the JSON of a service account's key.", hint="Give the file's whole text.") from exc
    if options.service_account_file is not None:
        account = need("google.oauth2.service_account").Credentials
        try:
            return account.from_service_account_file(options.service_account_file, scopes=[SCOPE])
        except (OSError, ValueError) as exc:
            raise InputError(
                f"service_account_file '{options.service_account_file}' is not the JSON of a service account's key.",
                hint="Name the file that Google made for the account, on the host that runs the module.",
            ) from exc
    if (options.endpoint or "").startswith("http://"):
        return need("google.auth.credentials").AnonymousCredentials()
    return default_credentials()


def default_credentials() -> t.Any:
    try:
        return need("google.auth").default(scopes=[SCOPE])[0]
    except need("google.auth.exceptions").GoogleAuthError as exc:
        raise StoreError(
            "No credentials for gs:// were found.",
            hint="Set service_account_file or service_account_key, or GOOGLE_APPLICATION_CREDENTIALS on the host that runs the module.",
        ) from exc


def _said(exc: BaseException) -> str:
    """The server's own sentence where there is one, else what the library says, cut."""
    text = str(exc)
    found = _SAID.search(text)
    return (found.group(1) if found else " ".join(text.split())[:300]).rstrip(".")
