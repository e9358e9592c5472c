# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a new deployment changes in comparison with another one, file by file."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.failures import ApiError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.tree import Tree

# In a diff, so many digits of a digest.
DIGITS = 10
Files = dict[str, str]


def files_of(api: Api, deployment_id: str) -> t.Optional[Files]:
    """Digest by path of what a deployment was made from; None where Vercel does not keep it, as for one from git."""
    try:
        tree = api.get(f"list the files of {deployment_id}", f"/v6/deployments/{deployment_id}/files")
    except ApiError as exc:
        if exc.status in {400, 404, 410}:
            return None
        raise
    return dict(_leaves(tree or [], ""))


def files_here(tree: t.Optional[Tree]) -> Files:
    """The same for a directory."""
    return {entry.path: entry.sha1 for entry in tree.entries} if tree else {}


def compare(old: Files, new: Files) -> dict[str, list[str]]:
    """Paths by what happens to them."""
    return {
        "added": sorted(new.keys() - old.keys()),
        "changed": sorted(path for path in new.keys() & old.keys() if new[path] != old[path]),
        "removed": sorted(old.keys() - new.keys()),
    }


def shortened(files: Files, other: Files) -> Files:
    """What differs from the other side, for a diff."""
    return {path: sha1[:DIGITS] for path, sha1 in sorted(files.items()) if other.get(path) != sha1}


def _leaves(nodes: t.Iterable[t.Mapping[str, t.Any]], under: str) -> t.Iterator[tuple[str, str]]:
    for node in nodes:
        path = f"{under}{node.get('name')}"
        if node.get("type") == "directory":
            yield from _leaves(node.get("children") or [], f"{path}/")
        else:
            yield path, str(node.get("uid") or "")
