"""The sample portal that is published by git: its repository, its site, its migrations, and what the inventories say of it."""

from __future__ import annotations

import re
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml

from examples.vz_portal import build

INVENTORIES = Path(__file__).resolve().parents[3] / "inventories"
RELEASES = ("1.0", "1.1", "1.2")
ENVIRONMENTS = ("development", "staging", "production")
PHASE = re.compile(r"-- holdfast: phase=(\w+)")
LOOKED_UP = re.compile(r"\{\{ lookup\('ansible\.builtin\.env', 'VZ_PORTAL_(\w+)', default=undef\(hint='Export VZ_PORTAL_\w+\.'\)\) \}\}")


def host_vars(environment: str, name: str) -> dict[str, t.Any]:
    path = INVENTORIES / environment / "host_vars" / "vz_portal" / f"{name}.yml"
    return t.cast("dict[str, t.Any]", yaml.safe_load(path.read_text(encoding="utf-8")))


def migrations(version: str) -> dict[str, str]:
    """Name -> text."""
    found = {path: text for path, text in build.contents(version).items() if path.startswith("supabase/migrations/")}
    return {path.rpartition("/")[2]: text.decode() for path, text in found.items()}


def phase(text: str) -> str:
    found = PHASE.search(text)
    return found[1] if found else "pre_deployment"


def built(version: str, **environment: str) -> dict[str, bytes]:
    lines = "".join(f"{name}='{value}'\n" for name, value in environment.items())
    return build.site({**build.contents(version), ".env.production": lines.encode()})


def test_the_same_files_make_the_same_commits_and_a_tag_for_each_release(tmp_path: Path) -> None:
    first, second = build.repository(tmp_path / "a"), build.repository(tmp_path / "b")
    assert first == second
    assert tuple(first) == RELEASES
    listed = subprocess.run(
        ["git", "--git-dir", tmp_path / "a", "ls-tree", "-r", "--name-only", first["1.2"]], capture_output=True, check=True
    )
    assert set(listed.stdout.decode().splitlines()) == set(build.contents("1.2"))


@pytest.mark.parametrize("version", RELEASES)
def test_a_site_has_every_file_that_it_asks_for(version: str) -> None:
    site = built(version, VITE_SUPABASE_URL="https://abc.supabase.co")
    everything = b"".join(content for path, content in site.items() if path.endswith((".html", ".js"))).decode()
    asked = set(re.findall(r"""['"](/(?:assets|icons)/[^'"]+)['"]""", everything))
    assert len(asked) > 10
    assert {path.removeprefix("/") for path in asked} <= set(site)
    assert "/src/" not in everything
    assert f"RELEASE = '{version}'" in everything


def test_a_name_changes_with_its_content_alone() -> None:
    before, after = (built(version, VITE_ENABLE_DEBUG="false") for version in ("1.1", "1.2"))

    def names(site: dict[str, bytes], stem: str) -> set[str]:
        return {path for path in site if path.startswith(f"assets/{stem}-")}

    assert names(before, "documents") == names(after, "documents") != set()
    assert names(before, "home").isdisjoint(names(after, "home"))
    assert all(before[path] == after[path] for path in set(before) & set(after) if path.startswith("assets/"))
    assert set(built("1.2", VITE_ENABLE_DEBUG="true")) != set(after)


def test_only_what_everybody_may_read_gets_into_a_site() -> None:
    site = built("1.2", VITE_SUPABASE_URL="https://abc.supabase.co", SENDGRID_API_KEY="not for browsers")
    everything = b"".join(site.values())
    assert b"https://abc.supabase.co" in everything
    assert b"not for browsers" not in everything


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        ("src/lib/page.js", "import { a } from './gone.js';", "there is no src/lib/gone.js"),
        ("src/lib/page.js", "import { a } from '../main.js';", "src/main.js imports itself"),
    ],
)
def test_a_tree_that_cannot_be_built_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str, text: str, complaint: str
) -> None:
    for name, content in {**build.contents("1.2"), path: text.encode()}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert build.main(["site", str(tmp_path), str(tmp_path / "out")]) == 1
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_later_release_keeps_the_migrations_of_the_earlier_ones_and_each_of_its_own_can_be_rolled_back() -> None:
    first, second, third = (migrations(version) for version in RELEASES)
    assert first.items() < second.items()
    assert second == third
    assert {f"supabase/rollback/{name}" for name in set(second) - set(first)} <= set(build.contents("1.1"))


