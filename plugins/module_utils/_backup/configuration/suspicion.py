# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What looks like a secret that nobody has encrypted. For what goes to places that keep everything for ever, such as git. Pure."""

from __future__ import annotations

import fnmatch
import re

VAULT = b"$ANSIBLE_VAULT;"
LOOKED_AT = 1 << 20  # bytes from the beginning of a file

# Names of files that hold secrets and nothing else.
_NAMES = {
    "a file of environment variables": (".env", ".env.*", "*.env"),
    "a password file of Ansible Vault": ("*vault*pass*", "*vault*pw*", "*vault*secret*", ".vault", "*.vaultkey", "*.vault-id"),
    "a private key": ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_*_sk", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.ppk"),
    "a file of passwords": (
        ".netrc",
        "_netrc",
        ".pgpass",
        "pgpass.conf",
        ".git-credentials",
        ".htpasswd",
        "*.kdbx",
        ".my.cnf",
        "shadow",
        "gshadow",
    ),
}
# What tells others which variables they need.
_TEMPLATES = ("*.example", "*.sample", "*.template", "*.dist", "*.j2", "example.env", "sample.env")
_CONTENTS = {
    "a private key": rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|PuTTY-User-Key-File-|AGE-SECRET-KEY-(PQ-)?1",
    "a key of AWS": rb"\b(AKIA|ASIA)[A-Z0-9]{16}\b|aws_secret_access_key\s*[=:]\s*[\"']?[A-Za-z0-9/+]{40}",
    "a token": (
        rb"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50}|glpat-[A-Za-z0-9_-]{20}|xox[abpors]-[A-Za-z0-9-]{10}|sbp_[a-f0-9]{40}"
        rb"|sb_secret_[A-Za-z0-9_-]{20}|[rs]k_live_[A-Za-z0-9]{16}|AIza[A-Za-z0-9_-]{35}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16})"
    ),
    "a signed token": rb"\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16}",
    # Not where a template or a variable stands for it.
    "a URL with a password": rb"://[^\s/:@'\"<>{}$]+:(?![{$<*])[^\s/:@'\"<>]{3,}@",
}
_PATTERNS = {what: re.compile(pattern) for what, pattern in _CONTENTS.items()}


def secret_in(path: str, content: bytes) -> str:
    """What a file looks like that should not be stored openly, "" when it looks harmless; `content` may be its beginning."""
    if content.startswith(VAULT):
        return ""
    name = path.rpartition("/")[2].lower()
    if not any(fnmatch.fnmatchcase(name, pattern) for pattern in _TEMPLATES):
        for what, patterns in _NAMES.items():
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                return what
    return next((what for what, pattern in _PATTERNS.items() if pattern.search(content)), "")
