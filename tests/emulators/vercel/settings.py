"""How fast and how generous the local Vercel is; `PATCH /__emulator/settings` changes it while it runs."""

from __future__ import annotations

import dataclasses
import typing as t

MEBIBYTE = 1024 * 1024
Rate = tuple[int, int]


@dataclasses.dataclass
class Settings:
    """Seconds, unless the name says otherwise."""

    queue_seconds: float = 0.02
    build_seconds: float = 0.1
    promote_seconds: float = 0.05
    """From the acceptance of a promote or rollback until the first domain moves."""
    alias_seconds: float = 0.02
    """What each domain takes to move: until the last one has moved, old and new are both live."""
    max_file_bytes: int = 100 * MEBIBYTE
    max_files: int = 15_000
    upload_rate: Rate = (40_000, 86_400)
    """Uploads in as many seconds, per token; the service's own figure for paid plans."""
    deployment_rate: Rate = (6_000, 86_400)
    request_rate: Rate = (1_000_000, 60)
    """Everything else."""

    def change(self, wanted: dict[str, t.Any]) -> None:
        """Take over what `wanted` names; KeyError for a name that there is not."""
        known = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        for name, value in wanted.items():
            if isinstance(known[name], tuple):
                setattr(self, name, (int(value[0]), int(value[1])))
            else:
                setattr(self, name, type(known[name])(value))