def test_the_phases_are_those_of_the_portals_own_documents() -> None:
    of_phase = {
        name: "\n".join(text for text in migrations("1.1").values() if phase(text) == name)
        for name in ("pre_deployment", "post_deployment")
    }
    back = "\n".join(text.decode() for path, text in build.contents("1.1").items() if path.startswith("supabase/rollback/"))
    assert (
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_applications_status_priority ON applications (status, priority)"
        in of_phase["pre_deployment"]
    )
    assert "ALTER TABLE documents ADD COLUMN IF NOT EXISTS virus_scan_version" in of_phase["pre_deployment"]
    assert "UPDATE applications SET priority = 'normal' WHERE priority IS NULL" in of_phase["post_deployment"]
    assert "ALTER TABLE documents ALTER COLUMN virus_scan_version SET NOT NULL" in of_phase["post_deployment"]
    assert "DROP INDEX CONCURRENTLY IF EXISTS idx_applications_status_priority" in back
    assert "ALTER TABLE documents DROP COLUMN IF EXISTS virus_scan_version" in back


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_secret_of_an_inventory_comes_from_outside_and_is_never_published(environment: str) -> None:
    given = host_vars(environment, "environment")["vz_portal_environment"]
    outside = host_vars(environment, "secrets")
    assert [
        name for name, text in outside.items() if (found := LOOKED_UP.fullmatch(text)) is None or f"vz_portal_{found[1].lower()}" != name
    ] == []
    assert {text.strip("{} ") for text in given["secret"].values()} <= set(outside)
    assert [name for name in {**given["secret"], **given["server"]} if name.startswith("VITE_")] == []
    assert [name for name in given["public"] if not name.startswith("VITE_")] == []


def test_the_variables_of_each_environment_are_those_of_the_portals_own_documents() -> None:
    told = {environment: host_vars(environment, "environment")["vz_portal_environment"] for environment in ENVIRONMENTS}
    names = {environment: {name for part in parts.values() for name in part} for environment, parts in told.items()}
    everywhere = {"VITE_SUPABASE_URL", "VITE_SUPABASE_ANON_KEY", "VITE_ENABLE_DEBUG"}
    services = {"DMS_ENDPOINT", "DIGID_ENDPOINT", "BRP_ENDPOINT", "KVK_ENDPOINT"}
    reports = {"VITE_ENABLE_ANALYTICS", "VITE_ENABLE_ERROR_REPORTING"}
    keys = {"SENDGRID_API_KEY", "MESSAGEBIRD_API_KEY", "MOLLIE_API_KEY"}
    assert names["development"] == everywhere | {
        *("SUPABASE_SERVICE_ROLE_KEY", "VITE_ENABLE_MOCK_AUTH", "VITE_ENABLE_DEV_TOOLS", "VITE_DMS_ENDPOINT", "VITE_DIGID_ENDPOINT")
    }
    assert names["staging"] == everywhere | reports | keys | {f"VITE_{name}" for name in services} | {"STRIPE_API_KEY"}
    assert names["production"] == everywhere | reports | keys | services | {
        *("VITE_ENABLE_PERFORMANCE_MONITORING", "TWILIO_API_KEY", "IDEAL_PROVIDER_KEY", "JWT_SECRET", "ENCRYPTION_KEY", "SESSION_SECRET"),
        *("SENTRY_DSN", "GOOGLE_ANALYTICS_ID", "POSTHOG_API_KEY", "GDPR_MODE", "AUDIT_LOGGING", "DATA_RETENTION_DAYS"),
    }
    fixed = {name: told["production"]["server"][name] for name in ("GDPR_MODE", "AUDIT_LOGGING", "DATA_RETENTION_DAYS")}
    assert fixed == {"GDPR_MODE": "strict", "AUDIT_LOGGING": "enabled", "DATA_RETENTION_DAYS": 2555}


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_project_and_the_targets_of_recovery_are_those_of_the_portals_own_documents(environment: str) -> None:
    database, recovery = host_vars(environment, "database"), host_vars(environment, "recovery")
    project = database["vz_portal_project"]
    assert (project["postgres"]["max_connections"], project["auth"]["sessions_timebox"], project["pitr"]["retention_days"]) == (100, 8, 28)
    assert [
        name
        for name in ("refresh_token_rotation_enabled", "mfa_totp_enroll_enabled", "mfa_totp_verify_enabled")
        if not project["auth"][name]
    ] == []
    assert [bucket["name"] for bucket in database["database_supabase_buckets"]] == [
        "application-documents",
        "user-avatars",
        "system-assets",
    ]
    assert (recovery["portal_rehearse_rto"], recovery["portal_rehearse_rpo"]) == (240, 60)
