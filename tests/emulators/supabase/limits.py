"""Rate limits: so many requests in so many seconds, per token, project and endpoint; and what the headers say about them."""

from __future__ import annotations

import threading
import time
import typing as t

from tests.emulators.supabase.errors import ApiError

if t.TYPE_CHECKING:
    from tests.emulators.supabase.settings import Settings


class Limits:
    """Counts; a window begins with its first request."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._windows: dict[tuple[str, str, str], tuple[float, int]] = {}
        self._lock = threading.Lock()

    def count(self, token: str, project: str, pattern: str) -> dict[str, str]:
        """The headers for the answer; ApiError 429 when it was one too many."""
        total, length = self._settings.request_rate
        now = time.monotonic()
        with self._lock:
            end, used = self._windows.get((token, project, pattern), (0.0, 0))
            if now >= end:
                end, used = now + length, 0
            self._windows[token, project, pattern] = (end, used + 1)
        if used >= total:
            raise too_many(total, end - now)
        return headers(total, total - used - 1, end - now)


def headers(total: int, left: int, seconds: float) -> dict[str, str]:
    """Unlike elsewhere, the reset is how many seconds are left."""
    return {"x-ratelimit-limit": str(total), "x-ratelimit-remaining": str(left), "x-ratelimit-reset": str(max(1, round(seconds)))}


def too_many(total: int, seconds: float, *, told: bool = True) -> ApiError:
    """429; `told` says whether Retry-After is among the headers."""
    waiting = {"retry-after": str(max(1, round(seconds)))} if told else {}
    return ApiError(429, "ThrottlerException: Too Many Requests", headers={**headers(total, 0, seconds), **waiting})
