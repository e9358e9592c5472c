"""The playbooks on one portal with real servers, in the order of a portal's life. The tests build on one another."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import time
import typing as t
from pathlib import Path

import psycopg
import pytest
from pyrage import x25519

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._release.lease import PortalLease
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store
from tests.integration.portal import BUILD, Portal, embedded_portal
from tests.integration.portal_story import (
    kill_after,
    ledger_events,
    ledger_since,
    planned,
    slots,
    status_served,
    steps_of,
    verified_in_uat,
    version_served,
)
from tools.embedded import credentials, postgres
from tools.load.background import BackgroundLoad
from tools.load.records import read_failures
from tools.load.tally import outside

QUICK: dict[str, t.Any] = {"portal_deploy_analysis": {"window": 0, "max_window": 0, "min_samples": 0, "objectives": {}}}
# A value that seeding shows nowhere, in a table that the migrations of the release have just made.
SEEDED = {"reference": "seeded-unseen", "customer": "c", "item": "i", "quantity": 1}
SEEDS: dict[str, t.Any] = {"portal_seed_data": [{"table": "orders", "key": ["reference"], "rows": [SEEDED]}]}


@pytest.fixture(scope="module")
def portal() -> t.Iterator[Portal]:
    """Servers of its own in a short path (sockets), provisioned, nothing deployed."""
    with embedded_portal() as portal:
        yield portal


@pytest.fixture
def stats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Ansible print what set_stats hands on."""
    monkeypatch.setenv("ANSIBLE_SHOW_CUSTOM_STATS", "1")
    monkeypatch.setenv("ANSIBLE_CALLBACK_RESULT_FORMAT", "json")


def admin(portal: Portal, database: str = "shop") -> psycopg.Connection[t.Any]:
    password = credentials.read(portal.home.secrets, "postgres_admin_password")
    return psycopg.connect(postgres.url(portal.ports.postgres, password).rpartition("/")[0] + f"/{database}", autocommit=True)


def may_log_in(portal: Portal) -> bool:
    """Whether the application may."""
    with admin(portal) as connection:
        return connection.execute("select rolcanlogin from pg_roles where rolname = 'shop'").fetchone() == (True,)


def damaged(portal: Portal) -> set[str]:
    """The databases that a restore has kept and that have no orders."""
    with admin(portal) as connection:
        names = {str(name) for (name,) in connection.execute("select datname from pg_database where datname like 'shop_replaced_%'")}
    return {name for name in names if not has_orders(portal, name)}


def has_orders(portal: Portal, database: str) -> bool:
    with admin(portal, database) as connection:
        return connection.execute("select to_regclass('orders')").fetchone() != (None,)


def test_provision_makes_everything_and_a_second_run_changes_nothing(portal: Portal) -> None:
    first = portal.play("provision")
    assert first.returncode == 0, first.output
    assert first.changed
    second = portal.play("provision")
    assert second.returncode == 0, second.output
    assert second.changed == []


@pytest.mark.usefixtures("stats")
def test_check_mode_of_the_first_deploy_touches_nothing_and_its_plan_is_what_the_deploy_then_does(portal: Portal) -> None:
    checked = portal.deploy("1.0", "--check", **QUICK)
    assert checked.returncode == 0, checked.output
    assert checked.changed
    assert not (portal.home.path / "ledger").exists()
    assert version_served(portal) is None
    (portal.home.path / "seeds.yml").write_text(json.dumps(SEEDS))  # not on the command line, which tasks show
    run = portal.deploy("1.0", "-vv", "-e", f"@{portal.home.path}/seeds.yml", **QUICK)
    assert run.returncode == 0, run.output
    until_it_serves_them = run.output.partition("Stage | Put the release on the idle slot")[0]
    assert "seeds: 1 inserted" in until_it_serves_them
    assert "seeded-unseen" not in until_it_serves_them
    done = steps_of(ledger_since(portal, 0), set())
    assert [{name: value for name, value in step.items() if name != "seeds"} for step in done] == planned(checked)


