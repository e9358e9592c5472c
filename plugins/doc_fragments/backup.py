# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that the modules for backups have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """C(holdfast.webops.backup.signing) is for what writes manifests, C(holdfast.webops.backup.signers) for what reads them."""

    SIGNING = r"""
requirements:
  - ssh-keygen (program), to sign manifests
options:
  signing_key:
    description:
      - Text of an Ed25519 SSH secret key without a passphrase. Each manifest is signed with it, and the signature is stored beside it as
        C(manifest.json.sig), where C(ssh-keygen -Y verify) can check it.
      - Left out together with O(signing_key_file), manifests are not signed.
    type: str
  signing_key_file:
    description: Path of such a key on the host that runs the module, readable by its owner alone.
    type: path
"""

    SIGNERS = r"""
requirements:
  - ssh-keygen (program), to check signatures
options:
  allowed_signers:
    description:
      - Who may sign manifests, as lines of an C(allowed_signers) file of C(ssh-keygen).
      - Each is the portal's name (V(*) for any), a blank, and a public key.
      - Left empty, signatures are not looked at.
    type: list
    elements: str
    default: []
  on_bad_signature:
    description:
      - What to do with a copy whose manifest is not signed, or not by one of O(allowed_signers).
      - With V(refuse) it counts as damaged, so nothing is restored from it. With V(warn) it is used, with a warning.
    type: str
    choices: [refuse, warn]
    default: refuse
"""
