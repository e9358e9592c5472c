"""The HTTP API of Vercel Blob, as @vercel/blob speaks it; and what its hosts serve."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import mimetypes
import os
import typing as t
import urllib.parse

from tests.emulators.vercel.blobs import MONTH, Blob, Store, Upload, checked, keep, pathname_of, refuse_copying, refuse_overwriting
from tests.emulators.vercel.call import Answer
from tests.emulators.vercel.domains import iso
from tests.emulators.vercel.errors import ApiError, bad_request, forbidden
from tests.emulators.vercel.storage import Body

if t.TYPE_CHECKING:
    from tests.emulators.vercel.blobs import Stores
    from tests.emulators.vercel.records import Object
    from tests.emulators.vercel.serving import Visit
    from tests.emulators.vercel.world import World

CHUNK = 1024 * 1024
PAGE = 1000


@dataclasses.dataclass
class Request:
    """A request to the blob API, and the store that its token opens."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Body
    store: Store


def answer(world: World, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: Body) -> Answer:
    """`path` is what comes after the API's base."""
    request = Request(method, path.rstrip("/") or "/", query, headers, body, _opened(world, headers))
    if request.store.suspended:
        raise ApiError(403, "store_suspended", "This store has been suspended.")
    handler = _ROUTES.get((method, request.path))
    if handler is None:
        raise ApiError(404, "not_found", "The requested resource does not exist")
    return handler(world, request)


def _opened(world: World, headers: dict[str, str]) -> Store:
    """By the store's own token, or by a team's token and x-vercel-blob-store-id."""
    given = headers.get("authorization", "").removeprefix("Bearer ")
    parts = given.split("_")
    if given.startswith("vercel_blob_rw_") and len(parts) >= 5:
        store = world.stores.by_id.get(parts[3])
        if store is None:
            raise ApiError(404, "store_not_found", "This store does not exist.")
        if store.token != given:
            raise forbidden("Access denied, please provide a valid token for this resource.")
        return store
    token, named = world.tokens.get(given), headers.get("x-vercel-blob-store-id", "").removeprefix("store_")
    store = world.stores.by_id.get(named)
    if token is None or (store is not None and store.team_id not in token.teams):
        raise forbidden("Access denied, please provide a valid token for this resource.")
    if store is None:
        raise ApiError(404, "store_not_found", "This store does not exist.")
    return store


def _put(world: World, request: Request) -> Answer:
    pathname = checked(request.query.get("pathname", ""), request.headers)
    _refuse_access(request)
    if source := request.query.get("fromUrl"):
        found = _known(request.store, source)
        refuse_copying(request.store, found, pathname, request.headers)
        sha, size, kind = found.sha, found.size, request.headers.get("x-content-type") or found.content_type
    else:
        refuse_overwriting(request.store, pathname, request.headers)
        sha, size = keep(world.stores, request.body)
        kind = request.headers.get("x-content-type") or _guessed(pathname)
    return Answer(200, _stored(world, request.store, pathname, sha, size, kind, request.headers))


def _rename(world: World, request: Request) -> Answer:
    done = _put(world, request)
    request.store.blobs.pop(pathname_of(request.store, request.query.get("fromUrl", "")), None)
    return done


def _get(world: World, request: Request) -> Answer:
    """One blob's facts, or a list."""
    if named := request.query.get("url"):
        return Answer(200, _head(request.store, _known(request.store, named)))
    return Answer(200, _list(request.store, request.query))


def _list(store: Store, query: dict[str, str]) -> Object:
    prefix, after = query.get("prefix", ""), query.get("cursor", "")
    limit = max(1, min(int(query.get("limit") or PAGE), PAGE))
    names = sorted(name for name in store.blobs if name.startswith(prefix))
    folders: list[str] = []
    if query.get("mode") == "folded":
        folders = sorted({prefix + name[len(prefix) :].split("/")[0] + "/" for name in names if "/" in name[len(prefix) :]})
        names = [name for name in names if "/" not in name[len(prefix) :]]
    left = [name for name in names if name > after]
    page = left[:limit]
    more = len(left) > limit
    found: Object = {"blobs": [_head(store, store.blobs[name]) for name in page], "hasMore": more}
    return found | ({"cursor": page[-1]} if more else {}) | ({"folders": folders} if query.get("mode") == "folded" else {})


def _delete(world: World, request: Request) -> Answer:
    urls = json.loads(request.body.read() or b"{}").get("urls")
    if not isinstance(urls, list):
        raise bad_request("urls should be an array")
    wanted = request.headers.get("x-if-match")
    for url in urls:
        name = pathname_of(request.store, url)
        if wanted is not None and name in request.store.blobs and request.store.blobs[name].etag != wanted:
            raise ApiError(412, "precondition_failed", "Precondition failed: ETag mismatch.")
        request.store.blobs.pop(name, None)
    return Answer(200, {})


# --- uploads in parts ---


def _multipart(world: World, request: Request) -> Answer:
    actions = {"create": _create_upload, "upload": _upload_part, "complete": _complete_upload}
    action = actions.get(request.headers.get("x-mpu-action", ""))
    if action is None:
        raise bad_request("x-mpu-action should be create, upload or complete")
    return action(world, request)


