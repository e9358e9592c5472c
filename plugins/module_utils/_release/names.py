# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that become part of object keys, paths and cookies."""

from __future__ import annotations

import datetime
import re

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

_PORTAL = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,62}")


def check_portal(name: str) -> str:
    """The name itself, when it can stand in an object key."""
    if not _PORTAL.fullmatch(name) or ".." in name:
        raise InputError(
            f"portal: '{name}' is not a portal name.",
            hint="Use up to 63 lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit.",
        )
    return name


def check_version(version: str) -> str:
    """The version itself, when it can stand in a path and in a cookie."""
    if not _VERSION.fullmatch(version) or ".." in version:
        raise InputError(
            f"version: '{version}' is not a version.",
            hint="Use up to 63 letters, digits, '.', '_', '+' and '-', beginning with a letter or digit.",
        )
    return version


def release_id(version: str, now: datetime.datetime) -> str:
    """The id of a release that is opened now: 1.1.0-20261121T223000Z. It sorts by time within one version."""
    return f"{check_version(version)}-{now.astimezone(datetime.timezone.utc):%Y%m%dT%H%M%SZ}"
