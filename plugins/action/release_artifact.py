# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have the artefact of a release as one file with one checksum, without a task on the target."""

from __future__ import annotations

import dataclasses
import os
import tempfile
import typing as t

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import Redactor
from ansible_collections.holdfast.webops.plugins.module_utils._release.artifacts import (
    Artifact,
    Repository,
    from_git,
    from_path,
    require,
)

TEXTS = ("path", "sha256", "git_url", "git_ref", "git_username", "git_password", "commit")


def artifact_of(wanted: t.Mapping[str, t.Any]) -> Artifact:
    """The artefact that the options name. What has to be packed goes into the temporary folder of this run of Ansible."""
    if wanted["path"] and wanted["git_url"]:
        raise InputError("path and git_url are both given.", hint="Give one of them.")
    if not wanted["path"] and not wanted["git_url"]:
        return Artifact()
    folder = tempfile.mkdtemp(prefix="artifact-", dir=constants.DEFAULT_LOCAL_TMP)  # type: ignore[attr-defined]
    if wanted["path"]:
        return from_path(os.path.abspath(os.path.expanduser(wanted["path"])), folder)
    repository = Repository(wanted["git_url"], wanted["git_ref"], wanted["git_username"], wanted["git_password"])
    return from_git(repository, folder, Commands(), wanted["git_timeout"])


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        spec = {**{name: {"type": "str", "default": ""} for name in TEXTS}, "git_timeout": {"type": "float", "default": 600.0}}
        _validated, wanted = self.validate_argument_spec(argument_spec=spec)  # type: ignore[no-untyped-call]
        redact = Redactor([wanted["git_password"]])
        try:
            artifact = require(artifact_of(wanted), sha256=wanted["sha256"], commit=wanted["commit"])
        except WebopsError as exc:
            raise AnsibleActionFail(redact(f"{exc} Nothing was touched.")) from None
        except OSError as exc:
            raise AnsibleActionFail(f"path: {exc.filename} cannot be read: {exc.strerror}. Nothing was touched.") from None
        result.update(dataclasses.asdict(artifact), changed=False)
        return result
