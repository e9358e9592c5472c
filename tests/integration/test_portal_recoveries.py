"""What a recovery and a way back of data ask before they touch anything, on one portal; the tests build on one another."""

from __future__ import annotations

import re
import typing as t

import pytest

from tests.integration.backups import run as run_module
from tests.integration.portal_story import (
    ORDERS,
    database,
    held_by_anna,
    kill_after,
    ledger_events,
    ledger_since,
    lose_the_orders,
    orders,
    portal_with_orders,
    status_served,
)
from tests.integration.receivers import Receiver

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.portal import Portal

MEANT: dict[str, t.Any] = {"portal_recover_confirm": "database:shop"}
BACK: dict[str, t.Any] = {"portal_roll_back_kind": "database", "portal_roll_back_confirm": "database:shop"}
SAFETY = r"Backup (\S+) is the safety backup from before the data went back to backup \S+ at "
ONLY_BUCKETS = [
    {"id": "assess", "description": "Look", "estimate": 1, "critical": True, "action": "assess"},
    {"id": "storage", "description": "Restore", "depends_on": ["assess"], "estimate": 1, "critical": True, "action": "storage"},
]


@pytest.fixture(scope="module")
def portal() -> t.Iterator[Portal]:
    with portal_with_orders() as portal:
        yield portal


