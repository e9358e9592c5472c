"""A portal whose database is on RDS, by the playbooks that a person runs: rehearsed, lost, and recovered to the moment before."""

from __future__ import annotations

import json
import sys
import tempfile
import typing as t
from pathlib import Path

import psycopg
import pytest

from tests.emulators.rds.running import LocalRds, execute, next_second
from tests.integration.portal import played, surroundings
from tests.integration.rds.lab import NAME, Lab
from tests.integration.rds.test_rds_backup import shown

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.portal import Run


class Shop:
    """Its inventory, and the way to run a playbook on it."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self._folder = folder
        rds = lab.rds
        self._variables: dict[str, t.Any] = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "portal_name": "shop",
            "portal_environment": "test",
            "portal_operator": "ann",
            "portal_url": "http://127.0.0.1:9",
            "portal_checks": [{"name": "database", "kind": "postgres", "database_url": lab.url}],
            "portal_platform": "host",
            "platform_host_root": f"{folder}/portal",
            "portal_ledger_store": f"file://{folder}/ledger",
            "portal_database": "rds",
            "portal_database_url": lab.url,
            "portal_database_admin_url": lab.url,
            "database_rds_instance": NAME,
            "database_rds_region": rds.region,
            "database_rds_access_key_id": rds.access_key_id,
            "database_rds_secret_access_key": rds.secret_access_key,
            "database_rds_endpoint": rds.url,
            "database_rds_checks": [{"name": "notes", "query": "SELECT count(*) FROM notes", "expect": 1}],
            "portal_rehearse_pages": f"{folder}/rehearsals",
            "portal_rehearse_plan": [
                {"id": "assess", "description": "Assess", "estimate": 30, "critical": True, "action": "assess"},
                {
                    "id": "database",
                    "description": "Restore",
                    "estimate": 60,
                    "critical": True,
                    "action": "database",
                    "depends_on": ["assess"],
                },
            ],
        }

    def play(self, name: str, *words: str, **more: t.Any) -> Run:
        inventory = self._folder / "hosts.yml"
        inventory.write_text(json.dumps({"portals": {"hosts": {"shop": {**self._variables, **more}}}}))
        journal = self._folder / "tasks.jsonl"
        argv = [sys.executable, "-m", "ansible", "playbook", "-vvv", "-i", str(inventory), f"holdfast.webops.{name}", *words]
        run = played(argv, surroundings(journal), journal)
        for secret in (self.lab.rds.secret_access_key, self.lab.url.split(":")[2].partition("@")[0]):
            assert secret not in run.output
        return run

    @property
    def entries(self) -> list[dict[str, t.Any]]:
        return [json.loads(path.read_text()) for path in sorted(self._folder.glob("ledger/shop/ledger/*.json"))]


@pytest.fixture
def shop(local_rds: LocalRds) -> Iterator[Shop]:
    """Its folder has a short path, because the router's socket needs that."""
    local_rds.reset()
    with tempfile.TemporaryDirectory(prefix="hf-") as folder:
        yield Shop(Lab(local_rds), Path(folder))


def test_a_lost_table_comes_back_and_the_rehearsal_had_said_that_it_would(shop: Shop) -> None:
    lab = shop.lab
    rehearsed = shop.play("rehearse")
    assert rehearsed.returncode == 0, rehearsed.output
    physical = shop.entries[-1]["data"]["evidence"]["physical"]
    assert (physical["cluster"], [one["passed"] for one in physical["validations"]]) == (NAME, [True])
    lab.rds.wait_until("", f"{NAME}-proof")
    assert (lab.instances(), lab.notes()) == ([NAME], [1])
    moment = shown(next_second())
    lab.execute("DROP TABLE notes")
    next_second()
    way = {"portal_recover_target": moment}
    asked = shop.play("recover", **way)
    assert asked.returncode != 0
    assert f"Everything that was committed after {moment} is lost" in " ".join(asked.output.split())
    assert lab.instances() == [NAME]
    recovered = shop.play("recover", **way, portal_recover_confirm=f"database:{NAME}")
    assert recovered.returncode == 0, recovered.output
    assert lab.notes() == [1]
    assert shop.entries[-1]["event"] == "recovery.completed"
    (kept,) = [name for name in lab.instances() if name != NAME]
    with pytest.raises(psycopg.errors.UndefinedTable):
        execute(lab.rds.database_url(kept), "SELECT n FROM notes")
