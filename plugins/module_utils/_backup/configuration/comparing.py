# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between two commits, for people: lines of plain text, and no more than a name for everything else."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.committing import Blob, Clone, Proposal
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.suspicion import VAULT, secret_in

LARGEST = 64 << 10  # bytes of a file whose lines are shown
MOST = 100  # files


def differences(clone: Clone, proposal: Proposal, *, lines: bool) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """Names to what the file was and is: its lines where `lines` is set and they may be shown, else the name of its content."""
    files = proposal.files
    largest = LARGEST if lines and sum(map(len, files.values())) <= MOST else -1
    old = clone.contents(proposal.parent, [*files["changed"], *files["removed"]], largest)
    new = clone.contents(proposal.commit, [*files["added"], *files["changed"]], largest)
    closed = {name for found in (old, new) for name, blob in found.items() if not may_be_shown(name, blob.content)}
    return _all_shown(old, closed), _all_shown(new, closed)


def may_be_shown(name: str, content: bytes | None) -> bool:
    """Plain text in which nothing looks like a secret; what was allowed to go to git need not be in logs as well."""
    if content is None or b"\0" in content or content.startswith(VAULT) or secret_in(name, content):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _all_shown(found: t.Mapping[str, Blob], closed: t.Collection[str]) -> dict[str, t.Any]:
    return {name: _shown(blob, name in closed) for name, blob in sorted(found.items())}


def _shown(blob: Blob, closed: bool) -> t.Any:
    if closed or blob.content is None:
        return f"content {blob.name}, {blob.size} bytes"
    return blob.content.decode("utf-8").splitlines()
