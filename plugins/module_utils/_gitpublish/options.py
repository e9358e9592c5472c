# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of `git_publish` and `git_publish_info`, judged before anything is touched."""

from __future__ import annotations

import dataclasses
import os
import re
import typing as t
import urllib.parse

from ansible.module_utils.common.parameters import env_fallback

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import Access
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted_options import checked_address, checked_times, checked_token
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import derived_secrets
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.contents import About, environment_file
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.lovable import ABOUT_KEYS
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.repository import Place
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.serving import Site

Params = t.Mapping[str, t.Any]

LOCATION: dict[str, t.Any] = {
    "repository": {"type": "str", "required": True},
    "branch": {"type": "str", "default": "main"},
    "username": {"type": "str", "default": ""},
    "password": {"type": "str", "no_log": True, "default": ""},
    "git_timeout": {"type": "float", "default": 300},
    "url": {"type": "str", "required": True},
    "release_file": {"type": "str", "required": True},
    "edges": {"type": "list", "elements": "str", "default": []},
}
_RELEASE: dict[str, t.Any] = {
    "id": {"type": "str", "required": True},
    "version": {"type": "str"},
    "commit": {"type": "str"},
    "artifact_sha256": {"type": "str"},
}
ARGUMENTS: dict[str, t.Any] = {
    **LOCATION,
    "slot": {"type": "str", "choices": ["blue", "green"], "required": True},
    "state": {"type": "str", "choices": ["staged", "shifted", "undone", "retired"], "required": True},
    "release": {"type": "dict", "options": _RELEASE},
    "percent": {"type": "int", "default": 100},
    "keep_warm": {"type": "bool", "default": True},
    "fencing": {"type": "int", "required": True},
    "source_branch": {"type": "str", "default": ""},
    "author": {"type": "str", "default": "Holdfast <holdfast@localhost>"},
    "checkout": {"type": "path", "default": ""},
    "content": {"type": "str", "choices": ["commit", "artifact"], "default": "commit"},
    "path": {"type": "path", "default": ""},
    "public_dir": {"type": "str", "default": ""},
    "index": {"type": "str", "default": "index.html"},
    "assets_dir": {"type": "str", "default": "assets"},
    "keep_assets": {"type": "bool", "default": True},
    "environment": {"type": "dict", "default": {}},
    "environment_file": {"type": "str", "default": ".env.production"},
    "environment_prefixes": {"type": "list", "elements": "str", "default": ["VITE_"]},
    "publisher": {"type": "str", "choices": ["lovable", "manual", "branch"], "default": "lovable"},
    "project": {"type": "str", "default": ""},
    "api_key": {"type": "str", "no_log": True, "fallback": (env_fallback, ["LOVABLE_API_KEY"])},
    "api_url": {"type": "str", "default": "https://api.lovable.dev"},
    "preview_url": {"type": "str", "default": ""},
    "preview_branch": {"type": "str", "default": ""},
    "approvals": {"type": "list", "elements": "dict", "default": []},
    "sync_timeout": {"type": "float", "default": 300},
    "publish_timeout": {"type": "float", "default": 900},
    "proof_requests": {"type": "int", "default": 5},
}
_SCP = re.compile(r"([A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!//)[^\s]+")
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+@-]*")
_AUTHOR = re.compile(r"[^<>\x00-\x1f\x7f]+ <[^<>\s]+>")
_PATH = re.compile(r"[A-Za-z0-9._@+-]+(/[A-Za-z0-9._@+-]+)*")
_EDGE = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:]+\](:\d{1,5})?|[0-9A-Fa-f:]+")


@dataclasses.dataclass(frozen=True)
class Generated:
    """What a release commit gets beside the tested files. Paths are those of the branch; `environment` is None for no such file."""

    public_dir: str
    release_file: str
    index: str
    assets_dir: str
    keep_assets: bool
    environment_file: str
    environment: t.Optional[bytes]

    def at(self, path: str) -> str:
        """Where a file of the site lies in the branch."""
        return f"{self.public_dir}/{path}" if self.public_dir else path


