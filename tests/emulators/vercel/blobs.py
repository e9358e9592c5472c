"""Vercel Blob: stores, and objects in them by path name. Contents are files named by digest, as uploads are."""

from __future__ import annotations

import dataclasses
import secrets
import typing as t
import urllib.parse

from tests.emulators.vercel.errors import ApiError, bad_request
from tests.emulators.vercel.records import Object

if t.TYPE_CHECKING:
    from tests.emulators.vercel.storage import Body, Files

MONTH = 2_592_000
LONGEST = 950
DOMAIN = ".blob.vercel-storage.com"


@dataclasses.dataclass
class Blob:
    pathname: str
    sha: str
    size: int
    etag: str
    content_type: str
    max_age: int
    uploaded: int


@dataclasses.dataclass
class Upload:
    """A multipart upload; its parts by number: digest and size."""

    id: str
    key: str
    options: Object
    parts: dict[int, tuple[str, int]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Store:
    """`access` is public or private, for all that is in it."""

    id: str
    name: str
    access: str
    region: str
    team_id: str
    secret: str
    created: int
    blobs: dict[str, Blob] = dataclasses.field(default_factory=dict)
    uploads: dict[str, Upload] = dataclasses.field(default_factory=dict)
    suspended: bool = False

    @property
    def plain_id(self) -> str:
        return self.id.removeprefix("store_")

    @property
    def token(self) -> str:
        """Reads and writes everything in it."""
        return f"vercel_blob_rw_{self.plain_id}_{self.secret}"

    @property
    def host(self) -> str:
        return f"{self.plain_id.lower()}.{self.access}{DOMAIN}"

    def url(self, pathname: str) -> str:
        return f"https://{self.host}/{urllib.parse.quote(pathname)}"


class Stores:
    """All stores, found by id or by the host that serves them."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.by_id: dict[str, Store] = {}
        self._by_host: dict[str, Store] = {}

    def add(self, store: Store) -> None:
        self.by_id[store.plain_id] = self._by_host[store.host] = store

    def drop(self, store: Store) -> None:
        del self.by_id[store.plain_id], self._by_host[store.host]

    def of_host(self, host: str) -> Store | None:
        return self._by_host.get(host)


def pathname_of(store: Store, named: str) -> str:
    """The path name inside a store, of a path name or of the blob's address."""
    if "://" not in named:
        return named.lstrip("/")
    parts = urllib.parse.urlsplit(named)
    if parts.hostname != store.host:
        raise ApiError(404, "not_found", "The requested blob does not exist")
    return urllib.parse.unquote(parts.path).lstrip("/")


def checked(pathname: str, headers: dict[str, str]) -> str:
    """The path name to write to, with a random suffix where one is asked for."""
    if not pathname or "//" in pathname or len(pathname) > LONGEST:
        raise bad_request(f"pathname has to be 1 to {LONGEST} characters without //")
    if headers.get("x-add-random-suffix") != "1":
        return pathname
    folder, slash, name = pathname.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    suffix = secrets.token_urlsafe(22)[:30]
    return f"{folder}{slash}{stem}-{suffix}{dot}{ending}" if dot else f"{folder}{slash}{name}-{suffix}"


def refuse_overwriting(store: Store, pathname: str, headers: dict[str, str]) -> None:
    """x-if-match compares; without it an existing blob is replaced only where that is allowed."""
    known, wanted = store.blobs.get(pathname), headers.get("x-if-match")
    if wanted is not None:
        if known is None or known.etag != wanted:
            raise ApiError(412, "precondition_failed", "Precondition failed: ETag mismatch.")
    elif known is not None and headers.get("x-allow-overwrite") != "1":
        raise bad_request("This blob already exists, use `allowOverwrite: true` if you want to overwrite it. Or `addRandomSuffix: true`.")


def refuse_copying(store: Store, source: Blob, pathname: str, headers: dict[str, str]) -> None:
    """Here x-if-match is about the source."""
    if headers.get("x-if-match", source.etag) != source.etag:
        raise ApiError(412, "precondition_failed", "Precondition failed: ETag mismatch.")
    refuse_overwriting(store, pathname, {name: value for name, value in headers.items() if name != "x-if-match"})


def keep(stores: Stores, body: Body) -> tuple[str, int]:
    """Digest and size of a request's body, which is a file now."""
    sha, size = body.sha, body.size
    stores.files.take(body)
    return sha, size
