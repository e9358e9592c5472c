# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module release_page: tell the story of a release, and keep it as a page and as JSON.

Both follow from the ledger alone, so that writing them again changes nothing until the ledger has grown.
"""

from __future__ import annotations

import hashlib
import json
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._release import page
from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Chain, check_anchor
from ansible_collections.holdfast.webops.plugins.module_utils._release.lease import PortalLease
from ansible_collections.holdfast.webops.plugins.module_utils._release.ledger import Ledger
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._release.story import tell
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store

# For those who read them: a web server runs as another user. The ledger keeps no secrets.
FILE_MODE, FOLDER_MODE = 0o644, 0o755


def write_page(call: Call) -> Outcome:
    """Read the ledger, tell the story, write what is different."""
    params = call.params
    portal, folder = check_portal(params["portal"]), checked_folder(params["directory"])
    chain = read_chain(portal, params)
    story = {"portal": portal, "environment": params["environment"], **tell(chain, params["release"])}
    wanted = {
        os.path.join(folder, f"{story['release']['id']}.html"): page.render(story).encode("utf-8", errors="replace"),
        os.path.join(folder, f"{story['release']['id']}.json"): (json.dumps(story, indent=2, sort_keys=True) + "\n").encode(),
    }
    before, after = write_files(folder, wanted, check_mode=call.check_mode)
    html, in_json = wanted
    return Outcome(
        before,
        after,
        {"release": story["release"]["id"], "status": story["release"]["status"], "html": html, "json": in_json},
        (f"The ledger of {portal} is damaged: {chain.problem} The page ends before that.",) if chain.problem else (),
    )


def read_chain(portal: str, params: t.Mapping[str, t.Any]) -> Chain:
    """The ledger that the options name, checked against the lease's memory of it."""
    store, clock = open_store(params["store"], params["store_options"]), SystemClock()
    return check_anchor(Ledger(store, portal, clock).read(), PortalLease(store, portal, clock).status().anchor)


def checked_folder(path: str) -> str:
    """The folder, which may be missing, in one that is there."""
    above = os.path.dirname(os.path.normpath(path))
    if not os.path.isabs(path):
        raise InputError(f"directory: '{path}' is not absolute.", hint="Write it from the root on, like /srv/shop/releases.")
    if os.path.exists(path) and not os.path.isdir(path):
        raise InputError(f"directory: '{path}' is a file.", hint="Name a folder; the pages are named by their releases.")
    if not os.path.isdir(above):
        raise InputError(f"directory: '{path}' cannot be made, because there is no '{above}'.", hint="Make that first.")
    return path


def write_files(folder: str, wanted: t.Mapping[str, bytes], *, check_mode: bool) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """Write those that are different; the digest of each file before and after."""
    before = {path: _digest(read_if_there(path)) for path in wanted}
    if not check_mode:
        _write(folder, {path: content for path, content in wanted.items() if before[path] != _digest(content)})
    return before, {path: _digest(content) for path, content in wanted.items()}


def _write(folder: str, contents: t.Mapping[str, bytes]) -> None:
    try:
        if not os.path.isdir(folder):
            os.mkdir(folder, FOLDER_MODE)
        for path, content in contents.items():
            write_atomic(path, content, FILE_MODE)
    except OSError as exc:
        raise WebopsError(f"directory: '{folder}' cannot be written: {exc.strerror}.", hint="Give its user the right, or room.") from exc


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()
