# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of host_slot and host_slot_info."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, find_program
from ansible_collections.holdfast.webops.plugins.module_utils._host.limits import ARGUMENTS as LIMITS
from ansible_collections.holdfast.webops.plugins.module_utils._host.supervisor import Supervisor, has_systemd
from ansible_collections.holdfast.webops.plugins.module_utils._host.supervisord import Supervisord
from ansible_collections.holdfast.webops.plugins.module_utils._host.systemd import Systemd

COMMON: dict[str, t.Any] = {
    "root": {"type": "path", "required": True},
    "portal": {"type": "str", "required": True},
    "supervisor": {"type": "str", "choices": ["auto", "systemd", "supervisord"], "default": "auto"},
    "supervisor_socket": {"type": "path", "default": "/var/run/supervisor.sock"},
    "supervisor_conf_dir": {"type": "path", "default": "/etc/supervisor/conf.d"},
    "supervisorctl": {"type": "path", "default": "supervisorctl"},
}

ROUTER: dict[str, t.Any] = {
    "directory": {"type": "path", "required": True},
    "socket": {"type": "path"},
}

RELEASE: dict[str, t.Any] = {
    "id": {"type": "str", "required": True},
    "version": {"type": "str", "required": True},
    "commit": {"type": "str"},
}

SLOT: dict[str, t.Any] = {
    "slot": {"type": "str", "choices": ["blue", "green"], "required": True},
    "state": {"type": "str", "choices": ["started", "stopped", "absent"], "default": "started"},
    "release": {"type": "dict", "options": RELEASE},
    "artifact": {"type": "path"},
    "artifact_sha256": {"type": "str"},
    "command": {"type": "list", "elements": "str"},
    "environment": {"type": "dict", "default": {}},
    "secret_environment": {"type": "dict", "default": {}, "no_log": True},
    "limits": {"type": "dict", "options": LIMITS},
    "host": {"type": "str", "default": "127.0.0.1"},
    "port": {"type": "int"},
    "user": {"type": "str"},
    "health_path": {"type": "str", "default": "/"},
    "start_timeout": {"type": "float", "default": 60},
    "stop_timeout": {"type": "int", "default": 30},
    "fencing": {"type": "int"},
    "keep_releases": {"type": "int", "default": 4},
}


def choose_supervisor(params: t.Mapping[str, t.Any]) -> Supervisor:
    """The supervisor that the options name; with `auto`, systemd where it runs."""
    kind = params["supervisor"]
    if kind == "systemd" or (kind == "auto" and has_systemd()):
        return Systemd(Commands(), user_id=os.geteuid())
    program = find_program(params["supervisorctl"], hint="Install supervisor, or name the program in supervisorctl.")
    return Supervisord(Commands(), socket=params["supervisor_socket"], conf_dir=params["supervisor_conf_dir"], supervisorctl=program)
