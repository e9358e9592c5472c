"""As the collection's own long modules have one."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.plugin_utils.progress_action import ProgressAction


class ActionModule(ProgressAction):
    """Nothing of its own."""