def test_seed_data_came_in_after_the_migrations_and_the_ledger_says_how_much(portal: Portal) -> None:
    (expanded,) = [entry["data"] for entry in ledger_since(portal, 0) if entry["event"] == "expand.completed"]
    assert (len(expanded["applied"]), expanded["seeds"]) == (2, "1 inserted, 0 updated, 0 unchanged")
    with admin(portal) as connection:
        assert connection.execute("select quantity from orders where reference = 'seeded-unseen'").fetchall() == [(1,)]


def test_the_first_release_is_live_and_every_step_stands_in_the_ledger(portal: Portal) -> None:
    assert version_served(portal) == "1.0"
    events = ledger_events(portal)
    assert events[0] == "release.opened"
    assert events[-1] == "release.completed"
    for step in ("backup", "expand", "stage", "verify", "shift", "contract", "retire"):
        assert events.index(f"{step}.started") < events.index(f"{step}.completed"), step


def test_a_deploy_that_finds_nothing_to_do_changes_nothing_and_is_cheap(portal: Portal) -> None:
    before = ledger_events(portal)
    run = portal.deploy("1.0", **QUICK)
    assert run.returncode == 0, run.output
    assert run.changed == []
    assert len(run.module_tasks) <= 12, run.module_tasks
    assert ledger_events(portal) == before


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"portal_deploy_stpes": [10, 100]}, "portal_deploy_stpes (did you mean portal_deploy_steps?)"),
        ({"portal_deploy_steps": [50, 10]}, "must rise and end in 100"),
        ({"portal_deploy_steps": "ten"}, "portal_deploy_steps"),
        ({"portal_deploy_artifact_sha256": "0" * 64}, "0000000000000000 was expected"),
        ({"portal_deploy_artifact": "/nowhere/portal.tar.gz"}, "there is no such file on the controller"),
        (
            {"portal_platform": "moon"},
            "portal_platform is 'moon', and there is no role platform_moon; portal_platform may be: gitpublish, host, vercel.",
        ),
        ({"portal_checks": [{"name": "mail", "kind": "smtpx"}]}, "portal_checks: the check 'mail': value of kind must be one of"),
        ({"portal_deploy_migrations_dir": "nowhere"}, "portal_deploy_migrations_dir is 'nowhere': there is no such folder"),
        ({"portal_url": "shop.example.org"}, "portal_url is 'shop.example.org'; write it as https://"),
        ({"platform_host_comand": ["x"]}, "platform_host_comand (did you mean platform_host_command?)"),
        ({"portal_deploy_hooks": {"before_shift": "/nowhere.yml"}}, "before_shift is '/nowhere.yml': there is no such file on the"),
    ],
)
def test_bad_input_is_refused_in_a_sentence_and_the_portal_serves_on(portal: Portal, variables: dict[str, t.Any], says: str) -> None:
    before = ledger_events(portal)
    run = portal.play("deploy", **{**portal.release("1.1"), **QUICK, **variables})
    assert run.returncode != 0
    assert says in run.output
    assert run.changed == []
    assert ledger_events(portal) == before
    assert version_served(portal) == "1.0"


def test_without_a_version_the_role_names_the_variable(portal: Portal) -> None:
    run = portal.play("deploy")
    assert run.returncode != 0
    assert "portal_deploy_version" in run.complaint


def test_every_gate_that_refuses_is_named_with_what_it_saw_and_nothing_is_touched(portal: Portal, tmp_path: Path) -> None:
    before = ledger_events(portal)
    gates: dict[str, t.Any] = {
        "portal_promotes_from": [{"environment": "uat", "store": f"file://{tmp_path}"}],
        "portal_deploy_approvals": {"roles": {"product-owner": ["maria"]}},
        "portal_deploy_freeze": [{"name": "always", "from": "00:00", "to": "24:00"}],
    }
    run = portal.deploy("1.1", **QUICK, **gates)
    assert run.returncode != 0
    for said in (
        "1.1 may not enter local: uat never had 1.1 (artefact ",
        "Still to approve: product-owner (maria).",
        "'always' is on until",
    ):
        assert said in run.complaint
    assert run.changed == []
    assert ledger_events(portal) == before


