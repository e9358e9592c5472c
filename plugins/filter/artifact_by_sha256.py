# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import glob
import pathlib
import typing as t

from ansible_collections.holdfast.webops.plugins.filter.file_sha256 import file_sha256

DOCUMENTATION = r"""
name: artifact_by_sha256
short_description: Find an artefact on the controller by its checksum
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Whatever a file is called, it is the artefact when its checksum says so, and no other one is.
positional: sha256
options:
  _input:
    description: A file, a folder, or a pattern such as V(build/*.tar.gz), from where the command runs.
    type: str
    required: true
  sha256:
    description: SHA-256 in hex.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Find what acceptance verified
  ansible.builtin.set_fact:
    artifact: "{{ 'build/*.tar.gz' | holdfast.webops.artifact_by_sha256(release.artifact_sha256) }}"
"""

RETURN = r"""
_value:
  description: Its absolute path; empty when none of the files is it.
  type: str
  sample: /home/anna/shop/build/shop-1.1.tar.gz
"""


def artifact_by_sha256(place: str, sha256: str) -> str:
    """The first file, by name, with this checksum."""
    given = pathlib.Path(place).expanduser()
    found = sorted(given.iterdir()) if given.is_dir() else [pathlib.Path(name) for name in sorted(glob.glob(str(given)))]
    return next((str(path.absolute()) for path in found if path.is_file() and file_sha256(str(path)) == sha256), "")


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"artifact_by_sha256": artifact_by_sha256}
