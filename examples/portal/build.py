"""Build the artefacts of the example portal: `python examples/portal/build.py 1.1 --out build/portal` (or `all`).

A release is the files of release 1.0 with those of each later one laid over them. The same files always make the
same artefact, byte for byte, and the commit is a digest of them.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import shutil
import sys
import tarfile
import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES = Path(__file__).resolve().parent / "releases"
DEFAULT_OUT = Path("build/portal")
COMMIT_LENGTH = 12


class Artefact(t.NamedTuple):
    archive: Path
    sha256: str
    commit: str


def versions(releases: Path = RELEASES) -> list[str]:
    """All versions, oldest first."""
    names = [folder.name for folder in releases.iterdir() if folder.is_dir()]
    return sorted(names, key=lambda name: [int(part) for part in name.split(".")])


def layered(releases: Path, version: str) -> dict[str, bytes]:
    """Path -> bytes of a release's own files, laid over those of the ones before it."""
    known = versions(releases)
    files: dict[str, bytes] = {}
    for layer in known[: known.index(version) + 1]:
        files |= _layer(releases / layer)
    return files


def contents(version: str) -> dict[str, bytes]:
    """Path -> bytes of everything in the artefact, release.json included."""
    files = layered(RELEASES, version)
    described = {"version": version, "commit": digest(files)}
    return {**files, "release.json": (json.dumps(described) + "\n").encode()}


def digest(files: Mapping[str, bytes]) -> str:
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:COMMIT_LENGTH]


def pack(files: Mapping[str, bytes]) -> bytes:
    """A tar.gz that depends on names and contents alone: no times, no owners."""
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=buffer, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(files[name]), 0o644
            archive.addfile(member, io.BytesIO(files[name]))
    return buffer.getvalue()


def build(version: str, out: Path) -> Artefact:
    """Write portal-<version>.tar.gz, its .sha256 and the unpacked <version>/ into `out`."""
    return write("portal", version, contents(version), out)


def write(name: str, version: str, files: Mapping[str, bytes], out: Path) -> Artefact:
    """The same for any portal; `files` hold its release.json."""
    packed = pack(files)
    checksum = hashlib.sha256(packed).hexdigest()
    archive = out / f"{name}-{version}.tar.gz"
    _unpack(files, out / version)
    _replace(archive, packed)
    _replace(archive.with_name(f"{archive.name}.sha256"), f"{checksum}  {archive.name}\n".encode())
    return Artefact(archive, checksum, json.loads(files["release.json"])["commit"])


def _layer(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def _unpack(files: Mapping[str, bytes], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}")
    temporary.write_bytes(content)
    temporary.replace(path)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", choices=[*versions(), "all"])
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder for the artefacts (default: %(default)s)")
    chosen = parser.parse_args(argv)
    for version in versions() if chosen.version == "all" else [chosen.version]:
        artefact = build(version, chosen.out)
        print(f"{artefact.archive}  commit {artefact.commit}  sha256 {artefact.sha256}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
