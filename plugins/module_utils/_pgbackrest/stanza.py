# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of pgbackrest_stanza: a server whose WAL goes into repositories."""

from __future__ import annotations

import dataclasses
import os
import stat
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest import config
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.client import (
    MISSING,
    PgBackRest,
    Repository,
    check_stanza,
    unreadable,
)
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import ARGUMENTS as CLUSTER_ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster, ask, control, find_cluster, wait_for
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.schedule import SCHEDULE_ARGUMENTS, first_backups, schedules
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.jobs import jobs_from

CONFIG_DIR = "/etc/pgbackrest/conf.d"
FOR_THE_GROUP = stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP
START = 600.0  # seconds
CHECK = 300.0
_SETTINGS = """
SELECT json_object_agg(name, json_build_object('value', CASE WHEN name = 'archive_command' THEN current_setting(name) ELSE setting END,
  'file', sourcefile))
FROM pg_settings WHERE name IN ('archive_mode', 'archive_command', 'archive_timeout', 'wal_level')
"""
ARGUMENTS: t.Final[dict[str, t.Any]] = {
    **CLUSTER_ARGUMENTS,
    "stanza": {"type": "str", "required": True},
    "repositories": {"type": "list", "elements": "dict", "required": True, "options": config.REPOSITORY_ARGUMENTS},
    "options": {"type": "dict", "default": {}},
    "archive_timeout": {"type": "int", "default": 300},
    "restart": {"type": "bool", "default": True},
    "schedule": SCHEDULE_ARGUMENTS,
}


@dataclasses.dataclass(frozen=True)
class Wanted:
    """The two files, and the settings that the server must show in the end."""

    path: str
    text: str
    server_path: str
    server_text: str
    settings: t.Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Present:
    """What is there: the files (empty where there is none), the settings in force, the repositories as the wanted text sees them."""

    text: str
    server_text: str
    settings: t.Mapping[str, t.Mapping[str, t.Any]]
    repositories: tuple[Repository, ...]

    @property
    def made(self) -> bool:
        return bool(self.repositories) and all(one.code not in MISSING for one in self.repositories)


def reconcile_stanza(call: Call) -> Outcome:
    """Read, compare, apply, look again."""
    params, commands = call.params, Commands()
    for secret in config.secrets_of(params["repositories"], params["options"]):
        call.mask(secret)
    _check(params)
    cluster = find_cluster(commands, params)
    settings = _settings(commands, cluster)
    wanted = _wanted(params, cluster, settings)
    present = _present(commands, cluster, params["stanza"], wanted, settings)
    before, after = _state(wanted, present)
    restart = needs_restart(settings, wanted.settings)
    changed = before != after
    warnings = []
    if changed and restart and not params["restart"]:
        warnings.append(f"PostgreSQL {cluster.name} archives nothing until it is restarted, which 'restart: false' forbids here.")
    if changed and not call.check_mode:
        _apply(commands, call, cluster, wanted, present)
    filled = {one.key for one in present.repositories if one.copies}
    empty = [number for number in range(1, len(params["repositories"]) + 1) if number not in filled]
    values = {
        "cluster": cluster.name,
        "stanza": params["stanza"],
        "restarted": changed and restart and params["restart"],
        "restart_needed": changed and restart and not params["restart"],
        "backups": [copy.label for one in present.repositories for copy in one.copies],
        "owner": cluster.owner,
        "schedules": schedules(params["stanza"], wanted.path, params["schedule"], len(params["repositories"])),
        "first_backups": first_backups(params["stanza"], params["schedule"], empty),
    }
    return Outcome(before, after, values, tuple(warnings))


def _check(params: t.Mapping[str, t.Any]) -> None:
    check_stanza(params["stanza"])
    config.check_repositories(params["repositories"])
    if params["archive_timeout"] < 1:
        raise InputError(
            f"archive_timeout is {params['archive_timeout']}.", hint="Give 1 or more seconds; without one, a change may wait for days."
        )
    # What host_schedule would refuse, when the server archives already.
    made = schedules(params["stanza"], CONFIG_DIR, params["schedule"], len(params["repositories"]))
    jobs_from([{**one, "interval": None} for one in made])
    if os.geteuid() != 0:
        raise InputError("This task is not root, who alone may write the configuration.", hint="Set become: true.")


def _settings(commands: Commands, cluster: Cluster) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", ask(commands, cluster, _SETTINGS))


def _wanted(params: t.Mapping[str, t.Any], cluster: Cluster, settings: t.Mapping[str, t.Any]) -> Wanted:
    stanza = params["stanza"]
    told = config.server_settings(stanza, params["archive_timeout"], settings["wal_level"]["value"])
    server_path = os.path.join(cluster.config_dir, "conf.d", "holdfast-archive.conf")
    _refuse_another_archiver(settings, told, server_path)
    return Wanted(
        path=os.path.join(CONFIG_DIR, f"holdfast-{stanza}.conf"),
        text=config.configuration(stanza, cluster, params["repositories"], params["options"]),
        server_path=server_path,
        server_text=config.server_file(told),
        settings=told,
    )


