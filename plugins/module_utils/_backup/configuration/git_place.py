# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where in git a configuration goes: what the option `git` says, checked, and what git is told of it."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.git import WRITING, git_environment
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import derived_secrets

KNOWN = "/absolute/path, file:///absolute/path, ssh://user@host/path, user@host:path or https://host/path"
_SCP = re.compile(r"([A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!//)[^\s]+")
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+@-]*")
_AUTHOR = re.compile(r"[^<>\x00-\x1f\x7f]+")


@dataclasses.dataclass(frozen=True)
class GitPlace:
    """A branch of a repository. `exclude` stays out of it, `allow` may go there though it looks like a secret."""

    repository: str
    branch: str
    author_name: str
    author_email: str
    username: str
    password: str = dataclasses.field(repr=False)
    ssh_key_file: str
    known_hosts: tuple[str, ...]
    exclude: tuple[str, ...]
    allow: tuple[str, ...]

    def environment(self, folder: str) -> dict[str, str]:
        """For every call of git; `folder` is the repository that it works in."""
        author = {"GIT_AUTHOR_NAME": self.author_name, "GIT_AUTHOR_EMAIL": self.author_email}
        committer = {name.replace("AUTHOR", "COMMITTER"): value for name, value in author.items()}
        made = git_environment(self.username, self.password, WRITING)
        return {**made, **author, **committer, **self._ssh(folder), "GIT_DIR": folder}

    def _ssh(self, folder: str) -> dict[str, str]:
        """The shell that takes this is git's."""
        options: list[str] = []
        if self.ssh_key_file:
            options += ["-i", self.ssh_key_file, "-o", "IdentitiesOnly=yes"]
        if self.known_hosts:
            options += ["-o", f"UserKnownHostsFile={known_hosts_file(folder)}", "-o", "StrictHostKeyChecking=yes"]
        return {"GIT_SSH_COMMAND": shlex.join(["ssh", "-o", "BatchMode=yes", *options])} if options else {}


def known_hosts_file(folder: str) -> str:
    return os.path.join(folder, "holdfast-known-hosts")


def read_place(given: t.Mapping[str, t.Any]) -> GitPlace:
    """The option `git`; InputError before anything is touched."""
    url, web = given["repository"], given["repository"].startswith(("http://", "https://"))
    _check_url(url, allow_http=given["allow_http"])
    if (given["username"] or given["password"]) and not web:
        raise InputError("git.username and git.password are given, but git.repository is no https:// URL.", hint="Leave them out.")
    if not _BRANCH.fullmatch(given["branch"]) or any(part in given["branch"] for part in ("..", "//", "@{")):
        raise InputError(f"git.branch '{given['branch']}' is no name of a branch.", hint="Write it without refs/heads/.")
    for name in ("author_name", "author_email"):
        if not _AUTHOR.fullmatch(given[name]):
            raise InputError(f"git.{name} is empty, or holds a letter that no commit can have there.", hint="Leave out < and >.")
    if given["ssh_key_file"] and not os.path.isfile(given["ssh_key_file"]):
        raise InputError(f"git.ssh_key_file '{given['ssh_key_file']}' is not there.", hint="Name an SSH secret key on this host.")
    return GitPlace(
        repository=url,
        branch=given["branch"],
        author_name=given["author_name"],
        author_email=given["author_email"],
        username=given["username"] or "",
        password=given["password"] or "",
        ssh_key_file=given["ssh_key_file"] or "",
        known_hosts=tuple(given["known_hosts"]),
        exclude=tuple(given["exclude"]),
        allow=tuple(given["allow"]),
    )


def _check_url(url: str, *, allow_http: bool) -> None:
    parts = urllib.parse.urlsplit(url)
    if derived_secrets(url) or parts.password or (parts.username and parts.scheme in ("http", "https")):
        raise InputError("git.repository holds a user or a password.", hint="Give them in git.username and git.password: a URL is shown.")
    if parts.scheme == "http" and not allow_http:
        raise InputError(f"git.repository '{url}' is not encrypted.", hint="Use https://, or git.allow_http for a server on this host.")
    absolute = url.startswith("/") or (parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"))
    if not (absolute or (parts.scheme in ("http", "https", "ssh") and parts.hostname) or _SCP.fullmatch(url)):
        raise InputError(f"git.repository '{url}' is not a repository that can be reached.", hint=f"Write {KNOWN}.")
