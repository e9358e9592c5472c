#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_artifact
short_description: Have the artefact of a release as one file with one checksum
version_added: "0.1.0"
description:
  - Takes an archive as it is, packs a folder, or exports a commit from git, on the controller. What comes out is a file, and the
    SHA-256 that names the artefact in the ledger, in every environment.
  - A folder and a commit are packed the same way every time, so that the same content has the same checksum on every controller.
    C(.git) in a folder is left out. Each file gets a time that follows from its content.
  - What was packed lies in the temporary folder of the run of Ansible, and goes with it.
author: Holdfast contributors (@holdfast-webops)
attributes:
  action:
    support: full
    description: Runs on the controller; nothing is sent to the target.
  check_mode:
    support: full
    description: Packs and fetches in check mode too; nothing stays of it.
  diff_mode:
    support: none
    description: Changes nothing.
options:
  path:
    description: An archive or a folder on the controller. A relative path is meant from where the command runs.
    type: str
    default: ""
  sha256:
    description: The SHA-256 that the artefact must have, in hex. Empty accepts any.
    type: str
    default: ""
  git_url:
    description:
      - A repository, instead of O(path); C(https://), C(ssh://), C(git@host:path) or C(file://). It must hold no password.
      - Only the wanted commit is fetched. Submodules and what Git LFS keeps elsewhere are not in it.
    type: str
    default: ""
  git_ref:
    description: A branch, a tag, or a whole commit id.
    type: str
    default: ""
  git_username:
    description: User for HTTPS. Left out, it is V(git).
    type: str
    default: ""
  git_password:
    description: Password or token for HTTPS. It reaches git by its environment. For SSH, the keys of the user who runs Ansible are used.
    type: str
    default: ""
  git_timeout:
    description: How long fetching may take, in seconds.
    type: float
    default: 600
  commit:
    description: The commit that O(git_ref) must be at, or the commit that an archive was built from. Empty accepts any.
    type: str
    default: ""
seealso:
  - module: holdfast.webops.host_slot
"""

EXAMPLES = r"""
- name: Export what the tag says
  holdfast.webops.release_artifact:
    git_url: https://git.example.org/shop/portal.git
    git_ref: v1.1.0
    git_password: "{{ vault_shop_git_token }}"
  register: artifact

- name: Pack a folder that was built
  holdfast.webops.release_artifact:
    path: dist
"""

RETURN = r"""
kind:
  description: V(archive), V(folder), V(git), or V(none) when neither O(path) nor O(git_url) was given.
  returned: success
  type: str
  sample: git
path:
  description: The file on the controller; empty when there is none.
  returned: success
  type: str
  sample: /home/ann/.ansible/tmp/ansible-local-4711abcd/artifact-r2/artifact.tar
sha256:
  description: Its SHA-256; empty when there is none.
  returned: success
  type: str
  sample: 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
commit:
  description: The commit, as git has it or as it was given; empty when nobody knows it.
  returned: success
  type: str
  sample: 3f2c1ab09e6d0c1f5a2b7c8d9e0f1a2b3c4d5e6f
"""
