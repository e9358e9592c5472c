"""Where in git a configuration goes."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.committing import message_of
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.git_place import read_place
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

GIVEN: dict[str, t.Any] = {
    "repository": "/srv/configuration.git",
    "branch": "main",
    "author_name": "holdfast.webops",
    "author_email": "holdfast@localhost",
    "username": None,
    "password": None,
    "ssh_key_file": None,
    "known_hosts": [],
    "allow_http": False,
    "exclude": [],
    "allow": [],
}


@pytest.mark.parametrize(
    "url",
    ["/srv/a.git", "file:///srv/a.git", "ssh://git@host:2222/a.git", "git@host:team/a.git", "host:a.git", "https://host/a.git"],
)
def test_a_repository_may_be_reached_in_these_ways(url: str) -> None:
    assert read_place({**GIVEN, "repository": url}).repository == url


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"repository": "https://me:hunter22@host/a.git"}, "holds a user or a password"),
        ({"repository": "https://token@host/a.git"}, "holds a user or a password"),
        ({"repository": "http://host/a.git"}, "is not encrypted"),
        ({"repository": "relative/path"}, "cannot|not a repository"),
        ({"repository": "--upload-pack=/tmp/x"}, "not a repository"),
        ({"repository": "ext::sh -c id"}, "not a repository"),
        ({"repository": "file://host/a.git"}, "not a repository"),
        ({"repository": ""}, "not a repository"),
        ({"username": "me", "password": "hunter22"}, "is no https:// URL"),
        ({"branch": "-f"}, "no name of a branch"),
        ({"branch": "a..b"}, "no name of a branch"),
        ({"author_email": "<me>"}, "author_email"),
        ({"author_name": "a\nb"}, "author_name"),
        ({"ssh_key_file": "/not/there"}, "is not there"),
    ],
)
def test_what_makes_no_sense_is_refused_without_its_password(options: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        read_place({**GIVEN, **options})
    assert "hunter22" not in str(refused.value)


def test_git_gets_the_password_by_its_environment_and_nothing_shows_it() -> None:
    place = read_place({**GIVEN, "repository": "https://host/a.git", "username": "me", "password": "hunter22"})
    environment = place.environment("/work")
    assert [name for name, value in environment.items() if "hunter22" in value] == ["HOLDFAST_GIT_PASSWORD"]
    assert "hunter22" not in repr(place)


def test_ssh_gets_its_key_and_the_servers_by_files(tmp_path: t.Any) -> None:
    (tmp_path / "a key").touch()
    place = read_place({**GIVEN, "ssh_key_file": f"{tmp_path}/a key", "known_hosts": ["host ssh-ed25519 AAAA"]})
    command = place.environment("/work")["GIT_SSH_COMMAND"]
    assert f"-i '{tmp_path}/a key' -o IdentitiesOnly=yes" in command
    assert "UserKnownHostsFile=/work/" in command
    assert "BatchMode=yes" in command


def test_the_message_of_a_commit_says_what_changed() -> None:
    files = {"added": ["files/a"], "changed": [], "removed": ["files/b", "files/c"]}
    assert message_of("Configuration of shop (web1)", files) == (
        "Configuration of shop (web1): 1 added, 2 removed\n\nadded: files/a\nremoved: files/b\nremoved: files/c\n"
    )
