# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the lint can be spared: a new database holds nothing that a migration could harm.

Previews, test databases and first deployments run hundreds of files on such a database.
"""

from __future__ import annotations

import re
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Database
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import Job

_HOLDS_RELATIONS = """
SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'f', 'v', 'm')
               AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace))
"""
# What may hit types, functions and schemas; tables are not there.
_ALTERS = re.compile(r"\balter\s+(?!\s|table\b)")


def nothing_to_harm(database: Database, jobs: t.Iterable[Job]) -> bool:
    """True only where no rule of the lint could apply."""
    return not any(_matters(job.script.text.lower()) for job in jobs) and not database.rows(_HOLDS_RELATIONS)[0][0]


def _matters(text: str) -> bool:
    """Whether the lint has to read the text, be it only for the comments that switch a rule off."""
    return "drop" in text or "holdfast:" in text or _ALTERS.search(text) is not None
