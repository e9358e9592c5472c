"""CleanStation's inventories, from the first provisioning to a release that takes itself back: at a local Vercel, with real databases.

The commands are those of docs/guides/vercel.md.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import functools
import typing as t

import pytest

from examples.cleanstation import build
from tests.emulators.vercel.running import LocalVercel
from tests.integration.cleanstation_lab import ENVIRONMENTS, CleanStation, domain

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.portal import Run
    from tools.embedded.postgres import EmbeddedPostgres

SEEDED = ("development", "staging", "uat")
APPROVERS = ("business-users", "project-manager")


@dataclasses.dataclass
class Story:
    """What was played, and how it ended."""

    station: CleanStation
    runs: dict[str, Run] = dataclasses.field(default_factory=dict)

    def must(self, run: Run) -> Run:
        assert run.returncode == 0, run.output
        return run

    def provision(self, environment: str) -> None:
        self.must(self.station.play(environment, "provision"))

    def deploy(self, environment: str, version: str, **more: t.Any) -> Run:
        variables = {"portal_deploy_version": version, "portal_deploy_artifact": f"../cleanstation-{version}.tar.gz", **more}
        return self.station.play(environment, "deploy", version=version, **variables)

    def promote(self, environment: str, *more: str) -> Run:
        """What was found good in the environment before."""
        return self.station.play(environment, "promote", *more, portal_promote_artifacts="../*.tar.gz")

    def approve(self, name: str) -> None:
        variables = {"portal_approve_version": "1.0", "portal_approve_reason": "accepted", "portal_operator": name}
        self.must(self.station.play("production", "approve", **variables))

    def at_once(self, *jobs: Callable[[], t.Any]) -> None:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for done in [pool.submit(job) for job in jobs]:
                done.result()


@pytest.fixture(scope="module")
def station(postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CleanStation]:
    folder = tmp_path_factory.mktemp("cleanstation")
    for version in ("1.0", "1.1"):
        build.build(version, folder / "trees")
    with LocalVercel(tmp_path_factory.mktemp("vercel"), fronts=[domain(environment) for environment in ENVIRONMENTS]) as vercel:
        made = CleanStation(vercel, postgres_server, folder / "trees", folder)
        made.write_addresses()
        made.make_databases()
        yield made
        made.drop_databases()


@pytest.fixture(scope="module")
def first(station: CleanStation) -> Story:
    """1.0 is everywhere: built in development and staging, from there promoted to UAT and, approved, to production."""
    story = Story(station)

    def built(environment: str) -> None:
        story.provision(environment)
        story.must(story.deploy(environment, "1.0"))

    def accepted() -> None:
        story.provision("uat")
        story.must(story.promote("uat"))

    story.at_once(lambda: built("development"), lambda: built("staging"))
    story.at_once(accepted, lambda: story.provision("production"))
    story.runs["not approved"] = story.promote("production")
    story.at_once(*(functools.partial(story.approve, name) for name in APPROVERS))
    story.runs["production"] = story.must(story.promote("production", "-vvv"))
    story.at_once(
        lambda: story.runs.update({"again": story.must(story.promote("production"))}),
        lambda: story.runs.update({"provision again": story.must(station.play("production", "provision"))}),
    )
    return story


@pytest.fixture(scope="module")
def second(first: Story) -> Story:
    """1.1 goes to staging, which goes back, and in a hurry past UAT to production, which has lost a variable that only 1.1 needs."""
    hurry: dict[str, t.Any] = {"portal_promotes_from": [], "portal_deploy_approvals": {}}
    first.station.lose("production", "SERVICE_ORDERS_MAILBOX")

    def bad() -> None:
        first.runs["bad"] = first.deploy("production", "1.1", **hurry)

    def there_and_back() -> None:
        first.must(first.deploy("staging", "1.1"))
        first.runs["roll back"] = first.must(first.station.play("staging", "roll_back"))

    first.at_once(bad, there_and_back)
    return first


def test_nothing_enters_production_that_nobody_approved(first: Story) -> None:
    run = first.runs["not approved"]
    assert run.returncode == 2, run.output
    assert "1.0 may not enter production" in run.complaint
    assert run.changed == []


def test_a_second_run_changes_nothing(first: Story) -> None:
    assert first.runs["production"].changed != []
    assert first.runs["again"].changed == []
    assert first.runs["provision again"].changed == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_vercel_has_the_regions_limits_crons_and_headers_of_the_inventory(first: Story, environment: str) -> None:
    deployment = first.station.deployment(environment, "1.0")
    crons = {(cron["path"], cron["schedule"]) for cron in deployment["crons"]}
    assert crons == {("/api/cron/cleanup", "0 2 * * *"), ("/api/cron/backup", "0 1 * * *")}
    assert deployment["regions"] == ["iad1"], "the tree's own vercel.json says fra1"
    limits = {route: function["maxDuration"] for route, function in first.station.vercel_json(deployment["id"])["functions"].items()}
    assert limits == {"app/api/orders/route.ts": 30, "app/api/bom/generate/route.ts": 60}
    page, api = first.station.visit(environment), first.station.visit(environment, "/api/health")
    for answer in (page, api):
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert answer.headers["permissions-policy"] == "camera=(), microphone=(), geolocation=()"
        assert "script-src 'self' 'unsafe-eval' 'unsafe-inline' https://vercel.live;" in answer.headers["content-security-policy"]
    assert api.headers["access-control-allow-origin"] == first.station.vercel.fronts[domain(environment)]
    assert "access-control-allow-origin" not in page.headers
    # That the tree's own vercel.json says, and the inventory nothing about it.
    assert first.station.visit(environment, "/dashboard/").status_code == 308


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_has_its_own_variables_and_nobody_reads_the_secret_ones(first: Story, environment: str) -> None:
    variables = {one["key"]: one for one in first.station.variables(environment)}
    readable = {name: one["value"] for name, one in variables.items() if one["type"] == "plain"}
    assert readable["NEXTAUTH_URL"] == first.station.vercel.fronts[domain(environment)]
    assert readable["NEXT_PUBLIC_ENABLE_ADVANCED_REPORTING"] == ("true" if environment in ("development", "staging") else "false")
    secret = {"DATABASE_URL", "DATABASE_URL_NON_POOLING", "NEXTAUTH_SECRET", "CRON_SECRET", "BLOB_READ_WRITE_TOKEN"}
    secret |= {"EMAIL_SERVER_USER", "EMAIL_SERVER_PASSWORD", "SENTRY_DSN"}
    assert {name for name, one in variables.items() if one["type"] == "sensitive"} == secret
    assert not [name for name in secret if variables[name].get("value")]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_schema_is_there_and_the_seed_data_but_not_in_production(first: Story, environment: str) -> None:
    assert ("20250602090000_init",) in first.station.rows(environment, "SELECT migration_name FROM _prisma_migrations")
    tables = ("Category", "Part", "Assembly", "QCFormTemplate", "QCChecklistItem", "User")
    counts = tuple(first.station.rows(environment, f'SELECT count(*) FROM "{table}"')[0][0] for table in tables)
    assert counts == ((6, 97, 26, 2, 11, 2) if environment in SEEDED else (0,) * len(tables))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_release_is_warmed_up_and_looked_at_before_it_gets_users(first: Story, environment: str) -> None:
    deployment = first.station.deployment(environment, "1.0")
    asked = first.station.vercel.asked()
    given_users = next(row["n"] for row in asked if row["method"] == "POST" and row["path"].endswith(f"/promote/{deployment['id']}"))
    before = [row["path"] for row in asked if row["host"] == deployment["url"] and row["n"] < given_users]
    assert before.count("/dashboard") == 3
    assert before.index("/dashboard") < before.index("/api/health/database"), "it was looked at before it was warm"
    events = {event["event"]: event["data"] for event in first.station.events(environment) if event["release"] == deployment["release"]}
    assert events["stage.completed"]["warm_up"]["failed"] == []
    assert events["verify.completed"]["summary"] == "healthy: 7 checks passed."


def test_a_release_that_is_bad_in_production_alone_takes_itself_back(second: Story) -> None:
    station, run = second.station, second.runs["bad"]
    assert run.returncode == 2, run.output
    assert "1.1 did not go live; it failed at the step 'shift': At 10 % the analysis says abort" in run.complaint
    assert station.visit("production").headers["x-portal-version"] == "1.0"
    events = station.events("production")
    warm_up = next(event["data"]["warm_up"] for event in reversed(events) if event["event"] == "stage.completed")
    assert [told.partition(":")[0] for told in warm_up["failed"]] == ["/dashboard"] * 3
    undone, failed = events[-2:]
    assert (undone["event"], failed["event"], failed["data"]["undone"]) == ("undo.completed", "release.failed", True)
    # The expansion stays: the old code survives it.
    assert station.rows("production", 'SELECT count("serviceContact") FROM "ProductionOrder"') == [(0,)]


def test_staging_goes_back_to_the_release_before(second: Story) -> None:
    assert "release.live" in [event["event"] for event in second.station.events("staging") if (event["release"] or "").startswith("1.1")]
    assert second.runs["roll back"].changed != []
    assert second.station.visit("staging").headers["x-portal-version"] == "1.0"


def test_no_secret_stands_in_any_output_or_ledger(second: Story) -> None:
    station = second.station
    written = "".join(path.read_text() for path in sorted((station.folder / "ledgers").rglob("*.json")))
    assert len(station.said) > 10
    assert not [secret for secret in station.secrets() if any(secret in text for text in (*station.said, written))]