def test_an_inventory_without_portals_is_an_error_and_not_a_silent_success(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("all: {hosts: {web1: {}}}\n")
    run = portal.play("deploy", inventory=tmp_path / "hosts.yml", portal_deploy_version="1.0")
    assert run.returncode != 0
    assert "no host in the group 'portals'" in run.complaint


def test_everything_wrong_with_platform_and_database_is_said_at_once_before_either_is_touched(portal: Portal) -> None:
    wrong: dict[str, t.Any] = {
        "platform_host_start_timeout": "soon",
        "platform_host_supervisor": "upstart",
        "database_postgres_jobs": "many",
    }
    undefined: dict[str, t.Any] = {
        "platform_host_secret_environment": {"DATABASE_URL": "{{ vault_forgotten }}"},
        "database_postgres_job": 2,
    }
    run = portal.play("provision", **wrong, **undefined)
    assert run.returncode != 0
    assert [name for name in (*wrong, *undefined) if name not in run.complaint] == []
    assert "'vault_forgotten' is undefined" in run.complaint
    assert run.module_tasks == []


def test_a_platform_that_does_not_exist_is_named_before_the_database_is_touched(portal: Portal) -> None:
    run = portal.play("provision", portal_platform="moon", portal_database="oracle")
    assert (
        "portal_platform is 'moon', and there is no role platform_moon; portal_platform may be: gitpublish, host, vercel." in run.complaint
    )
    assert "portal_database is 'oracle'" in run.complaint
    assert run.module_tasks == []


@pytest.mark.parametrize("play", ["roll_back", "restore"])
def test_checks_that_could_not_be_run_are_refused_before_anything_is_read_or_written(portal: Portal, play: str) -> None:
    checks = [{"name": "served version", "kind": "http", "url": "/", "warn_over_ms": 500, "fail_over_ms": 100}]
    run = portal.play(play, portal_checks=checks, portal_restore_confirm="shop")
    assert "portal_checks: " in run.complaint
    assert "'served version'" in run.complaint
    assert run.module_tasks == []


@pytest.mark.parametrize("play", ["deploy", "restore"])
def test_who_meets_the_lease_of_another_is_told_by_whom_and_until_when_and_takes_nothing_from_them(portal: Portal, play: str) -> None:
    lease = PortalLease(open_store(f"file://{portal.home.path}/ledger"), "shop", SystemClock())
    held = lease.take("anna", "deploy 9.9", 600)
    try:
        run = portal.play(play, **portal.release("1.1"), portal_restore_confirm="shop")
        assert run.returncode != 0
        assert f"held by anna (deploy 9.9), since {held.taken_at}, until {held.expires_at}" in run.complaint
        assert "Only its holder frees it" not in run.output
        assert "as the same owner (portal_operator), or break it: playbook holdfast.webops.lease" in run.complaint
        assert run.changed == []
    finally:
        lease.release("anna", held.fencing)


def test_a_person_sees_who_holds_the_portal_and_breaks_it_with_a_reason_that_is_kept(portal: Portal) -> None:
    lease = PortalLease(open_store(f"file://{portal.home.path}/ledger"), "shop", SystemClock())
    lease.take("anna", "deploy 9.9", 600)
    no_reason = portal.play("lease", portal_lease_state="broken")
    assert "portal_lease_reason is empty" in no_reason.complaint
    assert "Lease: anna (deploy 9.9)" in portal.play("lease").output
    assert lease.status().held
    broken = portal.play("lease", portal_lease_state="broken", portal_lease_reason="her laptop was stolen")
    assert broken.returncode == 0, broken.output
    assert not lease.status().held
    last = json.loads(max((portal.home.path / "ledger" / "shop" / "ledger").glob("*.json")).read_text())
    assert (last["event"], last["data"]["reason"], last["data"]["owner"], last["by"]) == (
        "lease.broken",
        "her laptop was stolen",
        "anna",
        "test",
    )


@pytest.fixture(scope="module")
def plan_of_1_1() -> list[dict[str, t.Any]]:
    """What check mode said before the first run of 1.1, for the test in which the last run has come to its end."""
    return []


@pytest.mark.usefixtures("stats")
def test_check_mode_of_a_release_with_all_kinds_of_migrations_predicts_each(portal: Portal, plan_of_1_1: list[dict[str, t.Any]]) -> None:
    checked = portal.deploy("1.1", "--check", **QUICK)
    assert checked.returncode == 0, checked.output
    plan_of_1_1 += planned(checked)
    assert [step.get("percent", step["step"]) for step in plan_of_1_1][4:] == [10, 50, 100, "contract", "retire"]
    assert version_served(portal) == "1.0"


def test_a_controller_killed_while_it_stages_and_again_while_it_shifts_is_finished_by_the_same_command(
    portal: Portal, plan_of_1_1: list[dict[str, t.Any]]
) -> None:
    start = len(ledger_events(portal))
    known = {entry["data"]["backup_id"] for entry in ledger_since(portal, 0) if entry["event"] == "backup.recorded"}
    kill_after(portal, "Bring the artefact", **portal.release("1.1"), **QUICK)
    assert ledger_events(portal)[-1] == "stage.started"
    assert version_served(portal) == "1.0"
    slow: dict[str, t.Any] = {"portal_deploy_analysis": {"window": 30, "max_window": 60, "min_samples": 100000, "objectives": {}}}
    kill_after(portal, "share of the traffic", **portal.release("1.1"), **slow)
    assert version_served(portal) in ("1.0", "1.1")
    opened = ledger_events(portal).count("release.opened")
    # Continued, and cut off once more: the contract migration ran, its record was never written.
    kill_after(portal, "(post_deployment)", **portal.release("1.1"), **QUICK)
    run = portal.deploy("1.1", **QUICK)
    assert run.returncode == 0, run.output
    assert version_served(portal) == "1.1"
    assert ledger_events(portal).count("release.opened") == opened
    assert ledger_events(portal)[-1] == "release.completed"
    done = steps_of(ledger_since(portal, start), known)
    assert [step["step"] for step in done] == [step["step"] for step in plan_of_1_1]
    assert done[-1] == plan_of_1_1[-1] == {"step": "retire", "slot": "green", "becomes": "stopped"}


def test_back_over_a_contract_migration_is_refused_with_the_ways_that_are_left(portal: Portal) -> None:
    run = portal.play("roll_back")
    assert run.returncode != 0
    assert "Contract migrations ran" in run.complaint
    assert "Forward fix" in run.complaint
    assert version_served(portal) == "1.1"


@pytest.mark.usefixtures("stats")
def test_what_acceptance_verified_and_somebody_approved_is_promoted_as_planned_with_hooks_around_it(portal: Portal, tmp_path: Path) -> None:
    uat = verified_in_uat(tmp_path / "uat")
    approved = portal.play("approve", **uat, portal_approve_version="1.2", portal_approve_reason="CHG-1042", portal_operator="maria")
    assert approved.returncode == 0, approved.output
    assert portal.play("approve", **uat, portal_approve_version="1.2", portal_approve_reason="x", portal_operator="maria").changed == []
    (tmp_path / "hook.yml").write_text("- name: Say it\n  ansible.builtin.debug:\n    msg: 'HOOK {{ portal_deploy_hook.name }}'\n")
    more: dict[str, t.Any] = {
        "portal_promote_artifacts": "build/portal/*.gz",
        "portal_deploy_migrations_dir": portal.release("1.2")["portal_deploy_migrations_dir"],
        "portal_deploy_approvals": {"roles": {"product-owner": ["maria"]}, "four_eyes": True},
        "portal_deploy_freeze": [{"name": "always", "from": "00:00", "to": "24:00"}],
        "portal_deploy_freeze_override": "INC-7",
        # What they need may be missing where they are not wanted.
        "portal_seed_data": [{"table": "orders", "key": ["reference"], "rows": "{{ vault_forgotten }}"}],
        "portal_seed_allowed": False,
        "portal_deploy_hooks": dict.fromkeys(("before_stage", "after_shift", "after_retire", "after_undo"), str(tmp_path / "hook.yml")),
    }
    start = len(ledger_events(portal))
    known = {entry["data"]["backup_id"] for entry in ledger_since(portal, 0) if entry["event"] == "backup.recorded"}
    checked = portal.play("promote", "--check", **uat, **QUICK, **more)
    assert checked.returncode == 0, checked.output
    promoted = portal.play("promote", **uat, **QUICK, **more)
    assert promoted.returncode == 0, promoted.output
    assert version_served(portal) == "1.2"
    assert len(promoted.module_tasks) <= 25, promoted.module_tasks  # one more than a deploy: the other ledger is read twice
    entries = ledger_since(portal, start)
    assert planned(checked) == steps_of(entries, known)
    assert entries[0]["data"]["release"]["artifact_sha256"] == hashlib.sha256((BUILD / "portal-1.2.tar.gz").read_bytes()).hexdigest()
    assert [gate["gate"] for gate in entries[0]["data"]["gates"]] == ["verified in uat", "approvals", "freeze"]
    assert entries[0]["data"]["gates"][2]["override"] == "INC-7"
    assert [step["seeds"] for step in planned(checked) if step["step"] == "expand"] == ["skipped (local)"]
    assert re.findall(r"HOOK (\w+)", promoted.output) == ["before_stage", "after_shift", "after_shift", "after_shift", "after_retire"]


def test_back_to_a_release_that_fits_the_schema_moves_the_traffic_and_a_second_time_nothing(portal: Portal) -> None:
    from_here = {**portal.release("1.2"), "portal_deploy_artifact": "build/portal/portal-1.2.tar.gz"}
    assert portal.play("deploy", **from_here, **QUICK).changed == []  # a relative path is meant from where the command runs
    back = portal.play("roll_back")
    assert back.returncode == 0, back.output
    assert len(back.module_tasks) <= 7, back.module_tasks
    assert ledger_events(portal)[-2:] == ["rollback.started", "rollback.completed"]
    assert version_served(portal) == "1.1"
    again = portal.play("roll_back")
    assert again.returncode == 0, again.output
    assert again.changed == []
    assert "To go further back, name a release by its id or version" in again.output
    assert version_served(portal) == "1.1"


def test_a_live_slot_that_is_killed_under_load_costs_only_what_nobody_may_send_again_and_the_status_tells_it(portal: Portal) -> None:
    live = next(slot for slot in slots(portal).values() if slot["version"] == "1.1")
    report = portal.home.path / "load.json"
    with BackgroundLoad(f"http://127.0.0.1:{portal.ports.router}", report) as load:
        load.wait_until(sent=500)
        killed = time.time()
        os.kill(live["pid"], signal.SIGKILL)
        load.wait_until(sent=load.progress()["sent"] + 1000)
    failures = read_failures(report)
    # A POST that the application held when it died may not be sent again by anybody. All else is answered by the other slot.
    assert [failure for failure in failures if not failure.what.startswith("POST")] == []
    assert outside(failures, [(killed, killed + 5)]) == []  # the kernel takes a moment to end a process
    assert load.progress()["by_version"]["1.2"] > 0
    shown = portal.play("release_status")
    assert shown.returncode == 0, shown.output
    assert shown.changed == []
    assert "Live: 1.1-" in shown.output
    assert "requests in its place" in " ".join(shown.output.split())


def test_a_relative_path_is_meant_from_where_the_command_runs(portal: Portal) -> None:
    run = portal.play("migrate", portal_migrate_dir="build/portal/1.2/supabase/migrations")
    assert run.returncode == 0, run.output


def test_check_mode_of_a_backup_predicts_it(portal: Portal) -> None:
    before = ledger_events(portal)
    run = portal.play("back_up", "--check", "--diff")
    assert run.returncode == 0, run.output
    assert run.changed
    assert ledger_events(portal) == before


def test_a_backup_whose_record_was_cut_off_is_recorded_by_the_next_run(portal: Portal) -> None:
    before = ledger_events(portal)
    kill_after(portal, "to every destination", play="back_up")
    assert ledger_events(portal) == before
    run = portal.play("back_up", portal_back_up_max_age=3600)
    assert run.returncode == 0, run.output
    assert ledger_events(portal) == [*before, "backup.recorded", "proof.recorded"]


def test_a_backup_is_proven_and_a_young_one_is_enough(portal: Portal) -> None:
    run = portal.play("back_up")
    assert run.returncode == 0, run.output
    again = portal.play("back_up", portal_back_up_max_age=3600)
    assert again.returncode == 0, again.output
    assert again.changed == []


def test_a_restore_with_the_wrong_key_is_refused_in_a_sentence_without_the_key_and_touches_nothing(portal: Portal, tmp_path: Path) -> None:
    wrong, secret = tmp_path / "identity.txt", str(x25519.Identity.generate())
    credentials.write_secret(wrong, f"{secret}\n")
    before = ledger_events(portal)
    with admin(portal) as connection:
        databases = connection.execute("select datname, oid from pg_database order by 1").fetchall()
    run = portal.play("restore", "-vvv", portal_restore_confirm="shop", database_postgres_identity_file=str(wrong))
    assert run.returncode != 0
    assert f"The key in '{wrong}' does not open this backup" in run.complaint
    assert secret not in run.output
    with admin(portal) as connection:
        assert connection.execute("select datname, oid from pg_database order by 1").fetchall() == databases
    assert ledger_events(portal) == before
    assert not PortalLease(open_store(f"file://{portal.home.path}/ledger"), "shop", SystemClock()).status().held


def test_a_dropped_table_comes_back_and_the_damaged_database_is_kept(portal: Portal) -> None:
    with admin(portal) as connection:
        rows = connection.execute("select count(*) from orders").fetchone()
        connection.execute("drop table orders cascade")
    unconfirmed = portal.play("restore")
    assert "-e portal_restore_confirm=shop" in unconfirmed.complaint
    assert unconfirmed.module_tasks == []
    mistaken = portal.play("restore", portal_restore_confirm="orders")
    assert "set confirm to shop; for the playbook restore: -e portal_restore_confirm=shop" in mistaken.complaint
    run = portal.play("restore", portal_restore_confirm="shop")
    assert run.returncode == 0, run.output
    with admin(portal) as connection:
        assert connection.execute("select count(*) from orders").fetchone() == rows
        kept = connection.execute("select datname from pg_database where datname like 'shop_replaced_%'").fetchall()
    assert len(kept) == 1
    assert portal.play("restore", portal_restore_confirm="shop").changed == []
    assert portal.play("check").returncode == 0


def test_a_second_accident_is_mended_from_the_same_backup_when_that_is_meant(portal: Portal) -> None:
    with admin(portal) as connection:
        connection.execute("drop table orders cascade")
    run = portal.play("restore", portal_restore_confirm="shop", portal_restore_force=True)
    assert run.returncode == 0, run.output
    assert ledger_events(portal)[-1] == "restore.completed"
    with admin(portal) as connection:
        assert connection.execute("select to_regclass('orders')").fetchone() != (None,)


def test_a_recovery_is_approved_first_and_goes_on_wherever_it_was_killed_until_users_are_back(portal: Portal) -> None:
    with admin(portal) as connection:
        rows = connection.execute("select count(*) from orders").fetchone()
        connection.execute("drop table orders cascade")
    before, kept = ledger_events(portal), damaged(portal)
    unconfirmed = portal.play("recover")
    assert "of changes are lost" in unconfirmed.complaint
    assert "If you mean it, say so: -e portal_recover_confirm=database:shop " in unconfirmed.complaint
    assert (ledger_events(portal), may_log_in(portal)) == (before, True)
    meant: dict[str, t.Any] = {"portal_recover_confirm": "database:shop"}
    kill_after(portal, "Hold | Keep it out", play="recover", **meant)
    assert (status_served(portal), may_log_in(portal)) == (503, False)
    unanswerable = {"name": "all orders", "query": "SELECT count(*) FROM orders", "expect": -1}
    wrong = portal.play("recover", **meant, portal_recover_validations=[unanswerable])
    assert "But all orders: " in wrong.complaint
    assert "Users get the maintenance page (503 with Retry-After)." in wrong.complaint
    assert (status_served(portal), may_log_in(portal)) == (503, False)
    run = portal.play("recover", **meant)
    assert run.returncode == 0, run.output
    assert "The portal was recovered as it was promised." in run.output
    assert (status_served(portal), may_log_in(portal)) == (200, True)
    done = ledger_since(portal, len(before))
    assert [entry["event"] for entry in done if not entry["event"].startswith(("recovery.stepped", "restore."))] == [
        "recovery.started",
        *["recovery.resumed"] * 2,
        "recovery.completed",
    ]
    assert [step["status"] for step in done[-1]["data"]["evidence"]["steps"]].count("completed") == 4
    assert list((portal.home.path / "rehearsals").glob("recovery-*.html"))
    with admin(portal) as connection:
        assert connection.execute("select count(*) from orders").fetchone() == rows
    assert damaged(portal) - kept  # the database as it was lost


def test_all_of_it_goes_back_over_a_contract_migration_with_a_safety_backup_first(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "hook.yml").write_text("- name: Say it\n  ansible.builtin.debug:\n    msg: 'HOOK {{ portal_roll_back_hook.name }}'\n")
    hooks = dict.fromkeys(("before_roll_back", "after_roll_back"), str(tmp_path / "hook.yml"))
    back: dict[str, t.Any] = {"portal_roll_back_kind": "full", "portal_roll_back_to": "1.0", "portal_roll_back_hooks": hooks}
    start = len(ledger_events(portal))
    refused = portal.play("roll_back", **back, portal_roll_back_confirm="database:shopp")
    assert "If you mean it, say so: -e portal_roll_back_confirm=database:shop " in refused.complaint
    assert (re.findall(r"HOOK (\w+)", refused.output), len(ledger_events(portal)), status_served(portal)) == ([], start, 200)
    killed = kill_after(portal, "keep the portal: safety_backup", play="roll_back", **back, portal_roll_back_confirm="database:shop")
    assert re.findall(r"HOOK (\w+)", killed) == ["before_roll_back"]
    assert (status_served(portal), may_log_in(portal)) == (503, False)
    run = portal.play("roll_back", **back, portal_roll_back_confirm="database:shop")
    assert run.returncode == 0, run.output
    assert re.findall(r"HOOK (\w+)", run.output) == ["after_roll_back"]
    assert version_served(portal) == "1.0"
    assert [entry["event"] for entry in ledger_since(portal, start) if entry["event"] != "recovery.stepped"] == [
        "recovery.started",
        "backup.recorded",
        "recovery.resumed",
        "restore.completed",
        "rollback.completed",
        "recovery.completed",
    ]


def test_no_secret_stands_in_the_most_verbose_output_or_in_any_file_that_others_read(portal: Portal) -> None:
    run = portal.deploy("1.2", "-vvv", **QUICK)
    assert run.changed, run.output
    restored = portal.play("back_up", "-vvv", "--diff")
    names = ("app_db_password", "postgres_admin_password", "preview_token", "s3_secret_key")
    secrets = {name: credentials.read(portal.home.secrets, name) for name in names}
    for name, secret in secrets.items():
        assert secret not in run.output, name
        assert secret not in restored.output, name
    ledger = "".join(entry.read_text() for entry in (portal.home.path / "ledger").rglob("*.json"))
    assert not [name for name, secret in secrets.items() if secret in ledger]
    for path in portal.home.path.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.stat().st_mode & 0o077 and path.stat().st_size < 1_000_000:
            content = path.read_bytes()
            assert not [name for name, secret in secrets.items() if secret.encode() in content], path
