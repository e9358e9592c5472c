# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a snapshot of a bucket is made of, and how it is written down. Formats: docs/manifest.md.

listing   what was in the bucket, for who restores it: encrypted
index     what the next backup must know, and nobody can read names in: not encrypted
details   of each run that stored something, beside its contents: digests and attributes, encrypted
"""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import hmac
import io
import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Attributes
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoredObject

Line = t.Dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Entry:
    """One object of a bucket in a snapshot. `content` is the name of a stored content, `attributes` that of a line of details."""

    key: str
    size: int
    modified: str
    content: str
    attributes: str | None = None


@dataclasses.dataclass(frozen=True)
class Content:
    """One stored content. `stored` and `sha256` are of its bytes in the store, `size` and `digest` of what is in it.

    Its name is `<run>/<file>`; it was encrypted to `recipients`. Details of a run have no digest.
    """

    name: str
    size: int
    stored: int
    sha256: str
    digest: str
    recipients: tuple[str, ...] = ()

    @property
    def run(self) -> str:
        return self.name.partition("/")[0]


@dataclasses.dataclass
class Index:
    """The contents and marks of a snapshot. A mark stands for one state of one object, and tells nothing to who does not know it."""

    contents: dict[str, Content] = dataclasses.field(default_factory=dict)
    marks: dict[str, tuple[str, str | None]] = dataclasses.field(default_factory=dict)


class Digests:
    """How contents and marks are told apart: by SHA-256, or by HMAC-SHA-256 where there is a key."""

    def __init__(self, key: str | None) -> None:
        self._key = key.encode() if key else None

    @property
    def method(self) -> str:
        return "sha256" if self._key is None else "hmac-sha256"

    def digest(self, sha256: str) -> str:
        """Of a content, from its SHA-256 in hexadecimal digits."""
        return sha256 if self._key is None else self._of(sha256.encode())

    def _of(self, data: bytes) -> str:
        return (hashlib.sha256(data) if self._key is None else hmac.new(self._key, data, hashlib.sha256)).hexdigest()

    def mark(self, seen: StoredObject) -> str:
        """Of one state of one object, as the listing of its bucket shows it; some services know no parts of seconds elsewhere."""
        state = [seen.key, seen.size, seen.version, int(seen.modified.timestamp())]
        return self._of(json.dumps(state).encode())


@dataclasses.dataclass
class Details:
    """Of one run: SHA-256 of the plain contents that it stored, and the attributes of the objects that it read."""

    sha256: dict[str, str] = dataclasses.field(default_factory=dict)
    attributes: dict[str, Attributes] = dataclasses.field(default_factory=dict)


def packed_listing(entries: t.Iterable[Entry]) -> bytes:
    return _packed(dataclasses.asdict(entry) for entry in sorted(entries, key=lambda entry: entry.key))


def listing_from(content: bytes, where: str) -> list[Entry]:
    with _telling(where):
        entries = [Entry(line["key"], int(line["size"]), line["modified"], line["content"], line["attributes"]) for line in _lines(content)]
        for entry in entries:
            parse_iso(entry.modified)
    return entries


def packed_index(index: Index) -> bytes:
    def lines() -> t.Iterator[Line]:
        for content in sorted(index.contents.values(), key=lambda one: one.name):
            yield {**dataclasses.asdict(content), "recipients": list(content.recipients)}
        for mark, (content_name, attributes) in sorted(index.marks.items()):
            yield {"mark": mark, "content": content_name, "attributes": attributes}

    return _packed(lines())


def index_from(content: bytes, where: str) -> Index:
    index = Index()
    with _telling(where):
        for line in _lines(content):
            if "mark" in line:
                index.marks[line["mark"]] = (line["content"], line["attributes"])
            else:
                index.contents[line["name"]] = Content(**{**line, "recipients": tuple(line["recipients"])})
    return index


def packed_details(details: Details) -> bytes:
    contents = [{"content": name, "sha256": sha256} for name, sha256 in sorted(details.sha256.items())]
    return _packed([*contents, *({"attributes": name, "values": values} for name, values in sorted(details.attributes.items()))])


def details_from(content: bytes, where: str) -> Details:
    details = Details()
    with _telling(where):
        for line in _lines(content):
            if "content" in line:
                details.sha256[line["content"]] = line["sha256"]
            else:
                details.attributes[line["attributes"]] = line["values"]
    return details


def entry_of(seen: StoredObject, content: str, attributes: str | None) -> Entry:
    return Entry(seen.key, seen.size, iso(seen.modified), content, attributes)


def _packed(lines: t.Iterable[Line]) -> bytes:
    """One JSON object a line, compressed; equal lines give equal bytes."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:
        for line in lines:
            file.write(json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")
    return out.getvalue()


def _lines(content: bytes) -> t.Iterator[Line]:
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        for line in file:
            yield json.loads(line)


class _telling:  # noqa: N801  (reads as a statement)
    """Whatever is wrong with a file of ours is one sentence about it."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None:
        """Nothing to begin."""

    def __exit__(self, kind: t.Any, exc: BaseException | None, trace: t.Any) -> None:
        if isinstance(exc, (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, InputError)):
            raise WebopsError(f"{self._where} is damaged, or was written by a newer version: {exc}") from exc