@dataclasses.dataclass(frozen=True)
class Settings:
    """One task of `git_publish`. `about` is the release; None where the state needs none."""

    state: str
    slot: str
    about: t.Optional[About]
    percent: int
    keep_warm: bool
    fencing: int
    content: str
    path: str
    checkout: str
    publisher: str
    preview_url: str
    access: t.Optional[Access]
    project: str
    approvals: tuple[t.Mapping[str, t.Any], ...]
    sync_timeout: float
    publish_timeout: float
    proof_requests: int
    generated: Generated


def read_place(params: Params) -> Place:
    """Where the releases are pushed to."""
    checked_times(params, ("git_timeout",))
    source = params.get("source_branch") or params["branch"]
    for option, name in (
        ("branch", params["branch"]),
        ("source_branch", source),
        ("preview_branch", params.get("preview_branch") or "main"),
    ):
        if not _BRANCH.fullmatch(name) or any(part in name for part in ("..", "//", "@{")) or name.endswith(("/", ".lock", ".")):
            raise InputError(f"{option}: '{name}' is no name of a branch.", hint="Write it without refs/heads/.")
    author = params.get("author") or "Holdfast <holdfast@localhost>"
    if not _AUTHOR.fullmatch(author):
        raise InputError(f"author: '{author}' is not written as Name <address>.", hint="Write it as Holdfast <holdfast@example.org>.")
    return Place(
        url=_repository(params),
        branch=params["branch"],
        source=source,
        preview=params.get("preview_branch") or "",
        author=author,
        username=params["username"],
        password=params["password"] or "",
        timeout=params["git_timeout"],
    )


def read_site(params: Params) -> Site:
    """Where users are."""
    for text in params["edges"]:
        if not _EDGE.fullmatch(text):
            raise InputError(f"edges: '{text}' is no address of a server.", hint="Write 192.0.2.7 or 192.0.2.7:8443.")
    url = _site_url("url", params["url"])
    edges = tuple(params["edges"])
    return Site(url, _path("release_file", params["release_file"]), params.get("index") or "", params.get("assets_dir") or "assets", edges)


def read_settings(params: Params) -> Settings:
    """Everything else. InputError names the option that cannot be."""
    checked_times(params, ("sync_timeout", "publish_timeout"))
    _check_numbers(params)
    if params["checkout"] and not os.path.isdir(params["checkout"]):
        raise InputError(
            f"checkout: there is no folder '{params['checkout']}' on this host.",
            hint="Name the work tree that was tested, or leave it out.",
        )
    if params["path"] and not os.path.isdir(params["path"]):
        raise InputError(
            f"path: there is no folder '{params['path']}' on this host.", hint="Build the site first, or look at artifact_dir."
        )
    return Settings(
        state=params["state"],
        slot=params["slot"],
        about=_about(params),
        percent=params["percent"],
        keep_warm=params["keep_warm"],
        fencing=params["fencing"],
        content=params["content"],
        path=params["path"],
        checkout=params["checkout"],
        publisher=params["publisher"],
        preview_url=_preview(params),
        access=_access(params),
        project=params["project"],
        approvals=tuple(params["approvals"]),
        sync_timeout=params["sync_timeout"],
        publish_timeout=params["publish_timeout"],
        proof_requests=params["proof_requests"],
        generated=_generated(params),
    )


def _check_numbers(params: Params) -> None:
    if not 0 <= params["percent"] <= 100:
        raise InputError(f"percent: {params['percent']} is not between 0 and 100.", hint="Give whole percent.")
    if not 1 <= params["proof_requests"] <= 100:
        raise InputError(
            f"proof_requests: {params['proof_requests']} is not between 1 and 100.", hint="Give how many rounds shall be asked; 5 is usual."
        )


