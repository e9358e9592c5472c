"""What the host makes of a commit: the files of a site, by path. No code runs.

A commit with a folder `public` is built as Vite builds: its files go to the root, and what `index.html` loads from `/src/` goes to
`/assets/` under a name with a digest of its content. Any other commit is the site itself. Files named `*.emulated.json` stand for
functions; see the README. A portal may bring a build of its own instead, as `module:function` from files to files.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import re
import subprocess
import tarfile
import typing as t
from pathlib import PurePosixPath

if t.TYPE_CHECKING:
    from pathlib import Path

SOURCES = "src/"
PUBLIC = "public/"
ENVIRONMENT = re.compile(rb"import\.meta\.env\.([A-Z][A-Z0-9_]*)")


class Site(t.NamedTuple):
    """A built commit. `headers` go with every file, as a file `_headers` says; `functions` are by path."""

    commit: str
    files: dict[str, bytes]
    headers: dict[str, str]
    functions: dict[str, dict[str, t.Any]]


NOTHING: t.Final = Site("", {}, {}, {})


def build(repository: Path, commit: str, own: str = "") -> Site:
    """The site of a commit, the same every time. `own`: the build that the portal brings."""
    packed = subprocess.run(["git", "-C", str(repository), "archive", "--format=tar", commit], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        files = {member.name: _content(archive, member) for member in archive.getmembers() if member.isfile()}
    if own:
        module, _colon, function = own.partition(":")
        built = getattr(importlib.import_module(module), function)(files)
    else:
        built = _bundled(files) if any(path.startswith(PUBLIC) for path in files) else files
    functions = {
        f"/{path.removesuffix('.emulated.json')}": json.loads(text) for path, text in built.items() if path.endswith(".emulated.json")
    }
    hidden = ("_headers", *(path for path in built if path.endswith(".emulated.json")))
    shown = {f"/{path}": text for path, text in built.items() if path not in hidden and not path.startswith(".env")}
    return Site(commit, shown, _headers(built.get("_headers", b"").decode()), functions)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file is not None
    return file.read()


def _bundled(files: dict[str, bytes]) -> dict[str, bytes]:
    """Scripts first, for their names are part of what loads them: a script loads others that come before it in the alphabet's reverse."""
    environment = dict(line.split("=", 1) for line in files.get(".env.production", b"").decode().splitlines() if "=" in line)
    built = {path.removeprefix(PUBLIC): text for path, text in files.items() if path.startswith(PUBLIC)}
    names: dict[bytes, bytes] = {}
    for path in sorted((path for path in files if path.startswith(SOURCES)), reverse=True):
        text = ENVIRONMENT.sub(lambda found: json.dumps(environment.get(found[1].decode())).encode(), _renamed(files[path], names))
        plain = PurePosixPath(path)
        name = f"assets/{plain.stem}-{hashlib.sha256(text).hexdigest()[:8]}{plain.suffix}"
        names[f"/{path}".encode()] = f"/{name}".encode()
        built[name] = text
    for path in files:
        if "/" not in path and path.endswith(".html"):
            built[path] = _renamed(files[path], names)
    return built


def _renamed(text: bytes, names: dict[bytes, bytes]) -> bytes:
    for source, name in names.items():
        text = text.replace(source, name)
    return text


def _headers(text: str) -> dict[str, str]:
    """Those for `/*`, as Netlify and Cloudflare Pages read them."""
    found, everywhere = {}, False
    for line in text.splitlines():
        if not line.startswith((" ", "\t")):
            everywhere = line.strip() == "/*"
        elif everywhere and ":" in line:
            name, _colon, value = line.partition(":")
            found[name.strip()] = value.strip()
    return found
