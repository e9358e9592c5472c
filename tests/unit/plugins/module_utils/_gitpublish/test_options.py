"""Bad input is refused in a sentence that names the option."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish import options

GOOD: dict[str, t.Any] = {
    "repository": "https://github.com/acme/shop.git",
    "branch": "main",
    "source_branch": "",
    "preview_branch": "",
    "author": "Holdfast <holdfast@localhost>",
    "username": "",
    "password": "token",
    "git_timeout": 300.0,
    "url": "https://shop.example.org/",
    "release_file": ".well-known/shop-release.json",
    "edges": ["192.0.2.7", "192.0.2.7:8443", "[2001:db8::1]:443", "2001:db8::1"],
    "index": "index.html",
    "assets_dir": "assets",
    "public_dir": "public",
    "keep_assets": True,
    "environment": {},
    "environment_file": ".env.production",
    "environment_prefixes": ["VITE_"],
    "state": "staged",
    "slot": "blue",
    "release": {"id": "1.0-a", "version": "1.0", "commit": "8843d7f92416211de9ebb963ff4ce28125932878", "artifact_sha256": None},
    "percent": 100,
    "keep_warm": True,
    "fencing": 1,
    "content": "commit",
    "path": "",
    "checkout": "",
    "publisher": "lovable",
    "preview_url": "",
    "project": "2b5b3c1e-0a57",
    "api_key": "lov_key",
    "api_url": "https://api.lovable.dev",
    "approvals": [],
    "sync_timeout": 300.0,
    "publish_timeout": 900.0,
    "proof_requests": 5,
}


def read(**changed: t.Any) -> tuple[t.Any, ...]:
    params = {**GOOD, **changed}
    return options.read_place(params), options.read_site(params), options.read_settings(params)


def test_good_options_are_taken_as_they_are() -> None:
    place, site, settings = read()
    assert (place.source, site.url, site.page) == ("main", "https://shop.example.org", "/")
    assert settings.generated.at("a.js") == "public/a.js"
    assert "token" not in repr(place)


@pytest.mark.parametrize(
    "url", ["git@github.com:acme/shop.git", "ssh://git@github.com/acme/shop.git", "/srv/git/shop.git", "http://127.0.0.1:8080/a.git"]
)
def test_repositories_are_reached_by_https_ssh_and_as_folders(url: str) -> None:
    assert read(repository=url, password="")[0].url == url


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"repository": "https://dev:secret@github.com/a.git"}, "repository: it holds a user or a password"),
        ({"repository": "http://git.example.org/a.git"}, "repository: .* unencrypted"),
        ({"repository": "--upload-pack=x"}, "repository: '--upload-pack=x'"),
        ({"repository": "/srv/a.git"}, "password: it is given"),
        ({"branch": "a..b"}, "branch: 'a..b'"),
        ({"source_branch": "-x"}, "source_branch: '-x'"),
        ({"author": "nobody"}, "author: 'nobody'"),
        ({"url": "shop.example.org"}, "url: 'shop.example.org'"),
        ({"url": "https://example.org/shop"}, "url: 'https://example.org/shop'"),
        ({"release_file": "../r.json"}, "release_file: '../r.json'"),
        ({"public_dir": "/public"}, "public_dir: '/public'"),
        ({"edges": ["a b"]}, "edges: 'a b'"),
        ({"percent": 101}, "percent: 101"),
        ({"proof_requests": 0}, "proof_requests: 0"),
        ({"sync_timeout": 0.0}, "sync_timeout: 0"),
        ({"checkout": "/nowhere/at/all"}, "checkout: there is no folder"),
        ({"path": "/nowhere/at/all"}, "path: there is no folder"),
        ({"release": {**GOOD["release"], "commit": "8843d7f"}}, "release.commit: '8843d7f' is not the id"),
        ({"project": ""}, "project: ''"),
        ({"api_key": ""}, "api_key: no token"),
        ({"api_url": "http://api.lovable.dev"}, "api_url: .* unencrypted"),
        ({"publisher": "manual"}, "preview_url: it is empty"),
        ({"publisher": "branch", "preview_url": "https://a.example.org"}, "preview_branch: it is empty"),
        ({"publisher": "branch", "preview_branch": "main"}, "preview_branch: it is the branch that users get"),
    ],
)
def test_bad_input_is_refused_by_name(changed: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        read(**changed)
    assert "secret" not in str(refused.value)