def _about(params: Params) -> t.Optional[About]:
    given = params["release"]
    if not given:
        return None
    commit = given["commit"] or ""
    if params["state"] == "staged" and params["content"] == "commit" and not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise InputError(
            f"release.commit: '{commit}' is not the id of a commit, and with content: commit that is what is published.",
            hint="Give all 40 digits of the commit that was tested.",
        )
    if not re.fullmatch(r"[!-~]+", given["id"]):
        raise InputError(f"release.id: '{given['id']}' holds letters that no release's id has.", hint="Give the id that the ledger has.")
    return About(given["id"], given["version"] or "", commit, given["artifact_sha256"] or "")


def _generated(params: Params) -> Generated:
    environment = environment_file(params["environment"], params["environment_prefixes"]) if params["environment"] else None
    for option in ("public_dir", "index"):
        if params[option]:
            _path(option, params[option])
    if params["keep_assets"]:
        _path("assets_dir", params["assets_dir"])
    return Generated(
        public_dir=params["public_dir"],
        release_file=_path("release_file", params["release_file"]),
        index=params["index"],
        assets_dir=params["assets_dir"],
        keep_assets=params["keep_assets"],
        environment_file=_path("environment_file", params["environment_file"]),
        environment=environment,
    )


def _preview(params: Params) -> str:
    publisher = params["publisher"]
    if publisher == "branch" and not params["preview_branch"]:
        raise InputError(
            "preview_branch: it is empty, but with publisher: branch a release is staged there.",
            hint="Name the branch of the host's previews.",
        )
    if publisher == "branch" and params["preview_branch"] == params["branch"]:
        raise InputError("preview_branch: it is the branch that users get.", hint="Name another one, which the host shows elsewhere.")
    if not params["preview_url"]:
        if publisher != "lovable":
            raise InputError(
                f"preview_url: it is empty, and with publisher: {publisher} nobody can tell it.", hint="Give the preview's address."
            )
        return ""
    return _site_url("preview_url", params["preview_url"])


def _access(params: Params) -> t.Optional[Access]:
    if params["publisher"] != "lovable":
        return None
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", params["project"]):
        raise InputError(
            f"project: '{params['project']}' is not the id of a project.", hint="It stands in the address of the project's editor."
        )
    url = checked_address("api_url", params["api_url"], "https://api.lovable.dev")
    return Access(url, checked_token("api_key", params["api_key"], ABOUT_KEYS), timeout=30)


def _repository(params: Params) -> str:
    url = str(params["repository"])
    parts = urllib.parse.urlsplit(url)
    if derived_secrets(url) or parts.password or (parts.username and parts.scheme in ("http", "https")):
        raise InputError("repository: it holds a user or a password.", hint="Give them in username and password: a URL is shown in logs.")
    if parts.scheme in ("http", "https"):
        return checked_address("repository", url, "https://github.com/acme/shop.git")
    absolute = url.startswith("/") or (parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"))
    if not (absolute or (parts.scheme == "ssh" and parts.hostname) or _SCP.fullmatch(url)):
        raise InputError(
            f"repository: '{url}' is not a repository that can be reached.",
            hint="Write https://host/path, ssh://user@host/path, user@host:path or /absolute/path.",
        )
    if params["password"]:
        raise InputError("password: it is given, but repository is no https:// URL.", hint="Leave it out.")
    return url


def _site_url(option: str, text: str) -> str:
    parts = urllib.parse.urlsplit(text)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
        or parts.username
        or parts.path.strip("/")
    ):
        raise InputError(f"{option}: '{text}' is not the address of a site.", hint="Write it as https://shop.example.org, without a path.")
    return text.rstrip("/")


def _path(option: str, text: str) -> str:
    if not _PATH.fullmatch(text) or any(part in (".", "..", ".git") for part in text.split("/")):
        raise InputError(f"{option}: '{text}' is not a path inside the site.", hint="Write it without a slash at its beginning and end.")
    return text
