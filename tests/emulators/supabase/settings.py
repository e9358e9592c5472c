"""How fast, how generous and how strict the local Supabase is; `PATCH /__emulator/settings` changes it while it runs."""

from __future__ import annotations

import dataclasses
import typing as t

Rate = tuple[int, int]


@dataclasses.dataclass
class Settings:
    """Seconds, unless the name says otherwise."""

    transition_seconds: float = 0.2
    """What every change of a project's state takes at least: restarts, restores, pausing, coming up."""
    transition_looks: int = 0
    """It lasts at least until so many have asked how the project is: who looks away for long meets it all the same."""
    archive_lag_seconds: int = 0
    """So old is the newest moment that a recovery can go back to; the service archives every two minutes."""
    restore_point_seconds: float = 0.1
    """How long a new restore point stays PENDING."""
    request_rate: Rate = (120, 60)
    """Requests in as many seconds, per token, project and endpoint; the service's own figure."""
    secrets_shown: str = "hash"
    """How the auth configuration shows its secrets: `hash` (HMAC-SHA-256 with the ref as key), `masked` or `plain`."""
    enforce_network: bool = False
    """Whether network restrictions hold for the database: everybody here comes from 127.0.0.1, which they seldom allow."""

    def change(self, wanted: dict[str, t.Any]) -> None:
        """Take over what `wanted` names; ValueError, and nothing taken over, for a name that there is not."""
        known = dataclasses.asdict(self)
        unknown = ", ".join(name for name in wanted if name not in known)
        if unknown:
            raise ValueError(f"there is no setting {unknown}; there are {', '.join(known)}")
        for name, value in wanted.items():
            if isinstance(known[name], tuple):
                setattr(self, name, (int(value[0]), int(value[1])))
            else:
                setattr(self, name, type(known[name])(value))
