#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: env_file
short_description: Have a .env file with exactly these variables
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Writes the environment of an application as a C(.env) file, quoted so that its reader gets every value as it is. A value that
    the reader cannot be given is refused by its name.
  - The file is readable by its owner alone. It appears complete, or not at all.
  - A file that somebody else wrote is left alone, unless O(take_over) says otherwise.
attributes:
  check_mode:
    description: Can run in check mode and says what it would do, without changing anything.
    support: full
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: full
    details: Of a secret it shows only whether it is another one; of a file that somebody else wrote nothing.
options:
  path:
    description: The file. Its folder must exist.
    type: path
    required: true
  environment:
    description: Variables that everybody may see in differences and logs. Booleans become V(true) and V(false).
    type: dict
    default: {}
  secret_environment:
    description: Variables whose values are shown nowhere; each has at least six characters.
    type: dict
    default: {}
  reader:
    description:
      - Who reads the file. Values made of letters, digits and most signs are written in a way that all of them understand; what
        matters are values with C($), a backslash, a grave accent, or with both kinds of quotes.
      - V(dotenv) is npm's C(dotenv) and the option C(--env-file) of Node.js.
      - V(expanding) is a tool that replaces C($NAME) inside of values after that, such as Vite and Next.js.
      - V(python) is PyPI's C(python-dotenv).
      - V(shell) is a shell, by C(. file), and the C(EnvironmentFile=) of systemd.
    type: str
    choices: [dotenv, expanding, python, shell]
    default: dotenv
  take_over:
    description: Whether a file that somebody else wrote is replaced. It is kept beside the new one, with C(.former) behind its name.
    type: bool
    default: false
seealso:
  - module: holdfast.webops.vercel_env
"""

EXAMPLES = r"""
- name: Give Vite its variables
  holdfast.webops.env_file:
    path: /home/anna/vz-portal/.env.local
    reader: expanding
    environment:
      VITE_SUPABASE_URL: http://localhost:54321
      VITE_ENABLE_DEBUG: true
    secret_environment:
      VITE_SUPABASE_ANON_KEY: "{{ vault_local_anon_key }}"
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /home/anna/vz-portal/.env.local
names:
  description: The names of its variables.
  returned: success
  type: list
  elements: str
  sample: [VITE_ENABLE_DEBUG, VITE_SUPABASE_ANON_KEY, VITE_SUPABASE_URL]
former:
  description: Where the file is kept that somebody else wrote, or would be in check mode; null when there was none.
  returned: success
  type: str
  sample: /home/anna/vz-portal/.env.local.former
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._host.env_file import ARGUMENTS, write_env_file


def main() -> None:
    run_module(write_env_file, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
