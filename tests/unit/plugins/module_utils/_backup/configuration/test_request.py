"""What a task may ask of config_backup."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.request import read_request
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

if t.TYPE_CHECKING:
    from pathlib import Path

RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
GIT: dict[str, t.Any] = {
    "repository": "/srv/a.git",
    "branch": "main",
    "author_name": "a",
    "author_email": "a@b",
    "username": None,
    "password": None,
    "ssh_key_file": None,
    "known_hosts": [],
    "allow_http": False,
    "exclude": [],
    "allow": [],
}
PARAMS: dict[str, t.Any] = {
    "portal": "shop",
    "name": "main",
    "paths": ["/etc/hostname"],
    "exclude": [],
    "inventories": [],
    "settings": {},
    "secrets": None,
    "git": None,
    "destinations": [{"store": "file:///srv/store"}],
    "require": "all",
    "recipients": [RECIPIENT],
    "encryption": "age",
    "signing_key": None,
    "signing_key_file": None,
    "max_age": None,
    "wait_timeout": 60,
    "scratch_dir": None,
}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"paths": []}, "nothing to keep"),
        ({"destinations": []}, "no place to keep it in"),
        ({"destinations": [], "git": GIT, "secrets": '{"a": 1}'}, "they never go to git"),
        ({"encryption": "none", "recipients": [], "secrets": '{"a": 1}'}, "secrets are given, and encryption is none"),
        ({"recipients": []}, "recipients is empty"),
        ({"paths": ["relative"]}, "'relative' in paths is not an absolute path"),
        ({"inventories": ["inventories/production"]}, "in inventories is not an absolute path"),
        ({"inventories": ["/not/there"]}, "'/not/there', which is not there"),
        ({"settings": {"../x": {}}}, "which is no name of a file"),
        ({"secrets": '{"a/b": 1}'}, "which is no name of a file"),
        ({"secrets": "[hunter22]"}, "secrets is no dictionary"),
        ({"name": "a/b"}, "name 'a/b' is not a name"),
        ({"portal": ".."}, "is not a name"),
        ({"max_age": 0}, "max_age is 0"),
        ({"wait_timeout": 0}, "wait_timeout is 0"),
        ({"destinations": [{"store": "file:///a"}] * 2}, "names file:///a twice"),
        ({"git": {**GIT, "repository": "a"}}, "git.repository 'a'"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(options: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InputError) as refused:
        read_request({**PARAMS, **options}, Commands())
    assert said in str(refused.value)
    assert "hunter22" not in str(refused.value)


def test_two_inventories_of_one_name_are_refused_and_a_link_is_followed(tmp_path: Path) -> None:
    for name in ("a/production", "b/production"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "staging").symlink_to("a/production")
    given = [f"{tmp_path}/{name}" for name in ("a/production/", "staging")]
    request = read_request({**PARAMS, "inventories": given}, Commands())
    assert request.inventories == {f"inventories/{name}": f"{tmp_path}/a/production" for name in ("production", "staging")}
    with pytest.raises(InputError, match="two of the name 'production'"):
        read_request({**PARAMS, "inventories": [f"{tmp_path}/a/production", f"{tmp_path}/b/production"]}, Commands())


def test_without_stores_there_is_only_git_and_no_recipient_is_needed() -> None:
    request = read_request({**PARAMS, "destinations": None, "recipients": [], "git": GIT}, Commands())
    assert (request.stores, request.recipients) == ((), ())
