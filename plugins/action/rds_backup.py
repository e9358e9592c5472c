# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows what the module says of its progress."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.plugin_utils.progress_action import ProgressAction


class ActionModule(ProgressAction):
    """As the module, with live lines."""
