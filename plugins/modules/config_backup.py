#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: config_backup
short_description: Keep files, inventories and settings of platforms in git and in encrypted archives
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Keeps files and folders of the host that runs it, inventories, and what other tasks have read of a platform's settings. It writes them
    to a branch of a git repository, where every change can be read line by line, and as an encrypted archive to one or several stores.
  - What has not changed makes neither a commit nor an archive.
  - An archive is a tar with modes, owners, times and links, and with C(SHA256SUMS), a list of digests that C(sha256sum) checks. It is a
    backup once its signed manifest exists, which is written last; a run that is killed or fails leaves nothing that looks like one.
  - Git keeps contents, links and whether a file is executable, and nothing of O(secrets). The task fails before it touches anything when
    something that would go there looks like a secret that is not encrypted. Files that ansible-vault has encrypted may go there.
  - A commit goes on top of what others have pushed meanwhile, and never in its place.
  - Everything is read twice, and must be the same both times; a file that changes meanwhile fails the task.
  - Encryption is done by the program age where the host has it, else by the Python library pyrage.
requirements:
  - age (program) or pyrage (Python library), unless O(encryption=none)
  - git (program) 2.31 or newer, for O(git)
extends_documentation_fragment:
  - holdfast.webops.store.optional_destinations
  - holdfast.webops.backup.signing
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Reads everything, the stores and the repository, and does all but storing and pushing.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows the lines that go to git, where they are plain text and nothing in them looks like a secret, and the number of archives.
options:
  portal:
    description: Name of the portal; archives are kept under C(<portal>/configuration/), in git everything is under C(<portal>/<name>/).
    type: str
    required: true
  name:
    description: Name of what is kept, such as the host that it is from. Each name is compared, restored and removed by itself.
    type: str
    default: main
  paths:
    description:
      - Files and folders by their absolute paths, or patterns such as V(/etc/nginx/**/*.conf). A folder stands for all that is in it.
      - A path must exist, a pattern may mean nothing at the moment, which is a warning. Links are kept as links.
    type: list
    elements: path
    default: []
  exclude:
    description:
      - What to leave out of O(paths) and O(inventories). A pattern without a slash is compared with each name in a path, one with a slash
        with the whole path; a folder goes with all that is in it.
    type: list
    elements: str
    default: []
  inventories:
    description: Inventories, by the absolute paths of their folders or files; they are kept as C(inventories/<name of the folder>).
    type: list
    elements: path
    default: []
  settings:
    description:
      - Plain data by names, such as what a task has read of a platform. Each becomes a file C(settings/<name>.json), also in git.
    type: dict
    default: {}
  secrets:
    description:
      - Data that nobody may read, by names. Each becomes a file C(secrets/<name>.json) in the encrypted archive, and goes nowhere else.
      - It is a dictionary, or one as JSON. Needs O(destinations).
    type: json
  git:
    description: The repository that keeps the history. Left out, there is none.
    type: dict
    suboptions:
      repository:
        description:
          - Where it is, V(/absolute/path), V(file:///absolute/path), V(ssh://user@host/path), V(user@host:path) or V(https://host/path),
            without a password.
          - It must exist and be bare; its branch is made with the first commit.
        type: str
        required: true
      branch:
        description: Name of the branch.
        type: str
        default: main
      author_name:
        description: Name in the commits.
        type: str
        default: holdfast.webops
      author_email:
        description: Address in the commits.
        type: str
        default: holdfast@localhost
      username:
        description: For V(https://), who logs in. Left out together with O(git.password), the user's own credential helpers are asked.
        type: str
      password:
        description: For V(https://), the password or token.
        type: str
      ssh_key_file:
        description: For SSH, path of the secret key on the host of the task. Left out, it is what the user's own settings say.
        type: path
      known_hosts:
        description: For SSH, lines of a C(known_hosts) file with the server's key. Left out, it is the user's file.
        type: list
        elements: str
        default: []
      allow_http:
        description: Allow V(http://), as a server on the same host may have it.
        type: bool
        default: false
      exclude:
        description:
          - What to keep out of git, as patterns like those of O(exclude), by paths on the host or in the archive.
          - The archive has it all the same.
        type: list
        elements: str
        default: []
      allow:
        description: What may go to git although it looks like a secret, as patterns of the same kind.
        type: list
        elements: str
        default: []
  require:
    description:
      - How many destinations must hold an archive for it to count, V(all), more than half (V(quorum)), or one (V(any)).
    type: str
    choices: [all, quorum, any]
    default: all
  recipients:
    description:
      - Public keys, C(age1...) or C(ssh-ed25519 ...), each of which can open the archive. The secret keys do not belong on this host.
      - When they change, a new archive is made.
    type: list
    elements: str
    default: []
  encryption:
    description: V(none) writes an archive that everybody with access to the destination can read; it must be said explicitly.
    type: str
    choices: [age, none]
    default: age
  max_age:
    description:
      - Store content that has not changed again when the newest archive is older than this, in seconds.
      - Left out, it is never stored again; the newest archive of each destination is never removed by M(holdfast.webops.backup_retention).
    type: int
  scratch_dir:
    description: Directory for the work with git. Left out, it is the system's directory for temporary files.
    type: path
  wait_timeout:
    description: How long it may take, in seconds.
    type: int
    default: 3600
seealso:
  - module: holdfast.webops.config_restore
  - module: holdfast.webops.config_backup_info
  - module: holdfast.webops.backup_retention
"""

EXAMPLES = r"""
- name: Keep the configuration of a web host in git and in a bucket
  holdfast.webops.config_backup:
    portal: orders
    name: "{{ inventory_hostname }}"
    paths: [/etc/nginx, /etc/systemd/system/orders-*.service, /etc/ssl/private]
    exclude: ["*.bak"]
    git:
      repository: git@git.example.org:operations/configuration.git
      ssh_key_file: /etc/holdfast/git.key
      exclude: [/etc/ssl/private]
    recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p]
    destinations:
      - store: s3://holdfast-backups/production
        region: eu-central-1

- name: Keep inventories and what was read of the platforms
  holdfast.webops.config_backup:
    portal: orders
    inventories: ["{{ inventory_dir }}"]
    settings:
      vercel: "{{ vercel_settings }}"
    secrets:
      vercel: "{{ vercel_environment }}"
    git:
      repository: https://git.example.org/operations/configuration.git
      username: backups
      password: "{{ vault_git_token }}"
    recipients: "{{ backup_recipients }}"
    destinations: "{{ orders_destinations }}"
  delegate_to: localhost
"""

RETURN = r"""
backup:
  description:
    - The new archive, or the one that is still good. V(null) in check mode when one would be made, and without O(destinations).
  returned: success
  type: dict
  contains:
    id:
      description: Its name, which starts with the moment it was begun.
      type: str
      sample: 20261122T010000Z-1a2b3c
    portal:
      description: The portal.
      type: str
      sample: orders
    name:
      description: What it is of.
      type: str
      sample: web1
    state:
      description: V(complete), V(partial) when a destination lacks it, V(damaged) when a copy is not what was written.
      type: str
      sample: complete
    at:
      description: When the reading began, the recovery point.
      type: str
      sample: "2026-11-22T01:00:00Z"
    host:
      description: Name of the host that made it.
      type: str
      sample: web1.example.org
    files:
      description: Number of files in it.
      type: int
      sample: 42
    bytes:
      description: Size of those files.
      type: int
      sample: 90211
    size:
      description: Size of the archive in bytes.
      type: int
      sample: 102600
    sha256:
      description: SHA-256 of the archive as stored.
      type: str
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    encrypted:
      description: Whether a secret key is needed to read it.
      type: bool
      sample: true
    duration_s:
      description: How long the storing took, in seconds.
      type: float
      sample: 0.8
    copies:
      description: The stores that hold it, and what is wrong there, V(null) where nothing was found.
      type: list
      elements: dict
      sample: [{"store": "s3://holdfast-backups/production", "damage": null}]
    missing:
      description: The destinations that lack it.
      type: list
      elements: str
      sample: []
    restore_by_hand:
      description: Command lines for a person who restores it next to the downloaded archive.
      type: list
      elements: str
      sample: ["mkdir configuration"]
stored:
  description: Whether a new archive was made, or would be.
  returned: success
  type: bool
  sample: true
reason:
  description: Why a new archive was made, V(null) when none was.
  returned: success
  type: str
  sample: The content has changed.
git:
  description: What git holds, V(null) without O(git). Names are those below C(<portal>/<name>/).
  returned: success
  type: dict
  contains:
    repository:
      description: Where it is.
      type: str
      sample: git@git.example.org:operations/configuration.git
    branch:
      description: The branch.
      type: str
      sample: main
    commit:
      description: The newest commit with this configuration, V(null) in check mode when one would be made, or while there is none.
      type: str
      sample: 2f5c0a5e4e1f7d0c5b0a3f6d9c8b7a6f5e4d3c2b
    committed:
      description: Whether a new commit was pushed, or would be.
      type: bool
      sample: true
    added:
      description: Files that are new.
      type: list
      elements: str
      sample: ["files/etc/nginx/conf.d/shop.conf"]
    changed:
      description: Files that are not what they were.
      type: list
      elements: str
      sample: ["settings/vercel.json"]
    removed:
      description: Files that are gone.
      type: list
      elements: str
      sample: []
"""

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.backing_up import back_up
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import SIGNING_ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import destination_arguments

LIST = {"type": "list", "elements": "str", "default": []}
PATHS = {"type": "list", "elements": "path", "default": []}
GIT = {
    "repository": {"type": "str", "required": True},
    "branch": {"type": "str", "default": "main"},
    "author_name": {"type": "str", "default": "holdfast.webops"},
    "author_email": {"type": "str", "default": "holdfast@localhost"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "ssh_key_file": {"type": "path", "no_log": False},
    "known_hosts": LIST,
    "allow_http": {"type": "bool", "default": False},
    "exclude": LIST,
    "allow": LIST,
}


def main() -> None:
    run_module(
        back_up,
        argument_spec={
            "destinations": {**destination_arguments()["destinations"], "required": False},
            **SIGNING_ARGUMENTS,
            "portal": {"type": "str", "required": True},
            "name": {"type": "str", "default": "main"},
            "paths": PATHS,
            "exclude": LIST,
            "inventories": PATHS,
            "settings": {"type": "dict", "default": {}},
            "secrets": {"type": "json", "no_log": True},
            "git": {"type": "dict", "options": GIT},
            "require": {"type": "str", "choices": ["all", "quorum", "any"], "default": "all"},
            "recipients": LIST,
            "encryption": {"type": "str", "choices": ["age", "none"], "default": "age"},
            "max_age": {"type": "int"},
            "scratch_dir": {"type": "path"},
            "wait_timeout": {"type": "int", "default": 3600},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
