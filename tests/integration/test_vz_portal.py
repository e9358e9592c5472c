"""VZ Portal's inventories, from the first provisioning to the way back: a local Supabase and a local Lovable, real PostgreSQL, S3 and git.

The commands are those of docs/guides/supabase_and_lovable.md.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import functools
import json
import re
import typing as t

import pytest

from tests.emulators.supabase.running import LocalSupabase, published_description
from tests.integration.portal_stand_ins import Behaviour, StandIn
from tests.integration.vz_portal_lab import BRANCHES, BUCKETS, ENVIRONMENTS, SERVICES, VzPortal, hosts

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.portal import Run
    from tools.embedded.objects import MotoS3

APPROVERS = ("tech-lead", "product-owner")
BEFORE = ["20250106090000", "20250310090000", "20250310090100"]
AFTER = ["20250310090200", "20250310090300"]
# A certificate and a browser say nothing about an emulator.
CHECKED = ["smoke", "integration", "accessibility"]
TOO_SLOW = re.compile(r"\b\w+_ms is [\d.]+, over")


@dataclasses.dataclass
class Story:
    """What was played, and how it ended."""

    portal: VzPortal
    runs: dict[str, Run] = dataclasses.field(default_factory=dict)

    def must(self, name: str, environment: str, playbook: str, *more: str, **variables: t.Any) -> None:
        run = self.portal.play(environment, playbook, "-vvv", *more, **variables)
        assert run.returncode == 0, run.output
        self.runs[name] = run

    def deploy(self, name: str, version: str) -> None:
        self.must(name, "staging", "deploy", version=version, portal_deploy_version=version)

    def approve(self, who: str) -> None:
        variables = {"portal_approve_version": "1.1", "portal_approve_reason": "accepted", "portal_operator": who}
        self.must(who, "production", "approve", **variables)

    def at_once(self, *jobs: Callable[[], t.Any]) -> None:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for done in [pool.submit(job) for job in jobs]:
                done.result()


@pytest.fixture(scope="module")
def portal(moto_s3: MotoS3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VzPortal]:
    home = tmp_path_factory.mktemp("supabase")
    with (
        LocalSupabase(home, descriptions=published_description(), projects=ENVIRONMENTS) as supabase,
        hosts(tmp_path_factory.mktemp("lovable")) as publishing,
        StandIn.running(Behaviour()) as services,
    ):
        made = VzPortal(supabase, publishing, moto_s3, services, tmp_path_factory.mktemp("vz_portal"))
        made.prepare()
        yield made
        assert supabase.violations() == []


@pytest.fixture(scope="module")
def story(portal: VzPortal) -> Story:
    """1.1 is deployed to staging and promoted to production; 1.2 is deployed to staging and taken back, and so is its schema at last."""
    story = Story(portal)
    story.at_once(
        *(functools.partial(story.must, f"provision {name}", name, "provision", vz_portal_restart="now") for name in ENVIRONMENTS)
    )
    portal.put_documents("staging")
    story.deploy("deploy", "1.1")

    def production() -> None:
        story.at_once(*(functools.partial(story.approve, who) for who in APPROVERS))
        story.must("promote", "production", "promote", version="1.1")
        story.must("back up", "staging", "back_up")
        story.must("provision again", "staging", "provision")
        looking = {"portal_check_groups": CHECKED, "portal_check_fail_on": "never"}
        story.must("check", "staging", "check", **looking, portal_check_reports={"json": str(portal.folder / "health.json")})

    def staging() -> None:
        story.deploy("deploy again", "1.1")
        story.deploy("next", "1.2")
        story.must("roll back", "staging", "roll_back")
        story.must("roll back again", "staging", "roll_back")

    story.at_once(production, staging)
    schema = {"portal_migrate_dir": "supabase/migrations", "portal_migrate_state": "rolled_back", "portal_migrate_to": BEFORE[0]}
    story.must("schema back", "staging", "migrate", version="1.1", **schema)
    return story


def test_a_second_run_changes_nothing(story: Story) -> None:
    for name in ("provision staging", "deploy", "promote", "next", "roll back"):
        assert story.runs[name].changed != [], name
    for name in ("provision again", "deploy again", "roll back again"):
        assert story.runs[name].changed == [], name


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_project_is_configured_as_the_inventory_says(story: Story, environment: str) -> None:
    portal = story.portal
    auth = portal.asked_of(environment, "/config/auth")
    told = {name: auth[name] for name in ("sessions_timebox", "refresh_token_rotation_enabled", "mfa_totp_enroll_enabled", "saml_enabled")}
    assert told == {
        "sessions_timebox": 8,
        "refresh_token_rotation_enabled": True,
        "mfa_totp_enroll_enabled": True,
        "saml_enabled": True,
    }
    assert auth["site_url"] == portal.hosts[environment].live_url
    assert portal.rows(environment, "SHOW max_connections") == [("100",)]
    assert [(bucket["name"], bucket["public"]) for bucket in portal.asked_of(environment, "/storage/buckets")] == [
        (name, name == "system-assets") for name in sorted(BUCKETS)
    ]
    addons = portal.asked_of(environment, "/billing/addons")["selected_addons"]
    assert [addon["variant"]["id"] for addon in addons if addon["type"] == "pitr"] == ["pitr_28"]


def test_each_environment_has_its_own_variables(story: Story) -> None:
    portal = story.portal
    secrets = {name: {one["name"] for one in portal.asked_of(name, "/secrets")} for name in ENVIRONMENTS}
    assert {"STRIPE_API_KEY", "SENDGRID_API_KEY"} <= secrets["staging"]
    assert {"JWT_SECRET", "GDPR_MODE", "DATA_RETENTION_DAYS", "DMS_ENDPOINT", "TWILIO_API_KEY"} <= secrets["production"]
    built = {name: portal.published(name, ".env.production") for name in ENVIRONMENTS}
    assert "VITE_DIGID_ENDPOINT=" in built["staging"]
    assert "VITE_ENABLE_PERFORMANCE_MONITORING=true" in built["production"]
    for name, text in built.items():
        assert f"VITE_SUPABASE_URL={portal.project(name)['url']}" in text
        assert portal.visit(name, "/robots.txt").status_code == 200
        page = portal.visit(name, "/").text
        settings = [path for path in portal.loaded(name, page) if path.startswith("/assets/settings-")]
        assert portal.project(name)["url"] in portal.visit(name, settings[0]).text


def test_production_gets_the_commit_that_staging_found_good(story: Story) -> None:
    portal = story.portal
    served = portal.visit("production", "/.well-known/vz-portal-release.json").json()
    assert (served["version"], served["commit"]) == ("1.1", portal.commit("v1.1"))
    opened = {
        name: next(event["data"]["release"] for event in portal.events(name) if event["event"] == "release.opened") for name in ENVIRONMENTS
    }
    assert opened["staging"]["artifact_sha256"] == opened["production"]["artifact_sha256"]
    gates = [event["data"]["gates"] for event in portal.events("production") if event["event"] == "release.opened"]
    assert sorted(json.dumps(gates).count(who) > 0 for who in APPROVERS) == [True, True]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_migrations_run_before_the_new_code_and_after_it(story: Story, environment: str) -> None:
    events = [event for event in story.portal.events(environment) if (event["release"] or "").startswith("1.1")]
    ran = {event["event"]: event["data"].get("applied") for event in events if event["event"] in ("expand.completed", "contract.completed")}
    assert ran == {"expand.completed": BEFORE, "contract.completed": AFTER}
    order = [event["event"] for event in events]
    assert order.index("expand.completed") < order.index("release.live") < order.index("contract.completed")


def test_staging_goes_back_to_the_release_before_and_its_schema_too(story: Story) -> None:
    portal = story.portal
    assert portal.visit("staging", "/.well-known/vz-portal-release.json").json()["version"] == "1.1"
    assert portal.visit("production", "/.well-known/vz-portal-release.json").json()["version"] == "1.1"
    assert [event["event"] for event in portal.events("staging") if (event["release"] or "").startswith("1.2")][-1] == "rollback.completed"
    columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'documents' AND column_name = 'virus_scan_version'"
    assert {name: portal.rows(name, columns) for name in ENVIRONMENTS} == {"staging": [(0,)], "production": [(1,)]}


def test_database_storage_and_configuration_are_in_two_places_and_proven(story: Story) -> None:
    portal = story.portal
    recorded = [event["data"] for event in portal.events("staging") if event["event"] in ("backup.recorded", "backup.proven")]
    assert {data.get("policy") for data in recorded} >= {"database", "storage", "configuration"}
    stored = portal.stored()
    for place in ("database/staging/", "storage/staging/", "config/staging/"):
        assert [key for key in stored if key.startswith(place) and key.endswith("manifest.json")], place
    for other in ("azure", "google"):
        assert list((portal.folder / other / "staging").rglob("manifest.json")), other
    assert portal.git("configuration", "log", "--format=%s", "--all").strip()


def test_staging_is_healthy_with_all_that_it_uses(story: Story) -> None:
    """How fast a busy machine answers says nothing about the inventory."""
    checks = json.loads((story.portal.folder / "health.json").read_text())["checks"]
    assert {check["name"] for check in checks} >= {"application", "database", "auth", "storage", "rest", *SERVICES}
    bad = {check["name"]: check["reason"] for check in checks if check["status"] != "pass"}
    assert {name: reason for name, reason in bad.items() if not TOO_SLOW.search(reason)} == {}


def test_a_commit_of_no_branch_is_refused_before_anything_is_migrated(story: Story) -> None:
    portal = story.portal
    somebody = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    portal.git("site", "tag", "v1.9", portal.git("site", *somebody, "commit-tree", "v1.1^{tree}", "-m", "untested").strip())
    before = portal.events("staging")
    run = portal.play("staging", "deploy", version="1.1", portal_deploy_version="1.9")
    assert run.returncode != 0
    told = " ".join(run.output.split())
    assert "is not in the branch" in told
    assert "Nothing was touched." in told
    assert portal.events("staging") == before


def test_no_secret_stands_in_any_output_ledger_or_commit(story: Story) -> None:
    portal = story.portal
    told = [*portal.said, json.dumps([portal.events(name) for name in ENVIRONMENTS])]
    told += [portal.git("site", "log", "--patch", "--all", *[f"refs/heads/{branch}" for branch in BRANCHES.values()])]
    assert len(portal.said) > 12
    assert [secret for secret in portal.secrets() if any(secret in text for text in told)] == []
