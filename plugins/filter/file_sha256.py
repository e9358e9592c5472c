# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import pathlib
import typing as t

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: file_sha256
short_description: The checksum of a file on the controller
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Reads a file where Ansible runs and gives its SHA-256, without a task that starts a Python for it.
options:
  _input:
    description: Path of the file.
    type: path
    required: true
"""

EXAMPLES = r"""
- name: Refuse an artefact that is not the one that was built
  ansible.builtin.assert:
    that: "'build/shop-1.1.tar.gz' | holdfast.webops.file_sha256 == wanted_sha256"
"""

RETURN = r"""
_value:
  description: SHA-256 in hex; empty when there is no such file, or it is no ordinary one.
  type: str
  sample: 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
"""


def file_sha256(path: str) -> str:
    """The checksum of an ordinary file; what cannot be read becomes an error of a filter."""
    if not pathlib.Path(path).is_file():
        return ""
    try:
        with pathlib.Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise AnsibleFilterError(f"holdfast.webops.file_sha256: {path} cannot be read: {exc.strerror}.") from exc


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"file_sha256": file_sha256}
