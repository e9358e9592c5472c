# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of every module that works on a site which is published by git."""

from __future__ import annotations


class ModuleDocFragment:
    """Which branch, and where users are."""

    DOCUMENTATION = r"""
requirements:
  - git 2.31 or newer
notes:
  - What is remembered (slots, the highest fencing number, the commits that were put on the branch) lies in the repository, as
    C(refs/holdfast/<branch>). It is pushed together with the branch, all or nothing, and only where nobody has pushed in between.
  - The password reaches git by its environment, never in its arguments.
options:
  repository:
    description:
      - The git repository that the host publishes from - V(https://host/path), V(ssh://user@host/path), V(user@host:path) or
        V(/absolute/path).
      - It must not hold a password, and V(http://) is refused unless it is this machine.
    type: str
    required: true
  branch:
    description: The branch that the host publishes.
    type: str
    default: main
  username:
    description: Who logs in to the repository over https. Empty is right where O(password) is a token.
    type: str
    default: ""
  password:
    description: A password, or a token that may write to the repository.
    type: str
    default: ""
  git_timeout:
    description: How many seconds one call of git may take.
    type: float
    default: 300
  url:
    description: Address that users use, such as V(https://shop.example.org). What counts as published is what this address serves.
    type: str
    required: true
  release_file:
    description: Path of the site's generated file that tells which release a visitor gets, such as V(.well-known/shop-release.json).
    type: str
    required: true
  edges:
    description:
      - More addresses of servers that hold copies of the site, such as V(192.0.2.7) or V(192.0.2.7:8443).
      - All that the name in O(url) stands for are asked anyway.
    type: list
    elements: str
    default: []
"""
