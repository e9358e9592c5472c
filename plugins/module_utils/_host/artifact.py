# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an artifact to an unpacked release: checked, unpacked aside, renamed into place."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import posixpath
import shutil
import tarfile
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, iso_exact, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._host.layout import SLOTS, Layout

MARK = ".holdfast-release.json"
ASIDE = ".unpacking-"
PIECE = 1 << 20


def is_unpacked(layout: Layout, release_id: str, sha256: str | None) -> bool:
    """Whether the release is in place already; InputError when its id stands for another artifact there."""
    content = read_if_there(os.path.join(layout.release(release_id), MARK))
    if content is None:
        return False
    found = json.loads(content).get("artifact_sha256")
    if found != sha256:
        raise InputError(
            f"release.id: {release_id} is unpacked already, from an artifact with SHA-256 {found or 'unknown'}, not {sha256 or 'unknown'}.",
            hint="Give each release an id of its own.",
        )
    return True


def check_artifact(path: str, sha256: str | None) -> None:
    """InputError unless `path` is a folder, or an archive with this checksum."""
    if os.path.isdir(path):
        if sha256:
            raise InputError(f"artifact: {path} is a folder and has no checksum.", hint="Leave artifact_sha256 out, or pack it as .tar.gz.")
        return
    if not os.path.isfile(path):
        raise InputError(f"artifact: there is no {path} on this host.", hint="Copy the artifact to the host first.")
    found = _sha256(path) if sha256 else None
    if found != (sha256 or None):
        raise InputError(
            f"artifact: {path} has the SHA-256 {found}, not {sha256}.",
            hint="It was damaged or exchanged on its way; build or copy it again.",
        )


def unpack(layout: Layout, release_id: str, artifact: str, sha256: str | None, clock: Clock) -> None:
    """Put an artifact into releases/<id>. What a killed run left behind is removed first."""
    _sweep(layout)
    aside = tempfile.mkdtemp(prefix=ASIDE, dir=layout.releases)
    try:
        _fill(artifact, aside)
        mark = {"release_id": release_id, "artifact_sha256": sha256, "unpacked_at": iso_exact(clock.now())}
        write_atomic(os.path.join(aside, MARK), json.dumps(mark, sort_keys=True).encode("utf-8"), mode=0o644)
        os.chmod(aside, 0o755)  # noqa: S103 - the application runs as another user
        shutil.rmtree(layout.release(release_id), ignore_errors=True)
        os.replace(aside, layout.release(release_id))
    except OSError as exc:
        raise WebopsError(
            f"{artifact} could not be unpacked into {layout.releases}: {exc.strerror}.", hint="Look at space and permissions."
        ) from exc
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def prune(layout: Layout, keep: int) -> list[str]:
    """Remove the oldest unpacked releases beyond `keep`; those that a slot points to stay. Returns the ids that went."""
    gone = to_prune(_unpacked(layout), {layout.current_release(slot) for slot in SLOTS}, keep)
    for release_id in gone:
        shutil.rmtree(layout.release(release_id))
    return gone


def to_prune(unpacked: t.Sequence[str], current: t.Collection[str | None], keep: int) -> list[str]:
    """Which of the releases, given oldest first, have to go. Pure."""
    surplus = max(0, len(unpacked) - keep)
    return [release_id for release_id in unpacked if release_id not in current][:surplus]


def check_members(members: t.Sequence[tarfile.TarInfo]) -> None:
    """InputError when an archive would write outside of its folder, or anything but files, folders and links. Pure."""
    links = {_clean(member.name) for member in members if member.issym()}
    for member in members:
        problem = _problem(member, links)
        if problem:
            raise InputError(f"artifact: its member '{member.name}' {problem}.", hint="Build it from plain files with relative paths.")


def _problem(member: tarfile.TarInfo, links: t.Collection[str]) -> str | None:
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        return "is no file, folder or link"
    if member.name.startswith("/") or ".." in member.name.split("/"):
        return "lies outside of the release"
    if any(parent in links for parent in _parents(_clean(member.name))):
        return "lies below a link"
    if member.issym() and not _stays_inside(posixpath.dirname(_clean(member.name)), member.linkname):
        return f"points outside of the release, to '{member.linkname}'"
    if member.islnk() and not _stays_inside("", member.linkname):
        return f"is a hard link to '{member.linkname}' outside of the release"
    return None


def _stays_inside(folder: str, target: str) -> bool:
    """Whether a link in `folder` leads to a place in the archive. '..' counts at the beginning only, where no other link can bend it."""
    parts = target.split("/")
    first = next((number for number, part in enumerate(parts) if part not in ("..", ".")), len(parts))
    resolved = posixpath.normpath(posixpath.join(folder, target))
    return not target.startswith("/") and ".." not in parts[first:] and resolved != ".." and not resolved.startswith("../")


def _clean(name: str) -> str:
    return posixpath.normpath(name)


def _parents(name: str) -> t.Iterator[str]:
    while "/" in name:
        name = posixpath.dirname(name)
        yield name


def _fill(artifact: str, folder: str) -> None:
    if os.path.isdir(artifact):
        shutil.copytree(artifact, folder, symlinks=True, dirs_exist_ok=True)
        return
    try:
        with tarfile.open(artifact) as archive:
            check_members(archive.getmembers())
            if hasattr(tarfile, "data_filter"):
                archive.extractall(folder, filter="data")
            else:
                archive.extractall(folder)  # noqa: S202 - check_members refused whatever the filter would
    except (tarfile.TarError, EOFError) as exc:
        raise InputError(f"artifact: {artifact} cannot be unpacked: {exc}.", hint="Give a .tar.gz archive, or a folder.") from exc


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(PIECE), b""):
            digest.update(piece)
    return digest.hexdigest()


def _unpacked(layout: Layout) -> list[str]:
    """The ids of all unpacked releases, oldest first."""
    found = []
    for entry in os.scandir(layout.releases):
        content = read_if_there(os.path.join(entry.path, MARK)) if entry.is_dir(follow_symlinks=False) else None
        if content:
            found.append((parse_iso(json.loads(content)["unpacked_at"]), entry.name))
    return [name for _at, name in sorted(found)]


def _sweep(layout: Layout) -> None:
    with contextlib.suppress(FileNotFoundError):
        for entry in os.scandir(layout.releases):
            if entry.name.startswith(ASIDE):
                shutil.rmtree(entry.path, ignore_errors=True)
