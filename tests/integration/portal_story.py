"""What the tests of a portal's life look at: what is served, what the ledger tells, what a plan says, what stands on the slots."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import re
import signal
import subprocess
import typing as t

import psycopg

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._release.lease import PortalLease
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store
from tests.integration.module_child import run_module
from tests.integration.portal import BUILD, Portal, Run, embedded_portal
from tools.embedded import credentials, postgres

if t.TYPE_CHECKING:
    from pathlib import Path

    from ansible_collections.holdfast.webops.plugins.module_utils._release.lease import Lease

QUICK: dict[str, t.Any] = {"portal_deploy_analysis": {"window": 0, "max_window": 0, "min_samples": 0, "objectives": {}}}
ORDERS = 50


@contextlib.contextmanager
def portal_with_orders() -> t.Iterator[Portal]:
    """1.0 is live, with orders and a backup of them."""
    with embedded_portal() as portal:
        provisioned = portal.play("provision")
        assert provisioned.returncode == 0, provisioned.output
        deployed = portal.deploy("1.0", **QUICK)
        assert deployed.returncode == 0, deployed.output
        with database(portal) as connection:
            made = "INSERT INTO orders (reference, customer, item, quantity) SELECT 'r' || i, 'c', 'i', 1 FROM generate_series(1, %s) i"
            connection.execute(made, (ORDERS,))
        backed_up = portal.play("back_up")
        assert backed_up.returncode == 0, backed_up.output
        yield portal


def database(portal: Portal) -> psycopg.Connection[t.Any]:
    """The portal's data, as its administrator."""
    password = credentials.read(portal.home.secrets, "postgres_admin_password")
    return psycopg.connect(postgres.url(portal.ports.postgres, password).rpartition("/")[0] + "/shop", autocommit=True)


def orders(portal: Portal) -> int:
    with database(portal) as connection:
        row = connection.execute("SELECT count(*) FROM orders").fetchone()
    assert row
    return int(row[0])


def lose_the_orders(portal: Portal) -> None:
    with database(portal) as connection:
        connection.execute("DROP TABLE orders CASCADE")


@contextlib.contextmanager
def held_by_anna(portal: Portal) -> t.Iterator[Lease]:
    """Somebody else has the portal."""
    lease = PortalLease(open_store(f"file://{portal.home.path}/ledger"), "shop", SystemClock())
    held = lease.take("anna", "deploy 9.9", 600)
    try:
        yield held
    finally:
        lease.release("anna", held.fencing)


def status_served(portal: Portal) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", portal.ports.router, timeout=60)
    connection.request("GET", "/")
    answer = connection.getresponse()
    connection.close()
    return answer.status


def version_served(portal: Portal) -> str | None:
    connection = http.client.HTTPConnection("127.0.0.1", portal.ports.router, timeout=60)
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.getheader("X-Portal-Version")


def ledger_events(portal: Portal) -> list[str]:
    entries = sorted((portal.home.path / "ledger" / "shop" / "ledger").glob("*.json"))
    return [json.loads(entry.read_text())["event"] for entry in entries]


def ledger_since(portal: Portal, number: int) -> list[dict[str, t.Any]]:
    entries = sorted((portal.home.path / "ledger" / "shop" / "ledger").glob("*.json"))
    return [json.loads(entry.read_text()) for entry in entries[number:]]


def planned(run: Run) -> list[dict[str, t.Any]]:
    """The steps that check mode handed on to the next step of a workflow."""
    (stats,) = re.findall(r"^\tRUN: (.*)$", run.output, re.MULTILINE)
    return t.cast("list[dict[str, t.Any]]", json.loads(stats)["webops_deploy"]["shop"]["plan"]["steps"])


def steps_of(entries: list[dict[str, t.Any]], known_backups: set[str]) -> list[dict[str, t.Any]]:
    """What a run did, by its ledger, in the shape of a plan; a step that was begun again counts once."""
    ends: dict[str, dict[str, t.Any]] = {entry["event"]: entry["data"] for entry in entries}
    slot = ends["release.opened"]["slot"]
    backup = ends["backup.completed"]["backup_id"]
    told: dict[str, dict[str, t.Any]] = {
        "backup": {"makes_one": backup not in known_backups, "backup": backup if backup in known_backups else None},
        "expand": {"migrations": ends["expand.completed"]["applied"], **seeds_of(ends["expand.completed"])},
        "stage": {"slot": ends["stage.started"]["slot"]},
        "verify": {"slot": slot},
        "contract": {"migrations": ends["contract.completed"]["applied"]},
        "retire": {"slot": "blue" if slot == "green" else "green", "becomes": ends["retire.completed"]["state"]},
    }
    begun = [(entry["event"].removesuffix(".started"), entry["data"]) for entry in entries if entry["event"].endswith(".started")]
    shown = [{"step": step, **told.get(step, {"percent": data.get("percent"), "watched": 0})} for step, data in begun]
    return [step for number, step in enumerate(shown) if step not in shown[:number]]


def seeds_of(expanded: dict[str, t.Any]) -> dict[str, str]:
    """What the ledger says of seed data, which a plan leaves out where there is none."""
    return {} if expanded["seeds"] == "none" else {"seeds": expanded["seeds"]}


def kill_after(portal: Portal, task: str, play: str = "deploy", **variables: t.Any) -> str:
    """Run a playbook whose controller ends by SIGKILL as soon as that task is done, before the next one begins; what it said until then."""
    argv, environment, journal = portal.command(play, **variables)
    said = journal.with_suffix(".txt")  # not a pipe, which whatever outlives the controller would keep open
    with said.open("wb") as output:
        ended = subprocess.run(
            argv,
            env={**environment, "TASK_JOURNAL_LAST": task},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    assert ended.returncode == -signal.SIGKILL, said.read_text()
    return said.read_text()


def verified_in_uat(folder: Path) -> dict[str, t.Any]:
    """The ledger of an environment that found 1.2 good, and the variables that make it the one to promote from."""
    wanted = {"version": "1.2", "commit": "", "artifact_sha256": hashlib.sha256((BUILD / "portal-1.2.tar.gz").read_bytes()).hexdigest()}
    release = "1.2-20261120T101500Z"
    entries: list[dict[str, t.Any]] = [
        {"event": "release.opened", "release": release, "data": {"release": wanted, "slot": "blue"}},
        {"event": "release.live", "release": release},
        {"event": "release.completed", "release": release},
    ]
    assert not run_module("release_ledger", portal="shop", store=f"file://{folder}", entries=entries).get("failed")
    return {"portal_promotes_from": [{"environment": "uat", "store": f"file://{folder}"}]}


def slots(portal: Portal) -> dict[str, t.Any]:
    """What host_slot_info says of both slots."""
    home = portal.home.path
    supervisor: dict[str, t.Any] = {"supervisor": "supervisord", "supervisor_socket": str(home / "supervisor" / "supervisor.sock")}
    programs: dict[str, t.Any] = {
        "supervisor_conf_dir": str(home / "supervisor" / "conf.d"),
        "supervisorctl": str(home / "bin" / "supervisorctl"),
    }
    shown = run_module("host_slot_info", root=str(home / "portal"), portal="shop", **supervisor, **programs)
    return t.cast("dict[str, t.Any]", shown["slots"])
