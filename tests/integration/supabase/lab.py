"""The modules of Supabase against the local one: in this process, so that a test can afford many runs."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from tests.integration.vercel.lab import QuickClock, described

if t.TYPE_CHECKING:
    from tests.emulators.supabase.running import LocalSupabase

# Longer than anything here takes on a busy machine; only tests of deadlines have a shorter one.
LONG = 120


class Lab:
    """The local Supabase and the modules."""

    def __init__(self, supabase: LocalSupabase) -> None:
        self.supabase = supabase
        self.masked: list[str] = []
        self.common: dict[str, t.Any] = {**supabase.options, "wait_timeout": LONG}

    def run(self, module: str, /, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """The result of a module that must succeed; its own errors are raised."""
        use_case, spec = described(module)
        given = ArgumentSpecValidator(spec["argument_spec"]).validate({**self.common, **options})
        assert not given.error_messages, given.error_messages
        call = Call(given.validated_parameters, check, self.masked.append, lambda text: None, lambda value: value)
        outcome = use_case(call, QuickClock())
        result = {**outcome.as_result(), "warnings": list(outcome.warnings)}
        assert json.loads(json.dumps(result)) == result, "the result is not plain data"
        assert self.supabase.token not in json.dumps(result)
        return result

    def refused(self, module: str, /, *, check: bool = False, **options: t.Any) -> str:
        """The sentence of a module that must fail."""
        with pytest.raises(WebopsError) as failed:
            self.run(module, check=check, **options)
        assert self.supabase.token not in str(failed.value)
        return str(failed.value)

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
