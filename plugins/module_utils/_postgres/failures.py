# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server says when it refuses, as an error of ours."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need


@contextlib.contextmanager
def server_errors(doing: str) -> t.Iterator[None]:
    """Turn an error of the server into a sentence that says what was being done."""
    try:
        yield
    except need("psycopg").Error as exc:
        said = " ".join(str(exc).split()).rstrip(".")
        raise WebopsError(f"The PostgreSQL server refused {doing}: {said}.", sqlstate=getattr(exc, "sqlstate", None)) from exc
