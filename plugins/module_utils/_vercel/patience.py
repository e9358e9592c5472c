# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long Vercel asks to wait. Pure: answers in, seconds out."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.patience import UNSAID, number, retry_after


def after_limit(headers: t.Mapping[str, str], body: t.Any, now: float) -> float:
    """Seconds that a 429 asks for. `now` is in seconds since 1970.

    In this order: Retry-After (seconds or a date), the time of the reset in the body, the same in a header.
    """
    said = retry_after(headers, now)
    if said is None:
        said = _until(_reset(body), now)
    if said is None:
        said = _until(headers.get("X-RateLimit-Reset"), now)
    return UNSAID if said is None else max(said, 0.0)


def _reset(body: t.Any) -> t.Any:
    error = body.get("error") if isinstance(body, dict) else None
    limit = error.get("limit") if isinstance(error, dict) else None
    return limit.get("reset") if isinstance(limit, dict) else None


def _until(moment: t.Any, now: float) -> t.Optional[float]:
    seconds = number(moment)
    return None if seconds is None else seconds - now
