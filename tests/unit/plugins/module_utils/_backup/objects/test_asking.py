"""Bad input of object_backup and object_restore: a sentence, before anything is touched."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.asking import name_of, read_request
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.session import session_for
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import nobody_watches

RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
BACKUP: dict[str, t.Any] = {
    "portal": "shop",
    "name": None,
    "source": {"store": "file:///srv/uploads"},
    "destinations": [{"store": "file:///srv/backups"}],
    "require": "all",
    "recipients": [RECIPIENT],
    "encryption": "age",
    "reuse": "unchanged",
    "digest_key": None,
    "jobs": 8,
    "max_age": None,
    "wait_timeout": 60,
    "signing_key": None,
    "signing_key_file": None,
}
RESTORE: dict[str, t.Any] = {
    "portal": "shop",
    "name": "uploads",
    "state": "restored",
    "backup": "latest",
    "destinations": [{"store": "file:///nowhere/at/all"}],
    "target": {"store": "s3://restored"},
    "prefix": "",
    "confirm": None,
    "remove_others": False,
    "identity_file": None,
    "jobs": 8,
    "proof_max_age": None,
    "fallbacks": 0,
    "scratch_dir": None,
    "wait_timeout": 60,
    "allowed_signers": [],
    "on_bad_signature": "refuse",
}


def test_a_bucket_is_called_by_the_end_of_its_url() -> None:
    names = {
        url: name_of(url) for url in ("s3://user-avatars", "s3://shop/user/avatars/", "gs://files.example.org", "file:///srv/up%20loads")
    }
    assert list(names.values()) == ["user-avatars", "avatars", "files-example-org", "up-loads"]
    assert read_request(BACKUP, Commands()).name == "uploads"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"recipients": []}, "recipients is empty"),
        ({"destinations": []}, "destinations is empty"),
        ({"destinations": [{"store": "file:///srv/b"}, {"store": "file:///srv/b"}]}, "destinations names file:///srv/b twice"),
        ({"jobs": 0}, "jobs is 0"),
        ({"jobs": 65}, "jobs is 65"),
        ({"wait_timeout": -1}, "wait_timeout is -1"),
        ({"digest_key": "too short"}, "digest_key is too short"),
        ({"name": "no name"}, "name 'no name' is not a name"),
        ({"source": {"store": "ftp://host"}}, "'ftp://host' is not the URL of a bucket"),
        ({"source": {"store": "s3://bucket", "endpoint": "http://host"}}, "not encrypted"),
        ({"source": {"store": "file:///srv"}}, "The destination file:///srv/backups lies in the source file:///srv"),
    ],
)
def test_object_backup_refuses(options: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InputError) as refused:
        read_request({**BACKUP, **options}, Commands())
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"target": None}, "target is missing"),
        ({"confirm": "yes"}, "confirm is 'yes', the target is 's3://restored'"),
        ({"remove_others": True}, "remove_others is true, and confirm is missing"),
        ({"target": {"store": "file:///nowhere"}, "confirm": "file:///nowhere"}, "The target file:///nowhere holds the backups"),
        ({"target": {"store": "file:///nowhere/at/all/shop/objects"}}, "or lies among them"),
        ({"backup": "newest"}, "backup 'newest' is no backup's name"),
        ({"state": "proven", "prefix": "a/"}, "prefix and remove_others have no place in a proof"),
        ({"proof_max_age": 0}, "proof_max_age is 0"),
        ({"fallbacks": -1}, "fallbacks is -1."),
        ({"identity_file": "/nowhere/at/all"}, "identity_file '/nowhere/at/all' cannot be read"),
    ],
)
def test_object_restore_refuses(options: dict[str, t.Any], said: str) -> None:
    params = {**RESTORE, **options}
    call = Call(params, False, lambda _secret: None, lambda _text: None, lambda value: value, False, nobody_watches())
    with pytest.raises(InputError) as refused:
        session_for(call)
    assert said in str(refused.value)
