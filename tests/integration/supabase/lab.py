"""The modules of Supabase against the local one: in this process, so that a test can afford many runs."""

from __future__ import annotations

import typing as t

from tests.integration.module_lab import ModuleLab

if t.TYPE_CHECKING:
    from tests.emulators.supabase.running import LocalSupabase

# Longer than anything here takes on a busy machine; only tests of deadlines have a shorter one.
LONG = 120


class Lab(ModuleLab):
    """The local Supabase and the modules."""

    def __init__(self, supabase: LocalSupabase) -> None:
        self.supabase = supabase
        super().__init__({**supabase.options, "wait_timeout": LONG}, supabase.token)

    def project(self, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        return self.run("supabase_project", check=check, **options)

    def buckets(self, *buckets: dict[str, t.Any], check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """One run of supabase_bucket against the project's own services."""
        return self.run("supabase_bucket", check=check, buckets=list(buckets), project_url=self.supabase.project["url"], **options)

    def mark(self) -> int:
        """A place in the log of requests."""
        rows = self.supabase.asked()
        return int(rows[-1]["n"]) if rows else 0

    def changes_after(self, mark: int) -> list[str]:
        """What was asked since then that changes something, as method and path under the project."""
        rows = [row for row in self.supabase.asked(mark) if row["method"] not in {"GET", "HEAD"}]
        return [f"{row['method']} {str(row['path']).partition(self.supabase.ref)[2]}" for row in rows]
