"""Game days: something is lost, and a rehearsal chooses the right recovery point, says what it could not recover, and leaves
production as it found it."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import time
import typing as t

import pyrage
import pytest

from tests.integration.backups import flip_a_byte, run
from tests.integration.rehearsal_lab import TOO_LONG, Rehearsals, made_rehearsals

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.postgres import EmbeddedPostgres

LOOK_EVERY = 0.05  # seconds


@pytest.fixture
def portal(postgres_server: EmbeddedPostgres, tmp_path: Path) -> t.Iterator[Rehearsals]:
    with made_rehearsals(postgres_server, tmp_path) as made:
        yield made


def rehearsed(portal: Rehearsals, **more: t.Any) -> tuple[str, dict[str, t.Any]]:
    """The verdict and the evidence of one more rehearsal."""
    known = len(portal.entries)
    told = portal.play(**more)
    assert len(portal.entries) > known, told.stdout
    entry = portal.entries[-1]
    assert (told.returncode == 0) == (entry["data"]["verdict"] != "failed"), told.stdout
    return entry["data"]["verdict"], entry["data"]["evidence"]


def statuses(evidence: dict[str, t.Any]) -> dict[str, str]:
    return {step["id"]: step["status"] for step in evidence["steps"]}


def production(portal: Rehearsals) -> tuple[t.Any, ...]:
    """What nothing of a rehearsal may change."""
    rows = portal.site.execute("SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables ORDER BY 1")
    papers = {path.name: path.read_text() for path in portal.folder.glob("papers/*")}
    return rows, papers, portal.site.databases()


def test_a_table_is_dropped_a_bucket_emptied_and_the_newest_backup_of_each_damaged(portal: Rehearsals) -> None:
    """The ones before it are taken, and what is lost with them is said."""
    older = portal.site.catalog()["latest"]
    portal.site.execute("INSERT INTO orders (customer) SELECT 1 FROM generate_series(1, 7)")
    newest = portal.site.back_up()["backup"]["id"]
    flip_a_byte(next(portal.site.store.glob(f"shop/backups/{newest}/database.dump*")))
    portal.site.execute("DROP TABLE orders CASCADE")
    for paper in portal.folder.glob("papers/*"):
        paper.unlink()
    before = production(portal)
    word, evidence = rehearsed(portal)
    assert word == "recovered", evidence["findings"]
    assert evidence["backup"]["id"] == older
    assert [one["found"] for one in evidence["rehearsal"]["validations"] if one["name"] == "orders"] == ["5000"]
    assert [(one["objects"], one["problem"]) for one in evidence["storage"]] == [(3, None)]
    assert [finding for finding in evidence["findings"] if f"Backup {newest} could not be restored" in finding]
    assert production(portal) == before


def test_a_key_is_lost_and_the_second_recipient_has_the_other_one(portal: Rehearsals) -> None:
    second = pyrage.x25519.Identity.generate()
    key = portal.folder / "second.key"
    key.write_text(f"{second}\n")
    key.chmod(0o600)
    recipients = [portal.site.recipient, str(second.to_public())]
    newest = portal.site.back_up(recipients=recipients)["backup"]["id"]
    papers = {"portal": "shop", "name": "papers", "source": {"store": f"file://{portal.folder}/papers"}}
    run("object_backup", {**papers, "destinations": portal.site.destinations, "recipients": recipients})
    portal.site.identity_file.unlink()
    before = production(portal)
    word, evidence = rehearsed(portal)
    assert (word, statuses(evidence)["database"], statuses(evidence)["storage"]) == ("failed", "failed", "failed")
    assert [finding for finding in evidence["findings"] if "identity_file" in finding and "backup.key" in finding]
    word, evidence = rehearsed(portal, database_postgres_identity_file=str(key))
    assert (word, evidence["backup"]["id"]) == ("recovered", newest), evidence["findings"]
    assert production(portal) == before


@pytest.mark.nightly
def test_the_store_of_a_region_is_not_reached_and_the_other_one_has_all_of_it(portal: Rehearsals) -> None:
    away = {"store": "s3://backups/region", "endpoint": "http://127.0.0.1:9", "region": "us-east-1", "allow_http": True}
    keys = {"access_key_id": "nobody", "secret_access_key": "nobody-knows"}
    both = [{**away, **keys}, *portal.site.destinations]
    policies = portal.variables["portal_backup_policies"]
    policies["storage"]["destinations"] = both
    word, evidence = rehearsed(portal, database_postgres_destinations=both, portal_backup_policies=policies)
    assert word == "recovered", evidence["findings"]
    assert [finding for finding in evidence["findings"] if "s3://backups/region" in finding]


@pytest.mark.nightly
def test_the_hosts_of_the_slots_are_gone_and_the_artefact_is_the_one_that_was_kept(portal: Rehearsals) -> None:
    """Without one nothing can be started: the portal is recovered by half, and says so."""
    gone = {"platform_host_web_hosts": ["web-that-is-gone"], "platform_host_routers": ["web-that-is-gone"]}
    word, evidence = rehearsed(portal, **gone)
    assert (word, evidence["application"]["artifact"]) == ("recovered", "given"), evidence["findings"]
    word, evidence = rehearsed(portal, **gone, portal_rehearse_artifact="", portal_rehearse_allowed_failures=3)
    assert word == "degraded"
    assert statuses(evidence) == {
        **dict.fromkeys(["assess", "database", "storage"], "completed"),
        "application": "failed",
        **dict.fromkeys(["integrations", "system_test"], "skipped"),
    }
    assert [finding for finding in evidence["findings"] if "application failed: artifact: there is no" in finding]


@pytest.mark.nightly
def test_a_mistake_is_in_the_newest_backup_and_the_moment_before_it_is_gone_back_to(portal: Rehearsals) -> None:
    older = portal.site.catalog()["latest"]
    # The end of this second: the bucket's snapshot, whose moment is told to the microsecond, may be of the same.
    moment = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(seconds=1)
    while datetime.datetime.now(datetime.UTC) < moment + datetime.timedelta(seconds=1):
        time.sleep(LOOK_EVERY)
    portal.site.execute("UPDATE orders SET total = 0")
    portal.site.back_up()
    before = production(portal)
    word, evidence = rehearsed(portal, portal_rehearse_target=moment.isoformat())
    assert (word, evidence["backup"]["id"]) == ("recovered", older), evidence["findings"]
    assert evidence["chosen"]["moment"] == evidence["rpo"]["before"] == moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    known = len(portal.entries)
    refused = {"2099-01-01T00:00:00Z": "in the future", "2020-01-01T00:00:00Z": "before the first backup", "point x": "there are none"}
    for target, said in refused.items():
        told = portal.play(portal_rehearse_target=target)
        assert told.returncode != 0
        assert said in told.stdout
    assert (production(portal), len(portal.entries)) == (before, known)


@pytest.mark.nightly
def test_nothing_is_promised_that_the_backups_cannot_keep(portal: Rehearsals) -> None:
    word, evidence = rehearsed(portal, portal_rehearse_rpo=0.001)
    assert (word, evidence["rpo"]["met"]) == ("degraded", False)


@pytest.mark.parametrize(
    "made",
    [
        pytest.param("holdfast-database-*/data/pg_wal", marks=pytest.mark.nightly, id="while the database is restored"),
        pytest.param("holdfast-database-*/url", marks=pytest.mark.nightly, id="when it is kept"),
        pytest.param("holdfast-application-*/log", id="when the application begins"),
    ],
)
def test_a_rehearsal_that_is_killed_leaves_production_alone_and_the_next_one_removes_the_rest(portal: Rehearsals, made: str) -> None:
    before = production(portal)
    argv, environment = portal.command()
    with (portal.folder / "killed.log").open("wb") as log:
        child = subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + TOO_LONG
    while not any(portal.scratch.glob(made)) and child.poll() is None and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY)
    assert child.poll() is None, (portal.folder / "killed.log").read_text()
    second = portal.play()
    assert "Another rehearsal of the portal is under way on this host since " in second.stdout
    assert (child.poll(), any(portal.scratch.glob(made))) == (None, True), "the second one touched what the first one keeps"
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    assert (production(portal), portal.entries) == (before, [])
    word, evidence = rehearsed(portal)
    assert word == "recovered", evidence["findings"]
    assert (production(portal), list(portal.scratch.iterdir())) == (before, [])