class Untouched:
    """Users, the application, the ledger and the databases of a portal, to be looked at twice."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._before = self._look()

    def _look(self) -> tuple[t.Any, ...]:
        with database(self._portal) as connection:
            databases = connection.execute("SELECT datname, oid FROM pg_database ORDER BY 1").fetchall()
            may_log_in = connection.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'shop'").fetchone()
        return status_served(self._portal), may_log_in, databases, ledger_events(self._portal)

    def look_again(self) -> None:
        assert self._look() == self._before


def test_a_recovery_that_meets_the_lease_of_another_touches_nothing(portal: Portal) -> None:
    untouched = Untouched(portal)
    with held_by_anna(portal):
        run = portal.play("recover", **MEANT)
        untouched.look_again()
    assert "held by anna (deploy 9.9)" in run.complaint
    assert run.complaint.endswith("Nothing was touched.")


def test_a_bucket_is_replaced_only_with_an_approval_of_its_own_and_what_it_held_is_kept(portal: Portal, tmp_path: Path) -> None:
    papers, copies = tmp_path / "papers", [{"store": f"file://{tmp_path}/copies"}]
    papers.mkdir()
    for name in ("one", "two", "three"):
        (papers / name).write_text(name)
    recipients = (portal.home.secrets / "age_recipients.txt").read_text().split()
    source = {"store": f"file://{papers}"}
    wanted = {"portal": "shop", "source": source, "destinations": copies, "recipients": recipients}
    made = run_module("object_backup", wanted)
    assert not made.get("failed"), made["raw"]
    (papers / "one").write_text("damaged")
    (papers / "two").unlink()
    policy = {"storage": {"kind": "objects", "sources": [source], "destinations": copies}}
    only: dict[str, t.Any] = {"portal_backup_policies": policy, "portal_recover_plan": ONLY_BUCKETS}
    untouched = Untouched(portal)
    refused = portal.play("recover", **only, portal_recover_confirm="database:shop")
    assert "If you mean it, say so: -e portal_recover_confirm=storage:papers (" in refused.complaint
    untouched.look_again()
    assert ((papers / "one").read_text(), (papers / "two").exists(), (tmp_path / "copies").exists()) == ("damaged", False, True)
    kill_after(portal, "Storage | Keep what is there now", play="recover", **only, portal_recover_confirm="storage:papers")
    assert ((papers / "one").read_text(), status_served(portal)) == ("damaged", 503)
    run = portal.play("recover", **only, portal_recover_confirm="storage:papers")
    assert run.returncode == 0, run.output
    assert {path.name: path.read_text() for path in papers.iterdir()} == {name: name for name in ("one", "two", "three")}
    look, identity = f"file://{tmp_path}/look", str(portal.home.secrets / "age_identity.txt")
    kept: dict[str, t.Any] = {
        "portal": "shop",
        "name": "papers-replaced",
        "destinations": copies,
        "target": {"store": look},
        "confirm": look,
    }
    looked = run_module("object_restore", {**kept, "identity_file": identity})
    assert not looked.get("failed"), looked["raw"]
    assert (tmp_path / "look" / "one").read_text() == "damaged"


def test_a_recovery_that_is_given_up_lets_users_in_and_says_that_nothing_was_recovered(portal: Portal) -> None:
    nothing = portal.play("recover", portal_recover_state="abandoned")
    assert nothing.complaint == "No recovery of shop is under way. Nothing was touched."
    kill_after(portal, "End the sessions that it has", play="recover", **MEANT)
    assert status_served(portal) == 503
    run = portal.play("recover", portal_recover_state="abandoned")
    assert run.returncode == 0, run.output
    last = ledger_since(portal, 0)[-1]
    assert (last["event"], last["data"]["state"], last["data"]["verdict"]) == ("recovery.completed", "abandoned", "failed")
    assert (status_served(portal), orders(portal)) == (200, ORDERS)
    with database(portal) as connection:
        assert connection.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'shop'").fetchone() == (True,)


def test_data_go_back_alone_when_that_was_approved_and_their_hook_runs_under_the_lease(portal: Portal, tmp_path: Path) -> None:
    hook = tmp_path / "hook.yml"
    hook.write_text("- name: Say it\n  ansible.builtin.fail:\n    msg: HOOK\n")
    lose_the_orders(portal)
    untouched = Untouched(portal)
    hooked = {**BACK, "portal_roll_back_hooks": {"before_roll_back": str(hook)}}
    unapproved = portal.play("roll_back", **{**hooked, "portal_roll_back_confirm": "storage:shop"})
    assert "If you mean it, say so: -e portal_roll_back_confirm=database:shop (" in unapproved.complaint
    with held_by_anna(portal):
        late = portal.play("roll_back", **hooked)
    assert "held by anna" in late.complaint
    failed = portal.play("roll_back", **hooked)
    assert failed.complaint.endswith(f"The hook before_roll_back ({hook}) failed: HOOK Nothing was touched.")
    assert ["HOOK" in run.output for run in (unapproved, late, failed)] == [False, False, True]
    untouched.look_again()
    with held_by_anna(portal):
        pass  # the run whose hook failed has given the lease back
    run = portal.play("roll_back", **BACK)
    assert run.returncode == 0, run.output
    assert (status_served(portal), orders(portal)) == (200, ORDERS)


def test_the_same_approval_once_more_does_not_throw_away_what_users_wrote_since(portal: Portal) -> None:
    restored = [entry["data"]["backup_id"] for entry in ledger_since(portal, 0) if entry["event"] == "restore.completed"][-1]
    untouched = Untouched(portal)
    with Receiver.running() as receiver:
        told: dict[str, t.Any] = {"portal_notify_channels": [{"name": "ops", "kind": "slack", "url": receiver.url("/slack/token")}]}
        for play, meant in (("recover", MEANT), ("roll_back", BACK)):
            refused = portal.play(play, **told, **{**meant, f"portal_{play}_backup": restored})
            assert "already: what was written since is lost." in refused.complaint
            assert f"If you mean it, say so: -e portal_{play}_confirm=database:shop:again (" in refused.complaint
        assert receiver.bodies("/slack/token") == [], "nobody hears of a question"
        with held_by_anna(portal):
            late = portal.play("recover", **told, portal_recover_backup=restored, portal_recover_confirm="database:shop:again")
        assert "held by anna" in late.complaint
        assert [body["text"] for body in receiver.bodies("/slack/token")] == ["🔴 shop (local): Recovery failed"]
    untouched.look_again()


def test_the_safety_backup_of_a_way_back_comes_back_only_for_who_names_it(portal: Portal) -> None:
    untouched = Untouched(portal)
    for play, more in (("recover", MEANT), ("roll_back", BACK)):
        refused = portal.play(play, **more)
        named = rf" Name the backup that you mean, that one or another: -e portal_{play}_backup=\1 Nothing was touched"
        found = re.search(SAFETY + ".*" + named, refused.complaint)
        assert found, refused.complaint
        looked = portal.play(play, "--check", **{**more, f"portal_{play}_backup": found[1]})
        assert looked.returncode == 0, looked.output
        assert re.search(SAFETY, " ".join(looked.output.split()))
        unconfirmed = portal.play(play, **{**more, f"portal_{play}_backup": found[1], f"portal_{play}_confirm": ""})
        assert f"If you mean it, say so: -e portal_{play}_confirm=database:shop (" in unconfirmed.complaint
    untouched.look_again()
