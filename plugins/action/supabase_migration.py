# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the folder `supabase` on the controller."""

from __future__ import annotations

import typing as t

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.supabase_folder import SupabaseLayout
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.supabase_seeds import read_companions
from ansible_collections.holdfast.webops.plugins.plugin_utils.migration_action import MigrationAction


class ActionModule(MigrationAction):
    layout = SupabaseLayout()

    def extra_contents(self, args: t.Mapping[str, t.Any], folder: str) -> dict[str, dict[str, bytes]]:
        """Seeds and roles.sql."""
        patterns = args.get("seed_paths") or []
        patterns = patterns.split(",") if isinstance(patterns, str) else patterns
        wanted = {"seed_paths": patterns, "include_roles": boolean(args.get("include_roles") or False, strict=False)}
        return read_companions(wanted, folder)
