"""A source in git."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import gitsource

REF = {"ref": "main", "sha": None}


@pytest.mark.parametrize(
    ("link", "source"),
    [
        ({"type": "github", "repoId": 7, "org": "acme", "repo": "shop"}, {"type": "github", "repoId": 7, "ref": "main"}),
        ({"type": "github", "org": "acme", "repo": "shop"}, {"type": "github", "org": "acme", "repo": "shop", "ref": "main"}),
        ({"type": "gitlab", "projectId": "9", "projectName": "x"}, {"type": "gitlab", "projectId": "9", "ref": "main"}),
        (
            {"type": "bitbucket", "uuid": "{1}", "workspaceUuid": "{2}", "owner": "acme", "slug": "shop", "name": "Shop"},
            {"type": "bitbucket", "owner": "acme", "slug": "shop", "ref": "main"},
        ),
    ],
)
def test_the_repository_is_that_of_the_projects_link(link: dict[str, t.Any], source: dict[str, t.Any]) -> None:
    assert gitsource.source_of(REF, {"link": link}) == source


@pytest.mark.parametrize("link", [None, {"type": "github"}, {"type": "v0", "repoId": 7}])
def test_a_project_whose_link_names_no_repository_is_refused(link: dict[str, t.Any] | None) -> None:
    with pytest.raises(InputError, match="'shop' is linked to no repository"):
        gitsource.source_of(REF, {"name": "shop", "link": link})


def test_with_a_commit_the_branch_does_not_matter() -> None:
    link = {"link": {"type": "gitlab", "projectId": "9"}}
    digests = {gitsource.digest(gitsource.source_of({"ref": ref, "sha": "abc"}, link)) for ref in ("main", "other")}
    assert len(digests) == 1
    assert gitsource.digest(gitsource.source_of(REF, link)) not in digests
