"""The checks of both portals as the example inventories hold them, run by the playbook `check` against stand-ins on loopback."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import psycopg
import pytest
import yaml

from tests.integration.portal_stand_ins import ANON_KEY, BYPASS, SENDGRID_KEY, Behaviour, Certificates, StandIn, make_certificates
from tests.integration.receivers import Mailbox, mail_server

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.embedded.postgres import EmbeddedPostgres

CHECKOUT = Path(__file__).resolve().parents[2]
PORTALS = {
    "development": ["cleanstation", "vz_portal"],
    "staging": ["cleanstation", "vz_portal"],
    "uat": ["cleanstation"],
    "production": ["cleanstation", "vz_portal"],
}
SECRETS = (ANON_KEY, SENDGRID_KEY, BYPASS)
SERVICES = ("dms", "digid", "brp", "kvk", "sendgrid")
# What needs a browser, or would be slow without telling more, is looked at in one environment only.
QUICK = ["integration", "security", "smoke"]


@dataclasses.dataclass
class Town:
    """Everything both portals need, and what an inventory must be told to find it here."""

    behaviours: dict[str, Behaviour]
    inside_tls: dict[str, StandIn]
    # For the browser, which knows no authority of ours.
    in_the_clear: dict[str, StandIn]
    certificates: Certificates
    variables: dict[str, t.Any]
    password: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".cache" / "collections"),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
            "SSL_CERT_FILE": str(self.certificates.authority),
            "VZ_PORTAL_SUPABASE_ANON_KEY": ANON_KEY,
            "VZ_PORTAL_SENDGRID_API_KEY": SENDGRID_KEY,
            "VZ_PORTAL_DATABASE_URL": self.variables["vz_portal_database_url"],
            "CLEANSTATION_PROTECTION_BYPASS": BYPASS,
            "NO_COLOR": "1",
        }


@pytest.fixture(scope="module")
def town(postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    certificates = make_certificates(tmp_path_factory.mktemp("tls"))
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE vz_portal OWNER portal_app")
        database = postgres_server.url("vz_portal", user="portal_app")
        with psycopg.connect(database, autocommit=True) as own:
            own.execute("CREATE TABLE profiles (id uuid)")
        with contextlib.ExitStack() as stack:
            behaviours = {host: Behaviour() for host in PORTALS["production"]}
            inside = {host: stack.enter_context(StandIn.running(each, certificates.context)) for host, each in behaviours.items()}
            clear = {host: stack.enter_context(StandIn.running(each)) for host, each in behaviours.items()}
            mail = stack.enter_context(mail_server(Mailbox(), starttls=certificates.context))
            variables = {"vz_portal_database_url": database, "cleanstation_smtp_host": "localhost", "cleanstation_smtp_port": mail}
            yield Town(behaviours, inside, clear, certificates, variables, postgres_server.password)
        connection.execute("DROP DATABASE vz_portal WITH (FORCE)")


@pytest.fixture(autouse=True)
def all_well(town: Town) -> None:
    for behaviour in town.behaviours.values():
        behaviour.broken.clear()


def inventory(town: Town, folder: Path, environment: str) -> list[str]:
    """The inventory of an environment, and after it another that says where its addresses are here."""
    addresses = folder / "stand_ins"
    (addresses / "host_vars").mkdir(parents=True, exist_ok=True)
    (addresses / "hosts.yml").write_text(yaml.safe_dump({"portals": {"hosts": dict.fromkeys(PORTALS[environment])}}))
    for host in PORTALS[environment]:
        url, clear = town.inside_tls[host].url, town.in_the_clear[host].url
        services = {f"vz_portal_{name}_url": f"{url}/{name}" for name in SERVICES}
        reports = {name: str(folder / f"{host}.{name}") for name in ("json", "html")}
        reports |= {
            "junit": str(folder / f"{host}.xml"),
            "prometheus": str(folder / f"{host}.prom"),
            "history": str(folder / f"{host}.log"),
        }
        here = {
            "portal_url": url,
            "portal_check_url": clear,
            "vz_portal_supabase_url": url,
            **services,
            **town.variables,
            "portal_backup_policies": {},  # no stand-in made a backup
            "portal_check_reports": reports,
        }
        (addresses / "host_vars" / f"{host}.yml").write_text(yaml.safe_dump(here))
    let_in(town)
    return ["-i", str(CHECKOUT / "inventories" / environment), "-i", str(addresses)]


def let_in(town: Town) -> None:
    """The headers that the documents of the portals want, written down once more and independently of the inventory."""
    portal, station = town.behaviours["vz_portal"], town.behaviours["cleanstation"]
    supabase, public = town.inside_tls["vz_portal"].url, town.inside_tls["cleanstation"].url
    portal.csp = (
        f"default-src 'self'; script-src 'self' 'unsafe-inline' {supabase} https://js.sentry-cdn.com; "
        "style-src 'self' 'unsafe-inline' https://fonts.googleapis.com; font-src 'self' https://fonts.gstatic.com; "
        f"connect-src 'self' {supabase} https://api.kvk.nl https://o4505801294487552.ingest.sentry.io; img-src 'self' data: {supabase}"
    )
    portal.cors = {
        origin: {"Origin": origin, "Credentials": "true"} for origin in ("https://vzportal.gov.nl", "https://staging.vzportal.gov.nl")
    }
    station.csp = (
        "default-src 'self'; script-src 'self' 'unsafe-eval' 'unsafe-inline' https://vercel.live; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: https:; font-src 'self' data:; connect-src 'self' https:; frame-ancestors 'none'"
    )
    allowed = {"Methods": "GET, POST, PUT, DELETE, OPTIONS", "Headers": "Content-Type, Authorization"}
    station.cors = {public: {"Origin": public, **allowed}}


def check(town: Town, folder: Path, environment: str, *words: str, **variables: t.Any) -> tuple[int, str]:
    """Run the playbook; its exit code and all it said."""
    argv = [sys.executable, "-m", "ansible", "playbook", "holdfast.webops.check", *inventory(town, folder, environment), *words]
    done = subprocess.run(
        [*argv, "-e", json.dumps(variables)],
        cwd=folder,
        env=town.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stdout


def seen(folder: Path, host: str) -> dict[str, t.Any]:
    """The JSON report of a portal."""
    return t.cast("dict[str, t.Any]", json.loads((folder / f"{host}.json").read_text()))


def not_passing(result: dict[str, t.Any]) -> dict[str, str]:
    return {each["name"]: f"{each['status']}: {each['reason']}" for each in result["checks"] if each["status"] != "pass"}


def not_passing_but_for_speed(result: dict[str, t.Any]) -> dict[str, str]:
    """How fast a busy machine loads the pages says nothing about the inventory."""
    return {name: said for name, said in not_passing(result).items() if not re.search(r"\b\w+_ms is [\d.]+, over", said)}


@pytest.mark.parametrize("environment", sorted(PORTALS))
def test_each_environment_is_an_inventory_with_its_portals(town: Town, environment: str) -> None:
    argv = [sys.executable, "-m", "ansible", "inventory", "-i", str(CHECKOUT / "inventories" / environment), "--list"]
    done = subprocess.run(argv, env=town.environment, capture_output=True, text=True, check=True)
    listed = json.loads(done.stdout)
    assert sorted(listed["portals"]["hosts"]) == PORTALS[environment]
    about = [listed["_meta"]["hostvars"][host] for host in PORTALS[environment]]
    assert {each["portal_environment"] for each in about} == {environment}
    assert all(each["portal_checks"] for each in about)
    assert not [secret for secret in SECRETS if secret in done.stdout]


@pytest.mark.parametrize(
    ("environment", "groups"),
    [
        ("production", []),
        ("staging", QUICK),
        ("uat", QUICK),
        ("development", ["accessibility", "smoke"]),
    ],
)
def test_both_portals_are_healthy_and_no_secret_is_seen_anywhere(town: Town, tmp_path: Path, environment: str, groups: list[str]) -> None:
    code, said = check(town, tmp_path, environment, "-vvv", portal_check_groups=groups)
    assert code == 0, said
    for host in PORTALS[environment]:
        result = seen(tmp_path, host)
        assert not not_passing_but_for_speed(result)
        assert (result["verdict"] == "healthy") == (not not_passing(result))
        assert result["labels"]["environment"] == environment
    everything = said + "".join(path.read_text() for path in tmp_path.iterdir() if path.is_file())
    assert not [secret for secret in (*SECRETS, town.password) if secret in everything]


def test_what_breaks_is_named_and_only_what_is_critical_fails(town: Town, tmp_path: Path) -> None:
    town.behaviours["vz_portal"].broken |= {"kvk", "dms"}
    town.behaviours["cleanstation"].broken.add("/api/health/database")
    code, said = check(town, tmp_path, "production", portal_check_groups=QUICK)
    assert code == 2
    portal, station = seen(tmp_path, "vz_portal"), seen(tmp_path, "cleanstation")
    assert portal["verdict"] == "degraded"
    assert not_passing(portal) == {
        "dms": "fail: Answered 503 instead of 200 or 204 or 400 or 401 or 403 or 404.",
        "kvk": "fail: Answered 503 instead of 200 or 204 or 400 or 401 or 403 or 404.",
    }
    assert station["verdict"] == "critical"
    assert not_passing(station) == {"database_health": "fail: Answered 503 instead of 200."}
    assert "database_health: Answered 503 instead of 200." in said


def test_each_part_of_supabase_is_seen_for_itself(town: Town, tmp_path: Path) -> None:
    town.behaviours["vz_portal"].broken |= {"auth", "storage-inside", "row-level-security"}
    code, _said = check(town, tmp_path, "staging", "--limit", "vz_portal", portal_check_groups=["smoke", "security"])
    assert code == 2
    found = not_passing(seen(tmp_path, "vz_portal"))
    assert sorted(found) == ["auth", "rest_authorization", "storage"]
    assert "it says that it is not healthy" in found["storage"]


def test_check_mode_looks_and_writes_nothing(town: Town, tmp_path: Path) -> None:
    town.behaviours["cleanstation"].broken.add("application")
    code, said = check(town, tmp_path, "uat", "--check", portal_check_groups=["smoke"])
    assert code == 2
    assert "app: Answered 503 instead of 200." in said
    assert [path.name for path in tmp_path.iterdir()] == ["stand_ins"]


def test_an_unknown_group_is_refused_with_the_names_there_are(town: Town, tmp_path: Path) -> None:
    code, said = check(town, tmp_path, "staging", "--limit", "vz_portal", portal_check_groups=["smoek"])
    assert code == 2
    assert "names 'smoek', but no check is in such a group" in said
    assert "There are the groups accessibility, integration, performance, security, smoke." in said


def test_a_secret_that_is_not_exported_is_named(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without = {name: value for name, value in town.environment.items() if name != "CLEANSTATION_PROTECTION_BYPASS"}
    monkeypatch.setattr(Town, "environment", without)
    code, said = check(town, tmp_path, "uat")
    assert code == 2
    assert "Export CLEANSTATION_PROTECTION_BYPASS." in said
