# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Vercel Blob's wire format: paths, headers, answers. The store in _stores/vercel_blob.py decides what they mean.

Vercel publishes no description of it; the source is what its own client sends (npm @vercel/blob 2.8.0).
"""

from __future__ import annotations

import json
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import Answer, Ask
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Access, Api

API_URL = "https://vercel.com/api/blob"
API_VERSION = "12"
HOSTS = ".blob.vercel-storage.com"
PAGE = 1000
REQUEST_SECONDS = 60.0  # without a byte
OPERATION_SECONDS = 300.0  # of one call with all its tries, a part over a slow line
# The shortest that Vercel takes: its network may go on serving what was overwritten for so long, in seconds.
_CACHE_SECONDS = "60"


class Part(t.NamedTuple):
    number: int
    etag: str


class Multipart(t.NamedTuple):
    """An upload in parts that was begun."""

    pathname: str
    key: str
    upload_id: str


class BlobApi:
    """One blob store. Every call may be repeated by itself unless it says otherwise; ApiError is Vercel's refusal."""

    def __init__(self, api_url: str, token: str, store_id: str, clock: Clock) -> None:
        self._api_url = api_url
        self._headers = {"x-api-version": API_VERSION, "x-vercel-blob-store-id": store_id}
        access = Access(api_url, token, REQUEST_SECONDS)
        self._api = Api(access, clock, Deadline(clock, OPERATION_SECONDS))

    def put(self, pathname: str, data: bytes, *, replaces: str | None) -> dict[str, t.Any]:
        """Create a blob, or replace the one with the ETag `replaces`. Raises LostAnswerError where nobody knows what became of it."""
        headers = self._storing(overwrite=replaces is not None)
        if replaces is not None:
            headers["x-if-match"] = replaces
        return self._said(f"store '{pathname}'", "PUT", {"pathname": pathname}, headers=headers, body=data, repeat=False)

    def head(self, pathname: str) -> dict[str, t.Any]:
        return self._said(f"look for '{pathname}'", "GET", {"url": pathname})

    def page(self, prefix: str, cursor: str | None) -> dict[str, t.Any]:
        query = {"limit": str(PAGE), "prefix": prefix, **({"cursor": cursor} if cursor else {})}
        return self._said(f"list '{prefix}'", "GET", query)

    def delete(self, url: str) -> None:
        self._said("delete a blob", "POST", {}, path="/delete", headers=_JSON, body=json.dumps({"urls": [url]}).encode())

    def begin(self, pathname: str) -> Multipart:
        """Begin an upload in parts. What is never completed is never seen."""
        headers = {**self._storing(overwrite=False), "x-mpu-action": "create"}
        said = self._said(f"begin the upload of '{pathname}'", "POST", {"pathname": pathname}, path="/mpu", headers=headers)
        return Multipart(pathname, str(said["key"]), str(said["uploadId"]))

    def part(self, upload: Multipart, number: int, data: bytes) -> Part:
        headers = {**_of(upload, "upload"), "x-mpu-part-number": str(number)}
        what = f"store part {number} of '{upload.pathname}'"
        said = self._said(what, "POST", {"pathname": upload.pathname}, path="/mpu", headers=headers, body=data)
        return Part(number, str(said["etag"]))

    def complete(self, upload: Multipart, parts: t.Sequence[Part]) -> None:
        """Make the blob visible. Raises LostAnswerError where nobody knows what became of it."""
        headers = {**self._storing(overwrite=False), **_of(upload, "complete"), **_JSON}
        body = json.dumps([{"partNumber": part.number, "etag": part.etag} for part in parts]).encode()
        what = f"complete the upload of '{upload.pathname}'"
        self._said(what, "POST", {"pathname": upload.pathname}, path="/mpu", headers=headers, body=body, repeat=False)

    def content(self, url: str, start: int, end: int) -> Answer:
        """Bytes [start, end) of a blob's content, past the cache. `end` is above `start`."""
        address, headers = self._address(urllib.parse.urlsplit(url))
        return self._call().ask(Ask("read a blob", "GET", address, True, {**headers, "Range": f"bytes={start}-{end - 1}", "Accept": "*/*"}))

    def _address(self, blob: urllib.parse.SplitResult) -> tuple[str, dict[str, str]]:
        """Where to read it. The token goes to Vercel, or to the endpoint that was given, which answers for Vercel's hosts then."""
        if not str(blob.hostname).endswith(HOSTS):
            raise WebopsError(f"Vercel Blob names {blob.netloc} as the place of a blob, which is not a host of its own.")
        if self._api_url == API_URL:
            return f"https://{blob.netloc}{blob.path}?cache=0", {}
        own = urllib.parse.urlsplit(self._api_url)
        return f"{own.scheme}://{own.netloc}{blob.path}?cache=0", {"Host": blob.netloc}

    def _storing(self, *, overwrite: bool) -> dict[str, str]:
        return {
            "x-vercel-blob-access": "private",
            "x-content-type": "application/octet-stream",
            "x-add-random-suffix": "0",
            "x-allow-overwrite": "1" if overwrite else "0",
            "x-cache-control-max-age": _CACHE_SECONDS,
        }

    def _said(
        self,
        what: str,
        method: str,
        query: t.Mapping[str, str],
        *,
        path: str = "/",
        headers: t.Mapping[str, str] | None = None,
        body: bytes | None = None,
        repeat: bool = True,
    ) -> dict[str, t.Any]:
        url = f"{self._api_url}{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        answer = self._call().ask(Ask(what, method, url, repeat, {**self._headers, **(headers or {})}, lambda: body))
        said = answer.data()
        return said if isinstance(said, dict) else {}

    def _call(self) -> Api:
        return self._api.within(OPERATION_SECONDS)


_JSON = {"content-type": "application/json"}


def _of(upload: Multipart, action: str) -> dict[str, str]:
    return {"x-mpu-action": action, "x-mpu-upload-id": upload.upload_id, "x-mpu-key": urllib.parse.quote(upload.key, safe="")}
