"""Rate limits: so many requests of a kind in so many seconds, per token; and what the headers say about them."""

from __future__ import annotations

import typing as t

from tests.emulators.vercel.errors import ApiError

if t.TYPE_CHECKING:
    from tests.emulators.vercel.settings import Rate
    from tests.emulators.vercel.world import World


class Limits:
    """Counts; a window begins with its first request."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}

    def count(self, token: str, pattern: str) -> dict[str, str]:
        """The headers for the answer; ApiError 429 when it was one too many."""
        name, rate = self._of(pattern)
        now = self._world.clock.now
        end, used = self._windows.get((token, name), (0.0, 0))
        if now >= end:
            end, used = now + rate[1], 0
        self._windows[token, name] = (end, used + 1)
        if used >= rate[0]:
            raise too_many(name, rate[0], end - now, now)
        return headers(rate[0], rate[0] - used - 1, end)

    def _of(self, pattern: str) -> tuple[str, Rate]:
        settings = self._world.settings
        if pattern == "POST /files":
            return "api-upload-paid", settings.upload_rate
        if pattern == "POST /deployments":
            return "api-deployments-paid", settings.deployment_rate
        return "api-requests", settings.request_rate


def headers(total: int, left: int, end: float) -> dict[str, str]:
    return {"x-ratelimit-limit": str(total), "x-ratelimit-remaining": str(left), "x-ratelimit-reset": str(int(end))}


def too_many(name: str, total: int, seconds: float, now: float) -> ApiError:
    """429, with everything a client may look at."""
    reset = now + seconds
    wait = f"{seconds / 3600:.0f} hours" if seconds >= 7200 else f"{max(1, seconds / 60):.0f} minutes"
    message = f"The rate limit of {total} exceeded for '{name}'. Try again in {wait}"
    limit = {"remaining": 0, "reset": int(reset), "resetMs": int(reset * 1000), "total": total}
    told = {**headers(total, 0, reset), "retry-after": str(max(1, round(seconds)))}
    return ApiError(429, "rate_limited", message, headers=told, limit=limit)
