# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restore points: moments with a name, made before something risky."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso, parse_iso, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.failures import ApiError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.orders import NO_PITR

PATH = "/database/backups/restore-point"
LONGEST = 20
_NAME = re.compile(rf"[\x21-\x7e]{{1,{LONGEST}}}")
AVAILABLE = "AVAILABLE"
INTERVAL = 2.0  # seconds


@dataclasses.dataclass(frozen=True)
class Point:
    """A restore point; `at` is None until it is made."""

    name: str
    status: str
    at: t.Optional[datetime.datetime]

    def shown(self) -> dict[str, t.Any]:
        """The documented value `restore_point`."""
        return {"name": self.name, "status": self.status, "at": iso(self.at) if self.at else None}

    def is_made(self) -> bool:
        """Whether the project can go back to it. WebopsError for one that nothing will come of. Pure."""
        if self.status in {"FAILED", "REMOVED"}:
            raise WebopsError(
                f"The restore point '{self.name}' is {self.status}: the project cannot go back to it.",
                hint="Make one with another name.",
                restore_point=self.shown(),
            )
        return self.status == AVAILABLE


def check_name(option: str, name: str) -> str:
    """The name itself, when Supabase takes it."""
    if not _NAME.fullmatch(name):
        raise InputError(f"{option} is '{name}'.", hint=f"Give at most {LONGEST} letters, digits and signs, without blanks.")
    return name


def read(api: Supabase, name: str) -> t.Optional[Point]:
    """The restore point of that name, None where there is none."""
    try:
        found = api.get(f"tell about the restore point {name}", PATH, [("name", name)])
    except ApiError as exc:
        if exc.status == 404:
            return None
        raise
    return _point(found) if found and found.get("name") == name else None


def make(api: Supabase, name: str, seen: t.Optional[Point]) -> Point:
    """Have it made, where it is not there yet, and wait until the project could go back to it."""
    if seen is None:
        # A lost answer is no news: the wait looks whether it is there.
        with contextlib.suppress(LostAnswerError):
            api.post(f"make the restore point {name}", PATH, {"name": name}, repeat=False)

    def made() -> t.Optional[Point]:
        point = read(api, name)
        return point if point is not None and point.is_made() else None

    timeout = api.deadline.remaining()
    return wait_until(made, clock=api.clock, timeout=timeout, interval=INTERVAL, what=f"the restore point '{name}'")


def _point(answer: t.Mapping[str, t.Any]) -> Point:
    made = answer.get("completed_on")
    return Point(str(answer["name"]), str(answer["status"]), parse_iso(str(made)) if made else None)


@contextlib.contextmanager
def plan_explained() -> t.Iterator[None]:
    """Say of a 402 which plan it needs."""
    try:
        yield
    except ApiError as exc:
        if exc.status != 402:
            raise
        raise WebopsError(exc.message, hint=NO_PITR) from exc
