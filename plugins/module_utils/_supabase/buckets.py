# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Buckets as they are, as they shall be, and what leads from one to the other. Pure."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.sizes import as_bytes

# What Supabase's storage takes: S3's letters and a few more, no slash.
NAME = re.compile(r"[\w!\-.*'() &$@=;:+,?]{1,100}", re.ASCII)
MIME = re.compile(r"[a-zA-Z0-9][\w.+-]*/(\*|[a-zA-Z0-9][\w.+-]*)")
NEW: dict[str, t.Any] = {"public": False, "file_size_limit": None, "allowed_mime_types": None}
# A bucket that is not there has no settings.
Settings = t.Optional[dict[str, t.Any]]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A bucket as the task lists it; `given` are the settings that it names."""

    name: str
    given: t.Mapping[str, t.Any]
    absent: bool = False


@dataclasses.dataclass(frozen=True)
class Change:
    """What is to be done to one bucket: create, update (with all settings) or delete."""

    action: str
    name: str
    settings: t.Mapping[str, t.Any]


def wanted_from(listed: t.Sequence[t.Mapping[str, t.Any]]) -> list[Wanted]:
    """The buckets of the task, checked."""
    found = [_wanted(bucket, f"buckets[{number}]") for number, bucket in enumerate(listed)]
    names = [bucket.name for bucket in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"buckets: {', '.join(twice)} is listed more than once.", hint="List each bucket once.")
    return found


def present_from(answer: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, dict[str, t.Any]]:
    """Settings by name, as Supabase lists the buckets."""
    return {str(bucket["name"]): _comparable(bucket) for bucket in answer}


def plan(present: t.Mapping[str, t.Mapping[str, t.Any]], wanted: t.Sequence[Wanted]) -> list[Change]:
    """What leads from the present buckets to the wanted ones."""
    changes = []
    for bucket in wanted:
        there = present.get(bucket.name)
        goal = settled(present, bucket)
        if goal is None and there is not None:
            changes.append(Change("delete", bucket.name, {}))
        elif goal is not None and there is None:
            changes.append(Change("create", bucket.name, goal))
        elif goal is not None and goal != there:
            changes.append(Change("update", bucket.name, goal))
    return changes


def settled(present: t.Mapping[str, t.Mapping[str, t.Any]], bucket: Wanted) -> Settings:
    """How a bucket shall be in the end."""
    return None if bucket.absent else {**(present.get(bucket.name) or NEW), **bucket.given}


def _wanted(bucket: t.Mapping[str, t.Any], place: str) -> Wanted:
    name = bucket["name"]
    if not NAME.fullmatch(name):
        raise InputError(
            f"{place}.name: '{name}' is no name of a bucket.",
            hint="1 to 100 letters, digits and signs, no slash.",
        )
    given: dict[str, t.Any] = {}
    if bucket["public"] is not None:
        given["public"] = bucket["public"]
    if bucket["file_size_limit"] is not None:
        given["file_size_limit"] = as_bytes(f"{place}.file_size_limit", bucket["file_size_limit"]) if bucket["file_size_limit"] else None
    if bucket["allowed_mime_types"] is not None:
        given["allowed_mime_types"] = sorted({_mime(f"{place}.allowed_mime_types", text) for text in bucket["allowed_mime_types"]}) or None
    return Wanted(name, given, bucket["state"] == "absent")


def _mime(place: str, text: str) -> str:
    if not MIME.fullmatch(text):
        raise InputError(f"{place}: '{text}' is no type of files.", hint="Write it as image/png or image/*.")
    return text


def _comparable(bucket: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        "public": bool(bucket.get("public")),
        "file_size_limit": bucket.get("file_size_limit"),
        "allowed_mime_types": sorted(bucket.get("allowed_mime_types") or []) or None,
    }
