# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of pgBackRest and of the server's archiver, as text. Pure.

All of it stands in the section of one stanza, in a file of its own: what else an administrator has configured stays as it is.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import MASK
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster

MARK = "# Written by holdfast.webops; changes by hand are overwritten.\n"
# PrivateTmp of a unit would hide locks in /tmp from everybody else.
LOCKS = "/var/spool/pgbackrest/lock"
DEFAULTS: t.Final = {"start-fast": "y", "compress-type": "zst", "process-max": "2", "log-level-console": "warn", "lock-path": LOCKS}
CIPHER = "aes-256-cbc"
# How the names of options end that hold a secret.
SECRETS = ("-pass", "-key", "-secret", "-token", "-passphrase")
_OPTION = re.compile(r"[a-z][a-z0-9-]*")
_OF_S3 = ("bucket", "endpoint", "region", "key", "key_secret")

REPOSITORY_ARGUMENTS: t.Final[dict[str, t.Any]] = {
    "type": {"type": "str", "choices": ["posix", "s3"], "default": "posix"},
    "path": {"type": "str", "required": True},
    "bucket": {"type": "str"},
    "endpoint": {"type": "str"},
    "region": {"type": "str"},
    "key": {"type": "str", "no_log": True},
    "key_secret": {"type": "str", "no_log": True},
    "uri_style": {"type": "str", "choices": ["host", "path"], "default": "host"},
    "port": {"type": "int"},
    "ca_file": {"type": "path"},
    "verify_tls": {"type": "bool", "default": True},
    "cipher_pass": {"type": "str", "no_log": True},
    "retention_full": {"type": "int", "default": 2},
    "retention_full_type": {"type": "str", "choices": ["count", "time"], "default": "count"},
    "retention_diff": {"type": "int"},
    "options": {"type": "dict", "default": {}},
}


def check_repositories(repositories: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    """InputError naming the first one that cannot be."""
    if not repositories:
        raise InputError("repositories is empty.", hint="Name at least one place for the backups.")
    places = [(one["type"], one["bucket"], one["path"]) for one in repositories]
    for number, one in enumerate(repositories, 1):
        if not one["path"].startswith("/"):
            raise InputError(f"repositories[{number}]: path is '{one['path']}', which does not begin with /.", hint="Write it out.")
        missing = [name for name in _OF_S3 if not one[name]] if one["type"] == "s3" else []
        if missing:
            raise InputError(f"repositories[{number}]: {', '.join(missing)} is missing, which type s3 needs.", hint="Say it.")
        for name in ("retention_full", "retention_diff"):
            if one[name] is not None and one[name] < 1:
                raise InputError(f"repositories[{number}]: {name} is {one[name]}.", hint="Keep 1 or more.")
        if places.index(places[number - 1]) != number - 1:
            raise InputError(f"repositories[{number}] is the same place as another one.", hint="Two copies in one place are one.")


def repository_options(number: int, one: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The options of one repository, in the order in which they are written."""
    found: dict[str, t.Any] = {"type": one["type"], "path": one["path"]}
    if one["type"] == "s3":
        found.update({f"s3-{name.replace('_', '-')}": one[name] for name in (*_OF_S3, "uri_style")})
        found.update(
            {"storage-port": one["port"], "storage-ca-file": one["ca_file"], "storage-verify-tls": "y" if one["verify_tls"] else "n"}
        )
    if one["cipher_pass"]:
        found.update({"cipher-type": CIPHER, "cipher-pass": one["cipher_pass"]})
    found.update({"retention-full": one["retention_full"], "retention-full-type": one["retention_full_type"]})
    found["retention-diff"] = one["retention_diff"]
    found.update(one["options"])
    return {f"repo{number}-{name}": str(value) for name, value in found.items() if value is not None}


def configuration(stanza: str, cluster: Cluster, repositories: t.Sequence[t.Mapping[str, t.Any]], options: t.Mapping[str, t.Any]) -> str:
    """The file for pgBackRest; holds secrets. InputError for what an INI file cannot hold."""
    pg = {"pg1-path": cluster.data_dir, "pg1-port": str(cluster.port), "pg1-socket-path": cluster.socket_dir}
    wanted = {**DEFAULTS, **{name: str(value) for name, value in options.items()}, **pg}
    for number, one in enumerate(repositories, 1):
        wanted.update(repository_options(number, one))
    for name, value in wanted.items():
        _check_line(name, value)
    lines = [f"[{stanza}]", *(f"{name}={value}" for name, value in wanted.items())]
    return MARK + "\n".join(lines) + "\n"


def _check_line(name: str, value: str) -> None:
    if not _OPTION.fullmatch(name):
        raise InputError(f"'{name}' cannot be an option of pgBackRest.", hint="Write it as in its manual: compress-level, process-max.")
    if "\n" in value or value != value.strip() or not value:
        raise InputError(f"The value of {name} is empty, has a line break, or blanks around it.", hint="Give it in one line.")


def secrets_of(repositories: t.Sequence[t.Mapping[str, t.Any]], options: t.Mapping[str, t.Any]) -> list[str]:
    """What must not be shown anywhere, also of the options that are handed on as they are."""
    named = [one[name] for one in repositories for name in ("cipher_pass", "key", "key_secret") if one[name]]
    handed_on = [pair for given in (options, *(one["options"] for one in repositories)) for pair in given.items()]
    return [*named, *(str(value) for name, value in handed_on if f"-{name}".endswith(SECRETS))]


def without_secrets(text: str, other: str) -> str:
    """The file as it may be shown beside `other`: secrets are masked, and it says where they differ."""
    known = dict(_pairs(other))
    return "".join(f"{name}={_shown(name, value, known)}\n" if value is not None else f"{name}\n" for name, value in _pairs(text))


def _shown(name: str, value: str, known: t.Mapping[str, str | None]) -> str:
    if not f"-{name}".endswith(SECRETS):
        return value
    return MASK if known.get(name, value) == value else f"{MASK} (another one)"


def _pairs(text: str) -> t.Iterator[tuple[str, str | None]]:
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        yield name, value if equals else None


def archive_command(stanza: str) -> str:
    return f"pgbackrest --stanza={stanza} archive-push %p"


def server_settings(stanza: str, timeout: int, wal_level: str) -> dict[str, str]:
    """What the server is told. `wal_level` is the present one: logical may stay."""
    level = {"wal_level": "replica"} if wal_level == "minimal" else {}
    return {"archive_mode": "on", "archive_command": archive_command(stanza), "archive_timeout": str(timeout), **level}


def server_file(settings: t.Mapping[str, str]) -> str:
    return MARK + "".join(f"{name} = '{value}'\n" for name, value in settings.items())
