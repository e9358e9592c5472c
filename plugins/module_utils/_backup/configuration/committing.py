# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration as a commit on top of what a branch holds, pushed so that nobody else's commit is lost.

The commit is made in an empty repository of our own, without any working tree: the branch's newest commit is fetched, the entries go
in through `git fast-import`. So no hook, filter or line end of a user's settings changes what is kept, and check mode does all of it
but the push.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.entries import FOLDER, LINK, Entry, pieces_of
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.git_place import GitPlace, known_hosts_file
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import Sink
from ansible_collections.holdfast.webops.plugins.module_utils._backup.feeding import run_fed
from ansible_collections.holdfast.webops.plugins.module_utils._backup.scratch import private_folder
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, Finished, find_program
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, ConflictError, InputError

OLDEST = (2, 31)  # reads settings from the environment
TRIES = 5
LOOK_BACK = "1000"  # commits that others may have put on top within a moment
_NEXT = "refs/heads/holdfast-next"
_NOISE = re.compile(r"hint:|To \S+$|Done$")
_WORDS = {"A": "added", "M": "changed", "T": "changed", "D": "removed"}


@dataclasses.dataclass(frozen=True)
class Proposal:
    """What would be pushed. `parent` is "" where the branch is new; `files` are paths below the folder by added, changed, removed."""

    parent: str
    commit: str
    files: dict[str, list[str]]

    @property
    def changes(self) -> bool:
        return any(self.files.values())


@dataclasses.dataclass(frozen=True)
class Blob:
    """The content of a file under the name that git has for it; `content` is None where nobody asked for it."""

    name: str
    size: int
    content: bytes | None


@dataclasses.dataclass(frozen=True)
class Clone:
    """A repository of our own, gone after the block of `clone_for`. `folder` is where the configuration lies in the branch."""

    place: GitPlace
    folder: str
    path: str
    commands: Commands
    deadline: Deadline

    def tip(self) -> str:
        """The newest commit of the branch, as its server says; "" where there is no such branch."""
        done = self.run("ls-remote", "--heads", "--", self.place.repository, f"refs/heads/{self.place.branch}")
        if done.returncode != 0:
            raise _unreachable(self.place, done)
        branch = f"\trefs/heads/{self.place.branch}"  # one of another name may end like this
        return next((line.partition("\t")[0] for line in done.text.splitlines() if line.endswith(branch)), "")

    def fetch(self, depth: str = "1") -> str:
        """The same, with its content."""
        tip = self.tip()
        if not tip:
            return ""
        done = self.run("fetch", "--quiet", "--no-tags", f"--depth={depth}", "--", self.place.repository, f"refs/heads/{self.place.branch}")
        if done.returncode != 0:
            raise _unreachable(self.place, done)
        return self.check("rev-parse", "--verify", "FETCH_HEAD^{commit}").text.strip()

    def propose(self, entries: t.Sequence[Entry], title: str) -> Proposal:
        """A commit that replaces our folder of the branch by the entries, made but not pushed."""
        parent = self.fetch()
        argv = [find_program("git"), "fast-import", "--quiet", "--done", "--force", "--date-format=raw"]
        run_fed(self.commands, argv, lambda sink: self._feed(sink, parent, entries), self.deadline, env=self.place.environment(self.path))
        base = parent or self.check("hash-object", "-t", "tree", "--stdin").text.strip()
        listed = self.check("diff-tree", "-r", "-z", "--no-renames", "--name-status", base, _NEXT).stdout
        files = self._names(listed)
        if not any(files.values()):
            return Proposal(parent, parent, files)
        message = message_of(title, files).encode("utf-8")
        commit = self.check("commit-tree", f"{_NEXT}^{{tree}}", *(["-p", parent] if parent else []), input=message).text.strip()
        return Proposal(parent, commit, files)

    def push(self, proposal: Proposal) -> bool:
        """Put it on the branch; False where somebody else was there first. CommandError where it is refused."""
        done = self.run("push", "--porcelain", "--", self.place.repository, f"{proposal.commit}:refs/heads/{self.place.branch}")
        tip = self.tip()
        if tip == proposal.commit or (done.returncode == 0 and self._is_below(proposal.commit)):
            return True
        if tip != proposal.parent:
            return False
        raise CommandError(
            f"git.repository {self.place.repository} took no commit on {self.place.branch}: {_said(done)}",
            hint="Look at the rights and the hooks there; nothing was changed.",
        )

    def contents(self, commit: str, names: t.Sequence[str], largest: int) -> dict[str, Blob]:
        """Files of a commit, with their bytes where they are not larger than `largest`."""
        asked = _lines(f"{commit}:{self.folder}/{name}" for name in names)
        told = self.check("cat-file", "--batch-check=%(objectname) %(objectsize)", input=asked).text.splitlines() if names else []
        found: dict[str, Blob] = {}
        for name, line in zip(names, told):
            blob, _blank, size = line.rpartition(" ")
            if size.isdigit():  # not so where somebody has put a submodule there
                content = self.check("cat-file", "blob", blob).stdout if int(size) <= largest else None
                found[name] = Blob(blob, int(size), content)
        return found

    def run(self, *argv: str, input: bytes | None = None) -> Finished:
        environment = self.place.environment(self.path)
        return self.commands.run([find_program("git"), *argv], env=environment, input=input, timeout=max(self.deadline.remaining(), 1.0))

    def check(self, *argv: str, input: bytes | None = None) -> Finished:
        done = self.run(*argv, input=input)
        if done.returncode != 0:
            raise CommandError(f"git {argv[0]} ended with exit code {done.returncode}: {_said(done)}")
        return done

    def _is_below(self, commit: str) -> bool:
        """Whether others have built upon it meanwhile."""
        tip = self.fetch(LOOK_BACK)
        return bool(tip) and self.run("merge-base", "--is-ancestor", commit, tip).returncode == 0

    def _feed(self, sink: Sink, parent: str, entries: t.Sequence[Entry]) -> None:
        """The stream of git-fast-import(1); the message and the author come with the final commit."""
        sink(f"commit {_NEXT}\ncommitter holdfast <holdfast> 0 +0000\ndata 0\n".encode())
        if parent:
            sink(f"from {parent}\nD {_quoted(self.folder)}\n".encode())
        for entry in entries:
            if entry.type != FOLDER:
                content = [entry.target.encode("utf-8")] if entry.type == LINK else pieces_of(entry)
                size = len(entry.target.encode("utf-8")) if entry.type == LINK else entry.size
                sink(f"M {_mode(entry)} inline {_quoted(f'{self.folder}/{entry.path}')}\ndata {size}\n".encode())
                for piece in content:
                    sink(piece)
                sink(b"\n")
        sink(b"done\n")

    def _names(self, listed: bytes) -> dict[str, list[str]]:
        files: dict[str, list[str]] = {"added": [], "changed": [], "removed": []}
        words = listed.decode("utf-8", "backslashreplace").split("\0")
        for status, path in zip(words[::2], words[1::2]):
            files[_WORDS[status]].append(path[len(self.folder) + 1 :])
        return files


