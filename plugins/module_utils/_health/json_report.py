# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a look as a JSON file: everything that the task returns, and the labels."""

from __future__ import annotations

import json
import typing as t


def render(seen: t.Mapping[str, t.Any]) -> str:
    """The same result always gives the same text."""
    result = {name: value for name, value in seen.items() if name != "history"}
    return json.dumps(result, indent=2, sort_keys=True) + "\n"
