# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What git is told by its environment: to ask nobody, and passwords, which must not be in its arguments."""

from __future__ import annotations

import os
import typing as t

# For a repository that is written to: nobody's hooks and signatures, and a password goes to nobody but the server
# that was named.
WRITING: t.Final = {
    "core.hooksPath": "/dev/null",
    "core.quotePath": "false",
    "gc.auto": "0",
    "http.followRedirects": "false",
    "push.followTags": "false",
    "push.gpgSign": "false",
    "push.recurseSubmodules": "no",
}
# The helper is git's own way to be given a password: neither in its arguments nor in a file.
_HELPER = '!answer() { printf "username=%s\\npassword=%s\\n" "$HOLDFAST_GIT_USERNAME" "$HOLDFAST_GIT_PASSWORD"; }; answer'


def git_environment(username: str, password: str, settings: t.Mapping[str, str] | None = None) -> dict[str, str]:
    """For every call of git; `settings` are those of git-config, on top of the user's. Needs git 2.31 for those and for a password."""
    quiet = {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND") or "ssh -o BatchMode=yes",
        "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file",
    }
    secret = {"HOLDFAST_GIT_USERNAME": username or "git", "HOLDFAST_GIT_PASSWORD": password} if password else {}
    helpers = [("credential.helper", ""), ("credential.helper", _HELPER)] if password else []
    return {**quiet, **secret, **_configured([*helpers, *(settings or {}).items()])}


def _configured(settings: t.Sequence[tuple[str, str]]) -> dict[str, str]:
    if not settings:
        return {}
    found = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings):
        found.update({f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value})
    return found
