# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Third-party libraries, imported when they are needed and missed in a sentence that helps."""

from __future__ import annotations

import functools
import importlib
import sys
import types

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError

# import name -> (name on PyPI, Debian package or "")
PACKAGES = {
    "boto3": ("boto3", "python3-boto3"),
    "botocore": ("boto3", "python3-boto3"),
    "cryptography": ("cryptography", "python3-cryptography"),
    "dns": ("dnspython", "python3-dnspython"),
    "google": ("google-cloud-storage", ""),
    "jmespath": ("jmespath", "python3-jmespath"),
    "obstore": ("obstore", ""),
    "pathspec": ("pathspec", "python3-pathspec"),
    "psycopg": ("psycopg[binary]", "python3-psycopg"),
    "pyrage": ("pyrage", ""),
    "requests": ("requests", "python3-requests"),
}


@functools.cache  # asked for again with every statement
def need(name: str) -> types.ModuleType:
    """The imported library; NotFoundError names the package and the interpreter that lacks it."""
    try:
        return importlib.import_module(name)
    except ImportError as exc:
        top = name.split(".")[0]
        pypi, debian = PACKAGES.get(top, (top, ""))
        ways = f"pip install '{pypi}'" + (f", or apt install {debian}" if debian else "")
        raise NotFoundError(
            f"The Python library '{top}' cannot be imported by {sys.executable}: {exc}.",
            hint=f"Install it there ({ways}), or set ansible_python_interpreter to a Python that has it.",
        ) from exc
