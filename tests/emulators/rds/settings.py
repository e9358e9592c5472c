"""How fast and how strict the local RDS is; `PATCH /__emulator/settings` changes it while it runs."""

from __future__ import annotations

import dataclasses
import typing as t


@dataclasses.dataclass
class Settings:
    """Seconds, unless the name says otherwise."""

    transition_seconds: float = 0.2
    """What every state on the way takes at least: creating, backing-up, modifying, renaming, deleting, ..."""
    acceptance_seconds: float = 0.0
    """So long an instance looks as before after a change was accepted. On RDS it is seconds: whoever asks at once sees `available`."""
    restorable_lag_seconds: float = 0.0
    """So old is the newest moment that can be restored; on RDS up to five minutes."""
    records_per_page: int = 100
    """At most so many rows in an answer, whatever MaxRecords allows."""
    default_group_is_closed: bool = False
    """Whether nobody can reach an instance that has nothing but the default security group, as on RDS from outside of that group."""

    def change(self, wanted: dict[str, t.Any]) -> None:
        """Take over what `wanted` names; ValueError, and nothing taken over, for a name that there is not."""
        known = dataclasses.asdict(self)
        unknown = ", ".join(name for name in wanted if name not in known)
        if unknown:
            raise ValueError(f"there is no setting {unknown}; there are {', '.join(known)}")
        taken = {name: type(known[name])(value) for name, value in wanted.items()}
        for name, value in taken.items():
            setattr(self, name, value)
