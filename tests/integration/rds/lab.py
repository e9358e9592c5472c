"""The modules of RDS against the local one: in this process, so that a test can afford many runs."""

from __future__ import annotations

import contextlib
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._rds.client import Rds
from tests.emulators.rds.running import execute
from tests.integration.module_lab import ModuleLab

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.emulators.rds.running import LocalRds

# Longer than anything here takes on a busy machine.
LONG = 300
NAME = "portal"
FRESH, PROOF = f"{NAME}-restoring", f"{NAME}-proof"
CHANGES = ("create", "restore", "modify", "delete", "add_tags")


class Lab(ModuleLab):
    """The local RDS with one instance that is set up as one in production, and the modules."""

    def __init__(self, rds: LocalRds, **given: t.Any) -> None:
        self.rds = rds
        common = {
            "db_instance_identifier": NAME,
            "region": rds.region,
            "access_key_id": rds.access_key_id,
            "secret_access_key": rds.secret_access_key,
            "endpoint": rds.url,
            "wait_timeout": LONG,
        }
        super().__init__(common, rds.secret_access_key)
        self.url = rds.create(NAME, **{"BackupRetentionPeriod": 7, **given})
        self.execute("CREATE TABLE notes (n int)")
        self.execute("INSERT INTO notes VALUES (1)")
        self.since = self._last()

    def way(self, target: str, **more: t.Any) -> dict[str, t.Any]:
        return {"state": "restored", "target": target, "confirm": NAME, **more}

    def go_back(self, target: str, *, check: bool = False, **more: t.Any) -> dict[str, t.Any]:
        return self.run("rds_backup", check=check, **self.way(target, **more))

    def name(self, point: str, *, check: bool = False) -> dict[str, t.Any]:
        return self.run("rds_backup", check=check, state="point", restore_point=point)

    def notes(self, instance: str = NAME) -> list[int]:
        return [n for (n,) in execute(self.rds.database_url(instance), "SELECT n FROM notes ORDER BY n")]

    def execute(self, statement: str) -> list[tuple[t.Any, ...]]:
        return execute(self.url, statement)

    @property
    def orders(self) -> list[str]:
        """The actions that change something which were asked for since the last time, and were not refused."""
        rows, since = self.rds.asked(self.since), self.since
        self.since = max([since, *(int(row["n"]) for row in rows)])
        return [row["action"] for row in rows if not row["action"].startswith("Describe") and row["status"] in (0, 200)]

    def instances(self) -> list[str]:
        """By name."""
        return sorted(self.rds.control("GET", "ready")["instances"])

    def _last(self) -> int:
        return max((int(row["n"]) for row in self.rds.asked()), default=0)


class KilledError(BaseException):
    """The process ends here: nothing catches this, and no task cleans up after it."""


def killed_after(patched: pytest.MonkeyPatch, is_fatal: t.Callable[[str, Mapping[str, t.Any]], bool]) -> list[str]:
    """Kill the process after each order, by its operation and parameters, that is fatal; the list grows with the orders that were."""
    ask = Rds.ask
    kills: list[str] = []

    def ask_and_die(rds: Rds, what: str, operation: str, **given: t.Any) -> Mapping[str, t.Any]:
        answer = ask(rds, what, operation, **given)
        if is_fatal(operation, given):
            kills.append(operation)
            raise KilledError
        return answer

    patched.setattr(Rds, "ask", ask_and_die)
    return kills


def is_change(operation: str, _given: Mapping[str, t.Any]) -> bool:
    return operation.startswith(CHANGES)


def until_it_ends(task: t.Callable[[], dict[str, t.Any]]) -> dict[str, t.Any]:
    """The same task again and again, as somebody does whose controller dies."""
    for _attempt in range(9):
        with contextlib.suppress(KilledError):
            return task()
    pytest.fail("the task is killed again and again, and gets nowhere")
