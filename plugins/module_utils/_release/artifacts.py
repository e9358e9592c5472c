# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the artefact of a release comes from: an archive, a folder, or a commit in git. It ends as one file with one checksum.

What is packed here is packed the same way every time: the same folder, the same commit, gives the same checksum on every
controller, for the checksum is what tells one artefact from another in the ledger and between environments.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import re
import tarfile
import typing as t
import zlib

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, Finished
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.git import git_environment
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import Redactor, derived_secrets

PIECE = 1 << 20
QUICK_SECONDS = 60
# From 1980 on, within ten years: files whose content differs get times that differ.
FIRST_TIME, TIMES = 315532800, 315360000
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+@-]*")
_NO_REF = re.compile(r"couldn't find remote ref|not our ref|unadvertised object", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Artifact:
    """A file on the controller; `kind` is archive, folder, git, or none. `commit` is empty where nobody knows it."""

    kind: str = "none"
    path: str = ""
    sha256: str = ""
    commit: str = ""


@dataclasses.dataclass(frozen=True)
class Repository:
    """A place in git; `ref` is a branch, a tag or a whole commit id."""

    url: str
    ref: str
    username: str = ""
    password: str = dataclasses.field(default="", repr=False)

    def __post_init__(self) -> None:
        if derived_secrets(self.url):
            raise InputError("git_url: it holds a password.", hint="Give that in git_password; a URL is shown in logs.")
        if self.url.startswith("-"):
            raise InputError(f"git_url: '{self.url}' is not the URL of a repository.")
        if not _REF.fullmatch(self.ref) or ".." in self.ref:
            raise InputError(
                f"git_ref: '{self.ref}' names no branch, tag or commit.", hint="Give one of them, a commit with all its 40 digits."
            )

    def environment(self) -> dict[str, str]:
        """What keeps git from asking anybody, and gives it the password."""
        return git_environment(self.username, self.password)


def from_path(path: str, folder: str) -> Artifact:
    """An archive as it lies, or a folder packed into a file in `folder`."""
    if os.path.isdir(path):
        target = os.path.join(folder, "artifact.tar")
        pack(path, target)
        return Artifact("folder", target, sha256_of(target))
    if not os.path.isfile(path):
        raise InputError(f"path is '{path}': there is no such file on the controller.")
    return Artifact("archive", os.path.realpath(path), sha256_of(path))


def from_git(repository: Repository, folder: str, commands: Commands, timeout: float) -> Artifact:
    """The files of one commit, without their history, as a file in `folder`. Submodules and large files kept elsewhere stay out."""
    bare, target = os.path.join(folder, "repository"), os.path.join(folder, "artifact.tar")
    try:
        commands.check(["git", "init", "--quiet", "--bare", bare], timeout=QUICK_SECONDS)
    except NotFoundError as exc:
        raise NotFoundError("git_url: there is no git on the controller.", hint="Install git there.") from exc
    fetch = ["git", "-C", bare, "fetch", "--quiet", "--depth", "1", "--no-tags", "--", repository.url, repository.ref]
    done = commands.run(fetch, env=repository.environment(), timeout=timeout)
    if done.returncode != 0:
        raise _not_fetched(repository, done)
    commit = commands.check(["git", "-C", bare, "rev-parse", "--verify", "FETCH_HEAD^{commit}"], timeout=QUICK_SECONDS).text.strip()
    commands.check(["git", "-C", bare, "archive", "--format=tar", f"--output={target}", commit], timeout=timeout)
    return Artifact("git", target, sha256_of(target), commit)


def require(artifact: Artifact, *, sha256: str, commit: str) -> Artifact:
    """The artefact, when it is the one that was meant; InputError otherwise."""
    if sha256 and artifact.sha256 != sha256.lower():
        raise InputError(f"The artefact is another one than was meant: its SHA-256 is {artifact.sha256}, but {sha256} was expected.")
    if commit and artifact.commit and not artifact.commit.startswith(commit.lower()):
        raise InputError(f"The artefact is another one than was meant: git_ref is at {artifact.commit}, but {commit} was expected.")
    return dataclasses.replace(artifact, commit=artifact.commit or commit)


def pack(folder: str, target: str) -> None:
    """Pack what is in a folder, but for its `.git`. Nothing of the controller's clocks and users gets in."""
    with open(target, "wb") as file, tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in _below(folder):
            _add(archive, path, os.path.relpath(path, folder))


def _below(folder: str) -> t.Iterator[str]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name == ".git":
            continue
        yield entry.path
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path)


def _add(archive: tarfile.TarFile, path: str, name: str) -> None:
    """One member. Its time comes from its content: web servers tell two versions of a file apart by size and time."""
    member = archive.gettarinfo(path, name)
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        raise InputError(f"path: '{name}' in it is no file, folder or link.", hint="Leave it out of the folder.")
    content = b""
    if member.isreg() or member.islnk():
        with open(path, "rb") as file:
            content = file.read()
        member.type, member.size, member.linkname = tarfile.REGTYPE, len(content), ""
    executable = member.isdir() or member.mode & 0o111
    member.mode, member.mtime = 0o755 if executable else 0o644, FIRST_TIME + zlib.crc32(content) % TIMES
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    archive.addfile(member, io.BytesIO(content))


def sha256_of(path: str) -> str:
    """The checksum of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(PIECE), b""):
            digest.update(piece)
    return digest.hexdigest()


def _not_fetched(repository: Repository, done: Finished) -> WebopsError:
    said = Redactor([repository.password] if repository.password else [])(done.errors)
    if _NO_REF.search(said):
        return InputError(
            f"git_ref: there is no '{repository.ref}' in {repository.url}.", hint="Give a branch, a tag or a whole commit id."
        )
    lines = [line.partition(":")[2].strip() for line in said.splitlines() if line.startswith(("fatal:", "error:", "ERROR:", "remote:"))]
    reason = "; ".join(lines) or said.strip() or f"git ended with {done.returncode}"
    return WebopsError(f"git_url: {repository.url} cannot be read: {reason.rstrip('.')}.", hint="Look at URL, user and password.")
