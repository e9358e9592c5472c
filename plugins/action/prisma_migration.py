# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the folder `prisma/migrations` on the controller."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.prisma_folder import PrismaLayout
from ansible_collections.holdfast.webops.plugins.plugin_utils.migration_action import MigrationAction


class ActionModule(MigrationAction):
    layout = PrismaLayout()