def _create_upload(world: World, request: Request) -> Answer:
    key = checked(request.query.get("pathname", ""), request.headers)
    _refuse_access(request)
    refuse_overwriting(request.store, key, request.headers)
    upload = Upload(world.new_id(""), key, dict(request.headers))
    request.store.uploads[upload.id] = upload
    return Answer(200, {"key": key, "uploadId": upload.id})


def _upload_part(world: World, request: Request) -> Answer:
    upload, number = _upload(request), int(request.headers.get("x-mpu-part-number", "0"))
    if number < 1:
        raise bad_request("x-mpu-part-number should be a number from 1")
    upload.parts[number] = keep(world.stores, request.body)
    return Answer(200, {"etag": upload.parts[number][0]})


def _complete_upload(world: World, request: Request) -> Answer:
    """The parts may come in any order."""
    upload, listed = _upload(request), json.loads(request.body.read())
    chosen = sorted((int(part["partNumber"]), str(part["etag"])) for part in listed)
    if any(upload.parts.get(number, ("", 0))[0] != etag for number, etag in chosen) or not chosen:
        raise bad_request("One or more of the parts could not be found.")
    whole = Body(world.files.incoming, os.urandom(8).hex())
    for _number, etag in chosen:
        with world.files.path(etag).open("rb") as part:
            while chunk := part.read(CHUNK):
                whole.add(chunk)
    sha, size = keep(world.stores, whole)
    whole.discard()
    del request.store.uploads[upload.id]
    kind = upload.options.get("x-content-type") or _guessed(upload.key)
    return Answer(200, _stored(world, request.store, upload.key, sha, size, kind, upload.options))


def _upload(request: Request) -> Upload:
    found = request.store.uploads.get(request.headers.get("x-mpu-upload-id", ""))
    if found is None or urllib.parse.unquote(request.headers.get("x-mpu-key", "")) != found.key:
        raise ApiError(404, "not_found", "The upload does not exist")
    return found


# --- shared ---


def _refuse_access(request: Request) -> None:
    wanted = request.headers.get("x-vercel-blob-access", request.store.access)
    if wanted != request.store.access:
        raise bad_request(f"Cannot use {wanted} access on a {request.store.access} store.")


def _known(store: Store, named: str) -> Blob:
    found = store.blobs.get(pathname_of(store, named))
    if found is None:
        raise ApiError(404, "not_found", "The requested blob does not exist")
    return found


def _stored(world: World, store: Store, pathname: str, sha: str, size: int, kind: str, headers: dict[str, str]) -> Object:
    etag = f'"{hashlib.md5((sha + pathname).encode(), usedforsecurity=False).hexdigest()}"'
    age = int(headers.get("x-cache-control-max-age") or MONTH)
    blob = store.blobs[pathname] = Blob(pathname, sha, size, etag, kind, age, world.clock.now_ms)
    shown = _head(store, blob)
    return {name: shown[name] for name in ("url", "downloadUrl", "pathname", "contentType", "contentDisposition", "etag")}


def _guessed(pathname: str) -> str:
    return mimetypes.guess_type(pathname)[0] or "application/octet-stream"


def _disposition(blob: Blob, kind: str) -> str:
    return f'{kind}; filename="{blob.pathname.rsplit("/", 1)[-1]}"'


def _head(store: Store, blob: Blob) -> Object:
    url = store.url(blob.pathname)
    return {
        "url": url,
        "downloadUrl": f"{url}?download=1",
        "pathname": blob.pathname,
        "contentType": blob.content_type,
        "contentDisposition": _disposition(blob, "inline"),
        "cacheControl": f"public, max-age={blob.max_age}",
        "size": blob.size,
        "uploadedAt": iso(blob.uploaded),
        "etag": blob.etag,
    }


_ROUTES: t.Final = {
    ("PUT", "/"): _put,
    ("GET", "/"): _get,
    ("POST", "/rename"): _rename,
    ("POST", "/delete"): _delete,
    ("POST", "/mpu"): _multipart,
}


def serve(stores: Stores, store: Store, visit: Visit) -> Answer:
    """GET of a blob by its address; a private one needs the store's token."""
    if store.access == "private" and visit.headers.get("authorization") != f"Bearer {store.token}":
        return Answer(403, b"Forbidden\n", {"content-type": "text/plain"})
    blob = store.blobs.get(visit.path.lstrip("/"))
    if blob is None:
        return Answer(404, b"Blob not found\n", {"content-type": "text/plain"})
    headers = {"etag": blob.etag, "content-type": blob.content_type, "cache-control": f"public, max-age={blob.max_age}"}
    headers["content-disposition"] = _disposition(blob, "attachment" if visit.query.get("download") == "1" else "inline")
    if visit.headers.get("if-none-match") == blob.etag:
        return Answer(304, None, headers)
    return Answer(200, stores.files.path(blob.sha), headers | {"content-length": str(blob.size), "accept-ranges": "bytes"})
