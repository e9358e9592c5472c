"""The role portal_notify in the playbooks that use it, with a receiver that takes what Slack and PagerDuty take."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.integration.receivers import ROUTING_KEY, Receiver

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHECKOUT = Path(__file__).resolve().parents[2]
TOKEN = "XXsecrettokenXX"


class Site:
    """An inventory with one portal; `play` runs a playbook of the collection on it with everything shown."""

    def __init__(self, folder: Path, **variables: t.Any) -> None:
        self.inventory = folder / "hosts.yml"
        own = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "portal_name": "shop",
            "portal_environment": "test",
        }
        self.variables = {**own, "portal_ledger_store": f"file://{folder}/ledger", **variables}

    def play(self, name: str, *words: str, **more: t.Any) -> subprocess.CompletedProcess[str]:
        self.inventory.write_text(yaml.safe_dump({"portals": {"hosts": {"shop": {**self.variables, **more}}}}))
        argv = [sys.executable, "-m", "ansible", "playbook", "-vvvv", "-i", str(self.inventory), f"holdfast.webops.{name}", *words]
        environment = {**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
        environment.setdefault("ANSIBLE_COLLECTIONS_PATH", str(CHECKOUT / ".cache" / "collections"))
        return subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver.running() as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver, free_port: Callable[[], int]) -> Site:
    channels = [
        {"name": "ops", "kind": "slack", "url": receiver.url(f"/slack/{TOKEN}")},
        {"name": "on-call", "kind": "pagerduty", "routing_key": ROUTING_KEY, "url": receiver.url("/pagerduty"), "severities": ["critical"]},
    ]
    checks = [{"name": "application", "kind": "tcp", "host": "127.0.0.1", "port": free_port()}]
    return Site(tmp_path, portal_notify_channels=channels, portal_url="http://127.0.0.1", portal_checks=checks)


def said(run: subprocess.CompletedProcess[str]) -> str:
    """What a run said, on one line: the callback breaks long ones."""
    return " ".join((run.stdout + run.stderr).split())


def titles(receiver: Receiver) -> list[str]:
    return [body["text"] for body in receiver.bodies(f"/slack/{TOKEN}")]


def test_a_trouble_is_told_when_it_begins_and_when_it_ends(site: Site, receiver: Receiver) -> None:
    broken = [site.play("check"), site.play("check")]
    healthy = [{**site.variables["portal_checks"][0], "port": receiver.port}]
    mended = site.play("check", portal_checks=healthy)
    assert [run.returncode for run in (*broken, mended)] == [2, 2, 0], broken[0].stdout + mended.stdout
    assert titles(receiver) == ["🚨 shop (test): Not healthy", "🟢 shop (test): Healthy again"]
    assert "connection refused" in json.dumps(receiver.bodies(f"/slack/{TOKEN}")[0])
    assert [body["event_action"] for body in receiver.bodies("/pagerduty")] == ["trigger", "resolve"]
    for secret in (TOKEN, ROUTING_KEY):
        assert secret not in broken[0].stdout + broken[0].stderr + mended.stdout


def test_a_job_that_fails_tells_its_reason_and_fails_with_it(site: Site, receiver: Receiver, free_port: Callable[[], int]) -> None:
    database = f"postgresql://shop:hunter22@127.0.0.1:{free_port()}/shop"
    more = {"portal_database": "postgres", "portal_database_url": database, "portal_database_admin_url": database}
    run = site.play("back_up", **more, database_postgres_destinations=[{"store": f"file://{site.inventory.parent}/backups"}])
    assert run.returncode == 2
    assert titles(receiver) == ["🔴 shop (test): Backup failed"]
    reason = receiver.bodies(f"/slack/{TOKEN}")[0]["blocks"][1]["text"]["text"]
    assert said(run).count(reason[:60]) >= 2  # by the task that failed, and at the end of the play
    assert "hunter22" not in json.dumps(receiver.taken) + run.stdout + run.stderr


def test_a_channel_that_is_gone_changes_nothing_about_a_job_but_a_warning(site: Site, receiver: Receiver) -> None:
    gone = [{"name": "ops", "kind": "slack", "url": receiver.url("/fault/gone/slack")}]
    unreached = site.play("check", portal_check_fail_on="never", portal_notify_channels=gone)
    assert unreached.returncode == 0, unreached.stdout
    assert "The channel 'ops' was not reached" in said(unreached)
    wrong = [{"name": "ops", "kind": "slack", "url": "no address"}]
    unusable = site.play("check", portal_check_fail_on="never", portal_notify_channels=wrong)
    assert unusable.returncode == 0, unusable.stdout
    assert "Nobody was told of check.critical: The url of the channel" in said(unusable)


def test_the_playbook_notify_says_which_channel_is_not_reached(site: Site, receiver: Receiver) -> None:
    good = site.play("notify")
    assert good.returncode == 0, good.stdout
    assert titles(receiver) == ["🟢 shop (test): A test of the notifications"]
    gone = [*site.variables["portal_notify_channels"], {"name": "lost", "kind": "slack", "url": receiver.url(f"/fault/gone/slack/{TOKEN}")}]
    bad = site.play("notify", portal_notify_channels=gone, portal_notify_from="localhost")
    assert bad.returncode == 2
    assert "Not reached: lost." in bad.stdout
    assert "answered 404: no_service" in bad.stdout + bad.stderr
    assert TOKEN not in bad.stdout + bad.stderr


def test_check_mode_tells_nobody(site: Site, receiver: Receiver) -> None:
    run = site.play("notify", "--check")
    assert run.returncode == 0, run.stdout
    assert "would_send" in run.stdout
    assert receiver.asked == {}
