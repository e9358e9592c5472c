"""The playbook rehearse, as a user runs it: a recovery that is measured, recorded and reported, and what happens when there is none."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import psycopg
import pytest
import yaml

from tests.integration.backups import APP_ROLE, PORTAL, Site, make_site

if t.TYPE_CHECKING:
    from tools.embedded.postgres import EmbeddedPostgres

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Rehearsals:
    """A portal with a backup, and an inventory that says how its recovery is rehearsed."""

    site: Site
    folder: Path

    def play(self, *words: str, **more: t.Any) -> subprocess.CompletedProcess[str]:
        inventory = self.folder / "hosts.yml"
        inventory.write_text(yaml.safe_dump({"portals": {"hosts": {"shop": {**self.variables, **more}}}}))
        argv = [sys.executable, "-m", "ansible", "playbook", "-vvv", "-i", str(inventory), "holdfast.webops.rehearse", *words]
        environment = {**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
        environment.setdefault("ANSIBLE_COLLECTIONS_PATH", str(CHECKOUT / ".cache" / "collections"))
        return subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300)

    @property
    def variables(self) -> dict[str, t.Any]:
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "portal_name": PORTAL,
            "portal_environment": "test",
            "portal_operator": "ann",
            "portal_database": "postgres",
            "portal_database_url": self.site.app_url,
            "portal_database_admin_url": self.site.server.admin_url,
            "portal_ledger_store": f"file://{self.folder}/ledger",
            "portal_rehearse_pages": f"{self.folder}/rehearsals",
            "portal_rehearse_canary": "SELECT now() - interval '10 minutes'",
            "portal_rehearse_validations": [{"name": "orders", "query": "SELECT count(*) FROM orders", "expect": 5000}],
            "database_postgres_destinations": self.site.destinations,
            "database_postgres_identity_file": str(self.site.identity_file),
            "database_postgres_bin_dir": str(self.site.server.bin_dir),
        }

    @property
    def entries(self) -> list[dict[str, t.Any]]:
        return [json.loads(path.read_text()) for path in sorted(self.folder.glob(f"ledger/{PORTAL}/ledger/*.json"))]

    @property
    def reports(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("rehearsals/*"))


@pytest.fixture(scope="module")
def rehearsals(postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Rehearsals]:
    name = f"rehearse_{secrets.token_hex(4)}"
    folder = tmp_path_factory.mktemp("rehearse")
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {APP_ROLE}")
        site = make_site(postgres_server, postgres_server.url(name, user=APP_ROLE), folder)
        assert site.back_up()["changed"]
        yield Rehearsals(site, folder)
        assert site.databases() == [name]
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_check_mode_says_what_would_be_rehearsed_and_writes_nothing(rehearsals: Rehearsals) -> None:
    before = rehearsals.site.objects()
    told = rehearsals.play("--check")
    assert told.returncode == 0, told.stdout
    assert f"Backup {rehearsals.site.catalog()['latest']} of " in told.stdout
    assert "would be restored." in told.stdout
    assert (rehearsals.entries, rehearsals.reports, rehearsals.site.objects()) == ([], [], before)


def test_a_rehearsal_is_measured_recorded_and_reported_and_production_stays_as_it_is(rehearsals: Rehearsals) -> None:
    told = rehearsals.play()
    assert told.returncode == 0, told.stdout
    proof, entry = rehearsals.entries
    assert (proof["event"], entry["event"], entry["by"]) == ("proof.recorded", "rehearsal.completed", "ann")
    evidence = entry["data"]["evidence"]
    assert entry["data"]["verdict"] == "recovered", evidence["findings"]
    assert [(step["id"], step["status"]) for step in evidence["steps"]][:3] == [
        ("assess", "completed"),
        ("database", "completed"),
        ("storage", "left out"),
    ]
    assert 0 < sum(step["seconds"] for step in evidence["steps"][:2]) <= evidence["rto"]["measured_s"]
    assert evidence["rto"]["estimated_s"] == 150 * 60
    assert evidence["rpo"]["lost_s"] + evidence["rto"]["measured_s"] >= 600
    assert evidence["rpo"]["basis"] == "youngest change"
    assert evidence["proof"]["id"].startswith("proof-")
    name = entry["data"]["rehearsal_id"]
    assert rehearsals.reports == [f"{name}.html", f"{name}.json", f"{name}.md"]
    assert f"The report is {rehearsals.folder}/rehearsals/{name}.html." in told.stdout
    assert checked_by_hand(rehearsals.folder / f"ledger/{PORTAL}/ledger/000000000002.json") == "True True\n"
    assert rehearsals.site.execute("SELECT count(*) FROM orders") == [(5000,)]
    assert rehearsals.site.databases() == [rehearsals.site.database]


def checked_by_hand(entry: Path) -> str:
    """What the lines of the guide say of an entry of the ledger."""
    (lines,) = re.findall(r"^```sh\n(.*?)^```", (CHECKOUT / "docs/guides/rehearse.md").read_text(), re.MULTILINE | re.DOTALL)
    done = subprocess.run(["sh", "-c", lines.replace("000000000042.json", str(entry))], capture_output=True, text=True, check=True)
    return done.stdout


def test_a_wrong_answer_fails_the_rehearsal_and_no_secret_stands_in_output_ledger_or_report(rehearsals: Rehearsals) -> None:
    told = rehearsals.play(portal_rehearse_validations=[{"name": "orders", "query": "SELECT count(*) FROM orders", "expect": 1}])
    assert told.returncode != 0
    assert "But orders: 5000 was found, and 1 was expected." in told.stdout
    entry = rehearsals.entries[-1]
    assert (entry["event"], entry["data"]["verdict"]) == ("rehearsal.completed", "failed")
    assert [step["status"] for step in entry["data"]["evidence"]["steps"]] == ["completed", "failed", *["left out"] * 4]
    files = [path.read_text() for path in (*rehearsals.folder.glob("rehearsals/*"), *rehearsals.folder.rglob("ledger/**/*.json"))]
    secret_key = rehearsals.site.identity_file.read_text().split()[-1]
    for secret in (rehearsals.site.server.password, secret_key):
        assert not [text for text in (told.stdout, told.stderr, *files) if secret in text]


@pytest.mark.parametrize(
    ("there", "said"),
    [("nothing", "none was found."), ("damaged", "all that were found are damaged. database.dump.age is missing.")],
)
def test_without_a_backup_that_could_be_restored_the_failure_is_recorded_too(rehearsals: Rehearsals, there: str, said: str) -> None:
    store = rehearsals.folder / there
    if there == "damaged":
        shutil.copytree(rehearsals.site.store, store, ignore=shutil.ignore_patterns("*.age"))
    told = rehearsals.play(database_postgres_destinations=[{"store": f"file://{store}"}])
    assert told.returncode != 0
    assert f"assess: There is no backup that could be restored: {said}" in told.stdout
    entry = rehearsals.entries[-1]
    assert entry["data"]["verdict"] == "failed"
    assert [step["status"] for step in entry["data"]["evidence"]["steps"]] == ["failed", "skipped", *["left out"] * 4]
    assert entry["data"]["evidence"]["rpo"]["met"] is False


def test_a_plan_that_cannot_meet_the_rto_is_refused_before_it_begins(rehearsals: Rehearsals) -> None:
    before = len(rehearsals.entries)
    told = rehearsals.play(portal_rehearse_rto=239)
    assert told.returncode != 0
    assert "By its own estimates the plan takes 240 minutes" in told.stdout
    assert len(rehearsals.entries) == before
