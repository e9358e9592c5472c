# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module rehearsal_page: tell the story of a rehearsal, and keep it as a page, as JSON and as Markdown.

All follow from the ledger alone, so that writing them again changes nothing until the ledger has grown.
"""

from __future__ import annotations

import json
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._recovery import markdown, page
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.story import tell
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._release.writing_page import checked_folder, read_chain, write_files


def write_rehearsal(call: Call) -> Outcome:
    """Read the ledger, tell the story, write what is different."""
    params = call.params
    portal, folder = check_portal(params["portal"]), checked_folder(params["directory"])
    chain = read_chain(portal, params)
    story = {"portal": portal, "environment": params["environment"], **tell(chain, params["rehearsal"])}
    contents = _contents(story, os.path.join(folder, str(story["rehearsal"]["id"])))
    before, after = write_files(folder, contents, check_mode=call.check_mode)
    html, in_json, in_markdown = contents
    values = {"rehearsal": story["rehearsal"]["id"], "verdict": story["rehearsal"]["verdict"]}
    return Outcome(
        before,
        after,
        {**values, "html": html, "json": in_json, "markdown": in_markdown},
        (f"The ledger of {portal} is damaged: {chain.problem} The report ends before that.",) if chain.problem else (),
    )


def _contents(story: t.Mapping[str, t.Any], path: str) -> dict[str, bytes]:
    texts = {
        f"{path}.html": page.render(story),
        f"{path}.json": json.dumps(story, indent=2, sort_keys=True) + "\n",
        f"{path}.md": markdown.render(story),
    }
    return {name: text.encode("utf-8", errors="replace") for name, text in texts.items()}
