# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The repository that a host publishes from: what its branches hold, new commits on top, and pushes that never lose anybody's work.

Everything is made in an empty repository of our own without a working tree, so that no hook, filter or line end of a user's settings
changes what is published, and check mode does all of it but the push.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, Finished, find_program
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, ConflictError
from ansible_collections.holdfast.webops.plugins.module_utils._core.git import WRITING, git_environment
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.record import FILE, ref_of

_NOISE = re.compile(r"hint:|To \S+$|Done$")
SHOWN_COMMITS = 5


@dataclasses.dataclass(frozen=True)
class Place:
    """A published branch of a repository. `source` is the branch that tested commits are in, `preview` one for previews, or empty."""

    url: str
    branch: str
    source: str
    preview: str
    author: str
    username: str = ""
    password: str = dataclasses.field(default="", repr=False)
    timeout: float = 300.0


@dataclasses.dataclass(frozen=True)
class Heads:
    """The newest commit of each branch as its server says; None where there is no such branch."""

    branch: t.Optional[str] = None
    source: t.Optional[str] = None
    preview: t.Optional[str] = None
    record: t.Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Change:
    """Files of a commit: `tree` is a commit whose files are taken (None: none), then `removed` go and `added` come."""

    tree: t.Optional[str]
    added: t.Mapping[str, bytes]
    removed: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Update:
    """A branch that is to get a new commit in place of `old`; None where it is not there yet."""

    ref: str
    new: str
    old: t.Optional[str]


