# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When which kind of backup is made: for the module host_schedule. Pure."""

from __future__ import annotations

import typing as t

SCHEDULE_ARGUMENTS: t.Final[dict[str, t.Any]] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "type": {"type": "str", "choices": ["full", "diff", "incr"], "required": True},
        "calendar": {"type": "str", "required": True},
        "jitter": {"type": "int", "default": 900},
        "timeout": {"type": "int", "default": 86400},
    },
}


def schedules(stanza: str, config_file: str, wanted: t.Sequence[t.Mapping[str, t.Any]], repositories: int) -> list[dict[str, t.Any]]:
    """One for each kind of backup and repository, so that a repository that is away costs no other its backup."""
    return [_schedule(stanza, config_file, one, number) for one in wanted for number in range(1, repositories + 1)]


def _schedule(stanza: str, config_file: str, one: t.Mapping[str, t.Any], repository: int) -> dict[str, t.Any]:
    # pgBackRest refuses a second backup of a stanza at the same time: this one waits for its turn instead.
    turn = ["/usr/bin/flock", config_file]
    return {
        "name": _name(stanza, one["type"], repository),
        "description": f"{one['type']} backup of {stanza} to repository {repository}",
        "command": [*turn, "/usr/bin/pgbackrest", f"--stanza={stanza}", f"--repo={repository}", f"--type={one['type']}", "backup"],
        "calendar": one["calendar"],
        "jitter": one["jitter"],
        "timeout": one["timeout"],
    }


def first_backups(stanza: str, wanted: t.Sequence[t.Mapping[str, t.Any]], empty: t.Sequence[int]) -> list[str]:
    """The schedules that should run at once: full backups for repositories that hold none."""
    has_full = any(one["type"] == "full" for one in wanted)
    return [_name(stanza, "full", repository) for repository in empty] if has_full else []


def _name(stanza: str, kind: str, repository: int) -> str:
    return f"pgbackrest-{stanza.replace('.', '_')}-{kind}-repo{repository}"