def _refuse_another_archiver(settings: t.Mapping[str, t.Any], wanted: t.Mapping[str, str], own: str) -> None:
    there = settings["archive_command"]
    if settings["archive_mode"]["value"] == "off" or there["value"] in ("", wanted["archive_command"]) or there["file"] == own:
        return
    raise InputError(
        f"The server archives already, by '{there['value']}' from {there['file']}.",
        hint="Two archivers cannot share a server. Take that setting away, or leave archiving to it.",
    )


def _present(commands: Commands, cluster: Cluster, stanza: str, wanted: Wanted, settings: t.Mapping[str, t.Any]) -> Present:
    """The wanted configuration is tried before it is written: a wrong key or option is refused while nothing was touched."""
    with tempfile.TemporaryDirectory(prefix="holdfast-stanza-") as folder:
        trial = os.path.join(folder, "pgbackrest.conf")
        _write_for(cluster, trial, wanted.text)
        os.chmod(folder, FOR_THE_GROUP)
        os.chown(folder, 0, os.stat(cluster.data_dir).st_gid)
        repositories = PgBackRest(commands, cluster, stanza, trial).repositories()
    for one in repositories:
        if one.code not in (0, 1, 2, 3):
            raise unreadable(one)
    text, server_text = (((read_if_there(path) or b"").decode("utf-8", "replace")) for path in (wanted.path, wanted.server_path))
    return Present(text, server_text, settings, repositories)


def _state(wanted: Wanted, present: Present) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    shown = {name: present.settings[name]["value"] for name in wanted.settings}
    before = {
        "configuration": config.without_secrets(present.text, present.text),
        "postgresql": shown,
        "file": present.server_text,
        "stanza": "present" if present.made else "absent",
    }
    after = {
        "configuration": config.without_secrets(wanted.text, present.text),
        "postgresql": dict(wanted.settings),
        "file": wanted.server_text,
        "stanza": "present",
    }
    return before, after


def needs_restart(settings: t.Mapping[str, t.Any], wanted: t.Mapping[str, str]) -> bool:
    """Both of these take effect when the server starts; the others at a reload."""
    return any(settings[name]["value"] != wanted[name] for name in ("archive_mode", "wal_level") if name in wanted)


def _apply(commands: Commands, call: Call, cluster: Cluster, wanted: Wanted, present: Present) -> None:
    params = call.params
    _make_folders(cluster, params["repositories"])
    _write_for(cluster, wanted.path, wanted.text)
    backrest = PgBackRest(commands, cluster, params["stanza"])
    if not present.made:
        call.progress.show("stanza-create")
        backrest.check("stanza-create", timeout=CHECK)
    os.makedirs(os.path.dirname(wanted.server_path), exist_ok=True)
    write_atomic(wanted.server_path, wanted.server_text.encode(), mode=0o644)
    restart = needs_restart(present.settings, wanted.settings)
    if restart and not params["restart"]:
        return
    call.progress.show("restart of PostgreSQL" if restart else "reload of PostgreSQL")
    control(commands, cluster, "restart" if restart else "reload")
    wait_for(commands, cluster, START)
    _look_again(commands, cluster, wanted)
    # Switches to a new segment of WAL and waits until the old one is in every repository.
    call.progress.show("check that WAL arrives")
    backrest.check("check", timeout=CHECK)


def _look_again(commands: Commands, cluster: Cluster, wanted: Wanted) -> None:
    found = _settings(commands, cluster)
    for name, value in wanted.settings.items():
        if found[name]["value"] != value:
            raise WebopsError(
                f"{name} is '{found[name]['value']}' and not '{value}', as {wanted.server_path} says: {found[name]['file']} decides.",
                hint="Take it away there (ALTER SYSTEM RESET for postgresql.auto.conf), and let postgresql.conf include conf.d.",
            )


def _make_folders(cluster: Cluster, repositories: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    os.makedirs(CONFIG_DIR, exist_ok=True)
    owner = os.stat(cluster.data_dir)
    for path in [one["path"] for one in repositories if one["type"] == "posix"]:
        if not os.path.isdir(path):
            os.makedirs(path)
            os.chmod(path, FOR_THE_GROUP)
            os.chown(path, owner.st_uid, owner.st_gid)


def _write_for(cluster: Cluster, path: str, text: str) -> None:
    """A file with secrets: root's, readable by the group of the cluster's owner."""
    write_atomic(path, text.encode(), mode=0o600)
    os.chown(path, 0, os.stat(cluster.data_dir).st_gid)
    os.chmod(path, 0o640)