@contextlib.contextmanager
def clone_for(place: GitPlace, folder: str, scratch_dir: str | None, commands: Commands, deadline: Deadline) -> t.Iterator[Clone]:
    """An empty repository to work in."""
    _check_version(commands)
    with private_folder(scratch_dir, "git") as path:
        clone = Clone(place, folder, os.path.join(path, "repository"), commands, deadline)
        clone.check("init", "--quiet", "--bare", "--initial-branch=main", clone.path)
        if place.known_hosts:
            with open(known_hosts_file(clone.path), "w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in place.known_hosts)
        yield clone


def push_all(clone: Clone, first: Proposal, entries: t.Sequence[Entry], title: str) -> Proposal:
    """Push, on top of what others push meanwhile; returns what was pushed."""
    proposal = first
    for _attempt in range(TRIES):
        if not proposal.changes or clone.push(proposal):
            return proposal
        proposal = clone.propose(entries, title)
    raise ConflictError(
        f"Others pushed to {clone.place.branch} of {clone.place.repository} each of {TRIES} times when this was to be pushed.",
        hint="Run the task again.",
    )


def message_of(title: str, files: t.Mapping[str, t.Sequence[str]]) -> str:
    """The message of a commit. Pure."""
    counts = ", ".join(f"{len(names)} {what}" for what, names in files.items() if names)
    lines = [f"{what}: {name}" for what, names in files.items() for name in names]
    return "\n".join([f"{title}: {counts}", "", *lines]) + "\n"


def _mode(entry: Entry) -> str:
    return "120000" if entry.type == LINK else "100755" if entry.mode & 0o100 else "100644"


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _lines(lines: t.Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def _said(done: Finished) -> str:
    """Git's own words, on one line, without its advice."""
    lines = [line.strip() for line in f"{done.errors}\n{done.text}".splitlines()]
    told = [line for line in lines if line and not _NOISE.match(line)]
    return "; ".join(told[:8]) or f"exit code {done.returncode}, without a word"


def _unreachable(place: GitPlace, done: Finished) -> CommandError:
    return CommandError(
        f"git.repository {place.repository} cannot be read: {_said(done)}",
        hint="Look at its address, at git.username and git.password, or at git.ssh_key_file and git.known_hosts;"
        " git init --bare makes an empty one.",
    )


def _check_version(commands: Commands) -> None:
    program = find_program("git", hint="Install git (Debian package git), or leave the option git out.")
    text = commands.check([program, "version"], timeout=60).text
    numbers = [int(part) for part in text.split()[2].split(".")[:2] if part.isdigit()] if len(text.split()) > 2 else []
    if tuple(numbers) < OLDEST:
        raise InputError(f"This host has {text.strip()}; 2.31 or newer is needed.", hint="Run the task on another host.")
