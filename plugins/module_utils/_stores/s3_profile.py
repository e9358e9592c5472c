# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials from AWS's own files, which obstore does not read: profiles with keys, roles, single sign-on or a program. By boto3."""

from __future__ import annotations

import datetime
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need

# How long obstore keeps what it was given; boto3 renews what ends before.
KEPT = datetime.timedelta(minutes=5)
_NAMES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
_FILES = {"AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials", "AWS_CONFIG_FILE": "~/.aws/config"}


class ProfileCredentials:
    """Asked by obstore for keys, again and again."""

    def __init__(self, credentials: t.Any, region: str | None) -> None:
        self.config = {"region": region} if region else {}
        self._credentials = credentials

    def __call__(self) -> dict[str, t.Any]:
        now = self._credentials.get_frozen_credentials()
        return {
            "access_key_id": now.access_key,
            "secret_access_key": now.secret_key,
            "token": now.token,
            "expires_at": datetime.datetime.now(datetime.timezone.utc) + KEPT,
        }


def profile_credentials(environment: t.Mapping[str, str]) -> ProfileCredentials | None:
    """What the profile of this user gives, None where there is none: then obstore looks for roles. Keys in the environment come first."""
    if "AWS_ACCESS_KEY_ID" in environment or not _has_profile(environment):
        return None
    try:
        session = need("boto3").Session()
        credentials = session.get_credentials()
    except need("botocore.exceptions").BotoCoreError as exc:
        raise InputError(f"AWS's profile cannot be used: {exc}", hint="Correct AWS_PROFILE or the files in ~/.aws.") from exc
    # boto3 does not know the name that AWS's other libraries have for the region.
    region = environment.get("AWS_REGION") or session.region_name
    return None if credentials is None else ProfileCredentials(credentials, region)


def _has_profile(environment: t.Mapping[str, str]) -> bool:
    files = (os.path.expanduser(environment.get(name, usual)) for name, usual in _FILES.items())
    return any(environment.get(name) for name in _NAMES) or any(os.path.exists(path) for path in files)