class Repository:
    """A repository of our own, gone after the block of `open_repository`."""

    def __init__(self, place: Place, path: str, commands: Commands) -> None:
        self.place = place
        self._path = path
        self._commands = commands
        self._git = find_program("git", hint="Install git (Debian package git).")

    def fetch(self) -> Heads:
        """What the server has, with everything that its branches hold."""
        heads = self.heads()
        wanted = {"branch": heads.branch, "source": heads.source, "preview": heads.preview, "record": heads.record}
        specs = [f"+{ref}:refs/seen/{name}" for name, ref in self._refs().items() if wanted[name]]
        if specs:
            done = self.run("fetch", "--quiet", "--no-tags", "--", self.place.url, *specs)
            if done.returncode != 0:
                raise self._unreachable(done)
        # Somebody may have pushed between the two: what counts is what was fetched.
        return Heads(**{name: self._seen(name) if head else None for name, head in wanted.items()})

    def heads(self) -> Heads:
        """The same without content."""
        refs = self._refs()
        done = self.run("ls-remote", "--", self.place.url, *sorted(set(refs.values())))
        if done.returncode != 0:
            raise self._unreachable(done)
        found = _listed(done)
        return Heads(**{name: found.get(ref) for name, ref in refs.items()})

    def has(self, commit: str) -> bool:
        """Whether a branch that was fetched holds a commit."""
        return self.run("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0

    def builds_upon(self, commit: str, base: t.Optional[str]) -> bool:
        """Whether a commit is `base`, or has it in its history; everything builds upon nothing. False for one that is in no branch."""
        return self.has(commit) and (base is None or self.run("merge-base", "--is-ancestor", base, commit).returncode == 0)

    def between(self, head: str, known: t.Sequence[str]) -> list[str]:
        """The commits of `head` that none of the others has, as lines for people."""
        without = [f"^{commit}" for commit in known]
        done = self.check("log", "--no-merges", f"--max-count={SHOWN_COMMITS}", "--format=%h %an: %s", head, *without, "--")
        return done.text.splitlines()

    def file(self, commit: str, path: str) -> t.Optional[bytes]:
        """A file of a commit; None where there is none."""
        done = self.run("cat-file", "blob", f"{commit}:{path}")
        return done.stdout if done.returncode == 0 else None

    def files_below(self, commit: str, folder: str) -> list[str]:
        """The paths of a commit's files in a folder."""
        done = self.check("ls-tree", "-r", "-z", "--name-only", commit, "--", f"{folder}/")
        return [path for path in done.text.split("\0") if path]

    def tree(self, commit: str) -> str:
        """What all files of a commit are together known by."""
        return self.check("rev-parse", "--verify", f"{commit}^{{tree}}").text.strip()

    def released(self, head: t.Optional[str], trailer: str) -> t.Optional[str]:
        """The newest commit of a branch whose message has this line."""
        if head is None:
            return None
        done = self.check("log", "--max-count=1", "--fixed-strings", f"--grep={trailer}", "--format=%H", head, "--")
        return done.text.strip() or None

    def commit(self, change: Change, parents: t.Sequence[str], text: str, seconds: int) -> str:
        """A new commit with exactly these files; made, not pushed. `seconds` since 1970 are its time."""
        return self._import("refs/made/release", change, parents, text, seconds)

    def commit_record(self, text: str, parents: t.Sequence[str], title: str, seconds: int) -> str:
        """The record as a commit of its own kind."""
        return self._import("refs/made/record", Change(None, {FILE: text.encode()}), parents, title, seconds)

    def push(self, updates: t.Sequence[Update]) -> None:
        """All of them or none, and only where nothing has changed since `fetch`. ConflictError names who was there in between."""
        leases = [f"--force-with-lease={update.ref}:{update.old or ''}" for update in updates]
        specs = [f"{update.new}:{update.ref}" for update in updates]
        done = self.run("push", "--porcelain", "--atomic", *leases, "--", self.place.url, *specs)
        if done.returncode == 0:
            return
        found = self._present(updates)
        if all(found.get(update.ref) == update.new for update in updates):
            return  # the answer was lost, not the push
        for update in updates:
            if found.get(update.ref) != update.old:
                raise self._overtaken(update, found.get(update.ref))
        raise CommandError(
            f"repository {self.place.url} took no push to {self.place.branch}: {_said(done)}",
            hint="Look at the rights, the rules and the hooks there; nothing was changed.",
        )

    def run(self, *argv: str, input: t.Optional[bytes] = None) -> Finished:
        environment = {**git_environment(self.place.username, self.place.password, WRITING), "GIT_DIR": self._path}
        return self._commands.run([self._git, *argv], env=environment, input=input, timeout=self.place.timeout)

    def check(self, *argv: str, input: t.Optional[bytes] = None) -> Finished:
        done = self.run(*argv, input=input)
        if done.returncode != 0:
            raise CommandError(f"git {argv[0]} ended with exit code {done.returncode}: {_said(done)}")
        return done

    def _refs(self) -> dict[str, str]:
        place = self.place
        named = {"branch": place.branch, "source": place.source, "preview": place.preview}
        return {**{name: f"refs/heads/{branch}" for name, branch in named.items() if branch}, "record": ref_of(place.branch)}

    def _seen(self, name: str) -> str:
        return self.check("rev-parse", "--verify", f"refs/seen/{name}^{{commit}}").text.strip()

    def _present(self, updates: t.Sequence[Update]) -> dict[str, str]:
        done = self.run("ls-remote", "--", self.place.url, *[update.ref for update in updates])
        if done.returncode != 0:
            raise self._unreachable(done)
        return _listed(done)

    def _import(self, ref: str, change: Change, parents: t.Sequence[str], text: str, seconds: int) -> str:
        self.check(
            "fast-import", "--quiet", "--done", "--force", "--date-format=raw", input=self._stream(ref, change, parents, text, seconds)
        )
        return self.check("rev-parse", "--verify", f"{ref}^{{commit}}").text.strip()

    def _stream(self, ref: str, change: Change, parents: t.Sequence[str], text: str, seconds: int) -> bytes:
        """A commit as git-fast-import(1) wants it."""
        lines = [
            f"reset {ref}\n\ncommit {ref}\n",
            f"author {self.place.author} {seconds} +0000\n",
            f"committer {self.place.author} {seconds} +0000\n",
        ]
        stream = ["".join(lines).encode(), _data(text.encode())]
        stream += [f"{'merge' if number else 'from'} {parent}\n".encode() for number, parent in enumerate(parents)]
        stream.append(f'M 040000 {self.tree(change.tree)} ""\n'.encode() if change.tree else b"deleteall\n")
        stream += [f"D {_quoted(path)}\n".encode() for path in change.removed]
        for path, content in sorted(change.added.items()):
            stream += [f"M 100644 inline {_quoted(path)}\n".encode(), _data(content)]
        return b"".join([*stream, b"\ndone\n"])

    def _overtaken(self, update: Update, present: t.Optional[str]) -> ConflictError:
        branch = update.ref.partition("refs/heads/")[2] or update.ref
        return ConflictError(
            f"Somebody pushed to {branch} of {self.place.url} in between: it is at {(present or 'nothing')[:12]}. Nothing was pushed.",
            hint="Run the task again: it looks at what is there now.",
        )

    def _unreachable(self, done: Finished) -> CommandError:
        return CommandError(
            f"repository {self.place.url} cannot be read: {_said(done)}",
            hint="Look at its address, at username and password, or at the keys of ssh.",
        )


@contextlib.contextmanager
def open_repository(place: Place, commands: Commands) -> t.Iterator[Repository]:
    """An empty repository to work in."""
    with tempfile.TemporaryDirectory(prefix="holdfast-publish-") as folder:
        repository = Repository(place, os.path.join(folder, "repository"), commands)
        repository.check("init", "--quiet", "--bare", "--initial-branch=main", os.path.join(folder, "repository"))
        yield repository


def said_of_work_tree(path: str, commit: str, commands: Commands, timeout: float) -> t.Optional[str]:
    """Why what lies in a work tree is not what was tested, as a sentence without its end; None when it is."""
    git = find_program("git", hint="Install git (Debian package git).")
    head = commands.run([git, "-C", path, "rev-parse", "--verify", "HEAD^{commit}"], env=git_environment("", ""), timeout=timeout)
    if head.returncode != 0:
        return "is no work tree of git"
    if head.text.strip() != commit:
        return f"is at {head.text.strip()[:12]}, not at the release's commit {commit[:12]}"
    dirty = commands.check(
        [git, "-C", path, "status", "--porcelain", "--untracked-files=normal"], env=git_environment("", ""), timeout=timeout
    )
    lines = [line[3:] for line in dirty.text.splitlines()]
    return f"holds changes that are in no commit: {', '.join(lines[:SHOWN_COMMITS])}" if lines else None


def _listed(done: Finished) -> dict[str, str]:
    """Ref by ref, the commit that ls-remote shows."""
    return {ref: commit for commit, tab, ref in (line.partition("\t") for line in done.text.splitlines()) if tab}


def _data(content: bytes) -> bytes:
    return f"data {len(content)}\n".encode() + content + b"\n"


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _said(done: Finished) -> str:
    """Git's own words, on one line, without its advice."""
    lines = [line.strip() for line in f"{done.errors}\n{done.text}".splitlines()]
    told = [line for line in lines if line and not _NOISE.match(line)]
    return "; ".join(told[:8]) or f"exit code {done.returncode}, without a word"
