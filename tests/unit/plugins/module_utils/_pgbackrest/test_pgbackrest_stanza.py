"""The configuration that pgbackrest_stanza writes."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest import config
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.schedule import first_backups, schedules
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.stanza import needs_restart, reconcile_stanza

CLUSTER = Cluster("15/main", "/var/lib/postgresql/15/main", "/etc/postgresql/15/main", "/bin", "/run/postgresql", 5433, "postgres", ())


def repository(**given: t.Any) -> dict[str, t.Any]:
    unset = {name: option.get("default") for name, option in config.REPOSITORY_ARGUMENTS.items()}
    return {**unset, "path": "/var/lib/pgbackrest", **given}


FAR = repository(type="s3", path="/shop", bucket="wal", endpoint="s3.example.org", region="eu", key="AKIA", key_secret="geheim", port=9443)


def test_everything_stands_in_the_section_of_the_stanza() -> None:
    near = repository(cipher_pass="sehr geheim", retention_full=30, retention_full_type="time", options={"bundle": "y"})
    lines = config.configuration("shop", CLUSTER, [near, FAR], {"process-max": 4}).splitlines()
    assert lines[1] == "[shop]"
    assert not [line for line in lines[2:] if line.startswith("[")]
    wanted = {
        "pg1-path=/var/lib/postgresql/15/main",
        "pg1-port=5433",
        "process-max=4",
        "repo1-cipher-type=aes-256-cbc",
        "repo1-cipher-pass=sehr geheim",
        "repo1-retention-full-type=time",
        "repo1-bundle=y",
        "repo2-s3-key-secret=geheim",
        "repo2-storage-port=9443",
        "repo2-storage-verify-tls=y",
    }
    assert wanted <= set(lines)
    assert not [line for line in lines if line.startswith("repo2-cipher") or "None" in line]


def test_what_is_shown_holds_no_secret_and_says_which_one_is_another() -> None:
    old = config.configuration("shop", CLUSTER, [repository(cipher_pass="first-pass"), FAR], {})
    new = config.configuration("shop", CLUSTER, [repository(cipher_pass="other-pass"), FAR], {})
    shown = config.without_secrets(new, old)
    assert "repo1-cipher-pass=******** (another one)" in shown
    assert "repo2-s3-key-secret=********\n" in shown
    for secret in ("first-pass", "other-pass", "geheim", "AKIA"):
        assert secret not in shown
    assert config.without_secrets(old, old) != shown


def test_a_secret_among_the_options_that_are_handed_on_is_one() -> None:
    given = repository(cipher_pass="first-pass", options={"s3-token": "a-token", "bundle": "y"})
    options = {"repo1-s3-sse-customer-key": "a-key", "repo1-s3-key-type": "auto"}
    assert config.secrets_of([given], options) == ["first-pass", "a-key", "a-token"]
    text = config.configuration("shop", CLUSTER, [given], options)
    shown = config.without_secrets(text, text)
    assert ("a-token" in shown, "a-key" in shown, "repo1-s3-key-type=auto\n" in shown) == (False, False, True)


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ([{"type": "full", "calendar": "0 25 * * *", "jitter": 0, "timeout": 60}], "'25' is no hour"),
        ([{"type": "diff", "calendar": "0 1 * * *", "jitter": -1, "timeout": 60}], "jitter of pgbackrest-shop-diff-repo1 is -1"),
        (2 * [{"type": "diff", "calendar": "0 1 * * *", "jitter": 0, "timeout": 60}], "two of the name pgbackrest-shop-diff-repo1"),
    ],
)
def test_a_schedule_that_could_not_run_is_refused_before_the_server_is_asked(schedule: list[dict[str, t.Any]], said: str) -> None:
    params = {"stanza": "shop", "repositories": [repository()], "options": {}, "archive_timeout": 60, "schedule": schedule}
    with pytest.raises(InputError, match=said):
        reconcile_stanza(Call(params, False, lambda _: None, lambda _: None, lambda value: value))


@pytest.mark.parametrize(
    ("repositories", "said"),
    [
        ([], "repositories is empty"),
        ([repository(path="backups")], r"repositories\[1\]: path is 'backups'"),
        (
            [repository(), repository(type="s3", path="/shop", bucket="wal")],
            r"repositories\[2\]: endpoint, region, key, key_secret is missing",
        ),
        ([repository(retention_full=0)], "retention_full is 0"),
        ([repository(), repository()], r"repositories\[2\] is the same place"),
    ],
)
def test_repositories_that_cannot_be_are_refused(repositories: list[dict[str, t.Any]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        config.check_repositories(repositories)


@pytest.mark.parametrize("options", [{"process-max": "2\nrepo1-path=/tmp"}, {"Process Max": "2"}, {"compress-type": ""}])
def test_an_option_cannot_bring_a_line_of_its_own(options: dict[str, str]) -> None:
    with pytest.raises(InputError):
        config.configuration("shop", CLUSTER, [repository()], options)


def test_the_server_is_restarted_only_for_what_needs_it() -> None:
    present = {"archive_mode": {"value": "on"}, "wal_level": {"value": "replica"}, "archive_command": {"value": "x"}}
    assert not needs_restart(present, config.server_settings("shop", 60, "replica"))
    assert needs_restart({**present, "archive_mode": {"value": "off"}}, config.server_settings("shop", 60, "replica"))
    assert needs_restart({**present, "wal_level": {"value": "minimal"}}, config.server_settings("shop", 60, "minimal"))
    assert "wal_level" not in config.server_settings("shop", 60, "logical")


def test_each_kind_of_backup_has_a_schedule_for_each_repository_and_waits_for_its_turn() -> None:
    found = schedules("shop", "/etc/x.conf", [{"type": "full", "calendar": "0 1 * * 0", "jitter": 5, "timeout": 60}], 2)
    assert [one["name"] for one in found] == ["pgbackrest-shop-full-repo1", "pgbackrest-shop-full-repo2"]
    assert found[1]["command"][:3] == ["/usr/bin/flock", "/etc/x.conf", "/usr/bin/pgbackrest"]
    assert "--repo=2" in found[1]["command"]


def test_repositories_without_a_backup_get_a_full_one_where_one_is_scheduled() -> None:
    assert first_backups("shop", [{"type": "full"}, {"type": "diff"}], [2]) == ["pgbackrest-shop-full-repo2"]
    assert first_backups("shop", [{"type": "diff"}], [2]) == []
