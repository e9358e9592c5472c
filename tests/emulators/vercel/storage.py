"""Contents by digest, on disk; small ones that were read lately stay in memory."""

from __future__ import annotations

import collections
import hashlib
import os
import typing as t

if t.TYPE_CHECKING:
    from pathlib import Path

SMALL = 256 * 1024
KEPT = 4096


class Body:
    """The body of a request: in memory while it is small, in a file of `folder` when it is not."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / name
        self._chunks: list[bytes] = []
        self._file: t.BinaryIO | None = None
        self._digest = hashlib.sha1(usedforsecurity=False)
        self.size = 0

    @property
    def sha(self) -> str:
        return self._digest.hexdigest()

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._digest.update(chunk)
        if self._file is not None:
            self._file.write(chunk)
            return
        self._chunks.append(chunk)
        if self.size > SMALL:
            self._file = self._path.open("wb")
            self._file.writelines(self._chunks)
            self._chunks = []

    def read(self) -> bytes:
        """All of it."""
        if self._file is None:
            return b"".join(self._chunks)
        self._file.flush()
        return self._path.read_bytes()

    def move_to(self, path: Path) -> None:
        """Make it the file `path`."""
        if self._file is None:
            self._path.write_bytes(b"".join(self._chunks))
        else:
            self._file.close()
            self._file = None
        os.replace(self._path, path)

    def discard(self) -> None:
        """Take away what `move_to` has not taken."""
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)


class Files:
    """What was uploaded."""

    def __init__(self, home: Path) -> None:
        self.incoming = home / "incoming"
        self._objects = home / "objects"
        for folder in (self.incoming, self._objects):
            folder.mkdir(parents=True, exist_ok=True)
        self._sizes = {path.name: path.stat().st_size for path in self._objects.glob("*/*")}
        self._recent: collections.OrderedDict[str, bytes] = collections.OrderedDict()

    def forget(self) -> None:
        """As if nothing had been uploaded; what is on the disk stays there until it is uploaded again."""
        self._sizes.clear()
        self._recent.clear()

    def size(self, sha: str) -> int | None:
        """None for what nobody has uploaded."""
        return self._sizes.get(sha)

    def path(self, sha: str) -> Path:
        return self._objects / sha[:2] / sha

    def take(self, body: Body) -> None:
        """Keep a request's body under its digest."""
        if body.sha not in self._sizes:
            path = self.path(body.sha)
            path.parent.mkdir(exist_ok=True)
            body.move_to(path)
            self._sizes[body.sha] = body.size

    def put(self, content: bytes) -> str:
        """Keep `content`; returns its digest."""
        body = Body(self.incoming, os.urandom(8).hex())
        body.add(content)
        self.take(body)
        body.discard()
        return body.sha

    def read(self, sha: str) -> bytes:
        if sha in self._recent:
            self._recent.move_to_end(sha)
            return self._recent[sha]
        content = self.path(sha).read_bytes()
        if len(content) <= SMALL:
            self._recent[sha] = content
            if len(self._recent) > KEPT:
                self._recent.popitem(last=False)
        return content
