# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows what the module says of its progress, and hands it the secrets as one text.

Ansible masks every value of a secret dictionary wherever it is found in the result. The variables of a platform have values such as
`1` or `production`, which would be blanked in ids, names and URLs. One text is masked as a whole, and the module shows none of it.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.holdfast.webops.plugins.plugin_utils.progress_action import ProgressAction


class ActionModule(ProgressAction):
    """As the module, with live lines."""

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        args = dict(self._task.args)
        if isinstance(args.get("secrets"), dict):
            args["secrets"] = json.dumps(args["secrets"])
        return self.run_watched(args, tmp, task_vars)
