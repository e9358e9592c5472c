"""The bad day of a portal on RDS, played whole: visitors order and a job writes all the time, and `recover` goes back."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import threading
import time
import typing as t
import urllib.parse

import psycopg
import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from tests.emulators.rds.running import LocalRds, execute, next_second
from tests.integration.portal import Portal, embedded_portal
from tests.integration.portal_story import ledger_since, version_served
from tests.integration.rds.lab import LONG, NAME
from tests.integration.rds.test_rds_backup import shown
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Iterator

OLD_ORDERS = 50
PASSWORD = "shops-0wn-pass"
PAUSE_SECONDS = 0.1
INSERT = "INSERT INTO orders (reference, customer, item, quantity) VALUES (%s, 'c', 'i', 1)"
# What tells of a write that was not accepted: of a connection, of an answer, of a database that lets nobody in.
REFUSALS = (psycopg.Error, OSError, http.client.HTTPException)


class Writer(threading.Thread):
    """Writes one order after another for as long as the block lasts; an order that was refused is not written again."""

    def __init__(self, name: str, write: t.Callable[[str], bool]) -> None:
        super().__init__(name=name, daemon=True)
        self._write = write
        self._ended = threading.Event()
        self.accepted: dict[str, float] = {}
        """The reference of every order of which we were told that it is kept, and when we began to ask for it."""
        self.refused = 0

    def run(self) -> None:
        for number in itertools.count():
            if self._ended.wait(PAUSE_SECONDS):
                return
            reference, began = f"{self.name}-{number}", time.time()
            try:
                is_accepted = self._write(reference)
            except REFUSALS:
                is_accepted = False
            if is_accepted:
                self.accepted[reference] = began
            else:
                self.refused += 1

    def goes_on(self) -> None:
        """Until it has written one more."""
        known = len(self.accepted)
        wait_for(lambda: len(self.accepted) > known, f"{self.name} to write", seconds=LONG)

    def __enter__(self) -> t.Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.set()
        self.join()


class Shop:
    """A portal on this machine whose database is an instance of the local RDS."""

    def __init__(self, portal: Portal, rds: LocalRds) -> None:
        self.portal, self.rds = portal, rds
        rds.control("POST", "groups", parameter="tuned", settings={})
        rds.create(NAME, BackupRetentionPeriod=7, DBName="postgres", DBSubnetGroupName="private", DBParameterGroupName="tuned")
        self.admin_url = rds.database_url(NAME, database="postgres")
        parts = urllib.parse.urlsplit(self.admin_url)
        self.url = f"postgresql://shop:{PASSWORD}@{parts.hostname}:{parts.port}/shop"
        variables = {
            "portal_database": "rds",
            "portal_database_url": self.url,
            "portal_database_admin_url": self.admin_url,
            "database_rds_instance": NAME,
            "database_rds_region": rds.region,
            "database_rds_access_key_id": rds.access_key_id,
            "database_rds_secret_access_key": rds.secret_access_key,
            "database_rds_endpoint": rds.url,
            "database_rds_settings": {"subnet_group": "private", "security_groups": [rds.security_group], "parameter_group": "tuned"},
            "database_rds_checks": [
                {"name": "old orders", "query": "SELECT count(*) FROM orders WHERE reference LIKE 'old-%'", "expect": OLD_ORDERS}
            ],
            "portal_deploy_analysis": {"window": 0, "max_window": 0, "min_samples": 0, "objectives": {}},
        }
        self._variables = portal.home.path / "rds.yml"
        self._variables.write_text(json.dumps(variables))  # JSON is YAML

    def play(self, name: str, *words: str, **variables: t.Any) -> str:
        run = self.portal.play(name, *words, "-e", f"@{self._variables}", **variables)
        assert run.returncode == 0, run.output
        for secret in (self.rds.secret_access_key, PASSWORD, urllib.parse.urlsplit(self.admin_url).password or ""):
            assert secret not in run.output
        return run.output

    def instances(self) -> list[str]:
        return sorted(self.rds.control("GET", "ready")["instances"])

    def orders(self, instance: str) -> set[str]:
        """By the administrator, whom nobody keeps out."""
        return {reference for (reference,) in execute(self.rds.database_url(instance, database="shop"), "SELECT reference FROM orders")}

    def order(self, reference: str) -> bool:
        """As a visitor does, by the address of the portal."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.portal.ports.router, timeout=LONG)) as connection:
            form = urllib.parse.urlencode({"reference": reference, "customer": "c", "item": "i", "quantity": "1"})
            connection.request("POST", "/orders", form, {"Content-Type": "application/x-www-form-urlencoded"})
            return connection.getresponse().status == http.HTTPStatus.SEE_OTHER

    def insert(self, reference: str) -> bool:
        """As a job of the application does, past the router and its maintenance page."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(INSERT, (reference,))
        return True


@pytest.fixture(scope="module")
def shop(local_rds: LocalRds) -> Iterator[Shop]:
    """Release 1.0 is live, with orders of which none may be missing."""
    local_rds.reset()
    with embedded_portal() as portal:
        made = Shop(portal, local_rds)
        made.play("provision")
        made.play("deploy", **portal.release("1.0"))
        with psycopg.connect(made.url, autocommit=True) as connection:
            connection.cursor().executemany(INSERT, [(f"old-{number}",) for number in range(OLD_ORDERS)])
        yield made


@pytest.mark.slow
def test_users_and_jobs_write_during_a_recovery_and_nothing_that_was_accepted_after_the_hold_is_lost(shop: Shop) -> None:
    before = len(ledger_since(shop.portal, 0))
    with Writer("visitor", shop.order) as visitor, Writer("job", shop.insert) as job:
        visitor.goes_on()
        job.goes_on()
        moment = next_second()
        execute(shop.url, "DELETE FROM orders WHERE reference LIKE 'old-%'")
        visitor.goes_on()  # what is written in spite of the accident is what the recovery says to be lost
        job.goes_on()
        told = shop.play("recover", "-vvv", portal_recover_target=shown(moment), portal_recover_confirm=f"database:{NAME}")
        visitor.goes_on()
        job.goes_on()
    assert f"Everything that was committed after {shown(moment)} is lost" in " ".join(told.split())
    assert "shop cannot connect to the server." in told
    entries = ledger_since(shop.portal, before)
    assert (entries[-1]["event"], entries[-1]["data"]["verdict"]) == ("recovery.completed", "recovered"), entries[-1]["data"]["evidence"]
    assert version_served(shop.portal) == "1.0"
    (kept,) = [name for name in shop.instances() if name != NAME]
    recovered, old = shop.orders(NAME), shop.orders(kept)
    assert {f"old-{number}" for number in range(OLD_ORDERS)} <= recovered - old
    # The first step is noted when nobody can write any more.
    stopped = next(parse_iso(entry["data"]["ended"]).timestamp() for entry in entries if entry["event"] == "recovery.stepped")
    for writer in (visitor, job):
        assert writer.refused
        assert set(writer.accepted) <= recovered | old
        accepted = {reference for reference, began in writer.accepted.items() if began >= stopped}
        assert accepted
        assert accepted <= recovered
        assert accepted.isdisjoint(old)
    assert execute(shop.rds.database_url(kept, database="shop"), "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'shop'") == [(False,)]


@pytest.mark.slow
def test_an_instance_that_was_deleted_with_a_last_snapshot_comes_back_under_its_name_and_the_portal_serves_it(shop: Shop) -> None:
    assert shop.order("the-last-order")
    known = shop.instances()
    client = shop.rds.client()
    client.delete_db_instance(DBInstanceIdentifier=NAME, FinalDBSnapshotIdentifier="the-last", DeleteAutomatedBackups=False)
    shop.rds.wait_until("", NAME)
    told = shop.play("recover", "-vvv", portal_recover_target="latest", portal_recover_confirm=f"database:{NAME}")
    assert "The instance itself is gone; a new one takes its name." in " ".join(told.split())
    assert shop.instances() == known
    row = shop.rds.describe(NAME)
    assert (row["DBSubnetGroup"]["DBSubnetGroupName"], row["DBParameterGroups"][0]["DBParameterGroupName"]) == ("private", "tuned")
    assert "the-last-order" in shop.orders(NAME)
    assert shop.order("the-next-order")
    assert "the-next-order" in shop.orders(NAME)
