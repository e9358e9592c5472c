"""The playbook rehearse, as a user runs it: a recovery that is measured, recorded and reported, and what happens when there is none."""

from __future__ import annotations

import re
import shutil
import subprocess
import typing as t
import urllib.parse

import pytest
import yaml

from tests.integration.backups import PORTAL
from tests.integration.gate import gate
from tests.integration.module_child import succeed
from tests.integration.rehearsal_lab import CHECKOUT, Rehearsals, made_rehearsals
from tests.integration.rehearsed_application import RELEASE, SECRET
from tests.integration.release_lab import happened

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.objects import MotoS3
    from tools.embedded.postgres import EmbeddedPostgres

ALL_STEPS = ("assess", "database", "storage", "application", "integrations", "system_test")


@pytest.fixture(scope="module")
def rehearsals(postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Rehearsals]:
    with made_rehearsals(postgres_server, tmp_path_factory.mktemp("rehearse")) as made:
        yield made


def test_check_mode_says_what_would_be_rehearsed_and_writes_nothing(rehearsals: Rehearsals) -> None:
    before = rehearsals.site.objects()
    told = rehearsals.play("--check")
    assert told.returncode == 0, told.stdout
    assert f"Backup {rehearsals.site.catalog()['latest']} of " in told.stdout
    assert "would be restored." in told.stdout
    assert (rehearsals.entries, rehearsals.reports, rehearsals.site.objects()) == ([], [], before)


def test_a_rehearsal_is_measured_recorded_and_reported_and_production_stays_as_it_is(rehearsals: Rehearsals, moto_s3: MotoS3) -> None:
    """The bucket goes to a server that answers when the database's step has begun: one after the other they would never end."""
    port = urllib.parse.urlsplit(moto_s3.endpoint).port
    assert port
    with gate(port, lambda: any(rehearsals.scratch.glob("holdfast-database-*"))) as door:
        own = {"store": f"s3://{moto_s3.bucket}/rehearsal", **moto_s3.store_options, "endpoint": f"http://127.0.0.1:{door}"}
        told = rehearsals.play(portal_rehearse_storage_targets={"papers": own})
    assert told.returncode == 0, told.stdout
    assert SECRET not in told.stdout + told.stderr
    proof, entry = rehearsals.entries
    assert (proof["event"], entry["event"], entry["by"]) == ("proof.recorded", "rehearsal.completed", "ann")
    evidence = entry["data"]["evidence"]
    assert entry["data"]["verdict"] == "recovered", evidence["findings"]
    steps = {step["id"]: step for step in evidence["steps"]}
    assert {name: step["status"] for name, step in steps.items()} == dict.fromkeys(ALL_STEPS, "completed")
    assert steps["storage"]["began"] < steps["database"]["began"] < steps["storage"]["ended"]
    assert steps["application"]["began"] >= max(steps["storage"]["ended"], steps["database"]["ended"])
    assert evidence["rto"]["estimated_s"] == 0
    assert [(one["name"], one["objects"], len(one["samples"])) for one in evidence["storage"]] == [("storage/papers", 3, 3)]
    assert evidence["application"] == {"version": "1.0", "artifact": "given"}
    assert [(one["step"], one["name"], one["passed"]) for one in evidence["health"]] == [
        ("integrations", "orders", True),
        ("system_test", "orders", True),
    ]
    assert evidence["rpo"]["lost_s"] + evidence["rto"]["measured_s"] >= 600
    assert evidence["rpo"]["basis"] == "youngest change"
    assert evidence["proof"]["id"].startswith("proof-")
    name = entry["data"]["rehearsal_id"]
    assert rehearsals.reports == [f"{name}.html", f"{name}.json", f"{name}.md"]
    assert f"The report is {rehearsals.folder}/rehearsals/{name}.html." in told.stdout
    assert checked_by_hand(rehearsals.folder / f"ledger/{PORTAL}/ledger/000000000005.json") == "True True\n"
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
    assert [step["status"] for step in entry["data"]["evidence"]["steps"]] == ["completed", "failed", "completed", *["skipped"] * 3]
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
    told = rehearsals.play(database_postgres_destinations=[{"store": f"file://{store}"}], portal_rehearse_integrations=[])
    assert told.returncode != 0
    assert f"assess: There is no backup that could be restored: {said}" in told.stdout
    entry = rehearsals.entries[-1]
    assert entry["data"]["verdict"] == "failed"
    assert [step["status"] for step in entry["data"]["evidence"]["steps"]] == ["failed", *["skipped"] * 5]
    assert entry["data"]["evidence"]["rpo"]["met"] is False


def test_a_plan_that_cannot_meet_the_rto_is_refused_before_it_begins(rehearsals: Rehearsals) -> None:
    before = len(rehearsals.entries)
    told = rehearsals.play(portal_rehearse_rto=194)
    assert told.returncode != 0
    assert "By its own estimates the plan takes 195 minutes" in told.stdout
    assert len(rehearsals.entries) == before


def test_a_backup_from_before_the_migrations_of_the_live_release_is_told_because_its_code_may_not_run_on_it(rehearsals: Rehearsals) -> None:
    migrated = happened("expand.completed", RELEASE, applied=["20261122000000_prices"])
    succeed("release_ledger", portal=PORTAL, store=f"file://{rehearsals.folder}/ledger", owner="ann", entries=[migrated])
    misfit = f"Migrations for {RELEASE} ran at "
    foreseen = rehearsals.play("--check")
    assert foreseen.returncode == 0, foreseen.stdout
    assert misfit in foreseen.stdout
    assert "system_test would ask the application: orders." in foreseen.stdout
    told = rehearsals.play(platform_host_rehearsal_environment={"TABLE": "prices"}, platform_host_start_timeout=2)
    assert told.returncode != 0
    evidence = rehearsals.entries[-1]["data"]["evidence"]
    assert [one for one in evidence["findings"] if one.startswith(misfit)], evidence["findings"]
    assert evidence["versions"]["holdfast.webops"] == yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["version"]
