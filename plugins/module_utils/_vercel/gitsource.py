# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A commit or branch of the repository that a project is linked to, as Vercel wants it named."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

# What of a project's link names the repository, by the kind of its host: the first way that the link has all parts of.
WAYS = {
    "github": (("repoId",), ("org", "repo")),
    "github-limited": (("repoId",), ("org", "repo")),
    "gitlab": (("projectId",),),
    "bitbucket": (("owner", "slug"),),
}


def source_of(wanted: t.Mapping[str, t.Any], project: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The `gitSource` of a deployment: the repository of the project's link, the branch and the commit of the task."""
    link = project.get("link") or {}
    kind = str(link.get("type") or "")
    complete = [way for way in WAYS.get(kind, ()) if all(link.get(part) is not None for part in way)]
    if not complete:
        raise InputError(
            f"git: the project '{project.get('name')}' is linked to no repository that Vercel can build from.",
            hint="Connect one in the project's settings, or deploy a directory with 'path'.",
        )
    named = {part: link[part] for part in complete[0]}
    given = {"ref": wanted["ref"], "sha": wanted["sha"]}
    return {"type": kind, **named, **{name: value for name, value in given.items() if value}}


def digest(source: t.Mapping[str, t.Any]) -> str:
    """What stands for the content: the repository and the commit."""
    named = {name: value for name, value in source.items() if name != "ref" or not source.get("sha")}
    return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()
