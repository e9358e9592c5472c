"""Every endpoint answers as the published description says; and what holds the answers against it can tell right from wrong."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.emulators.http_server import Answer
from tests.emulators.supabase import api, excerpt
from tests.emulators.supabase.descriptions import FILE, Description
from tests.emulators.supabase.running import published_description

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.emulators.supabase.running import LocalSupabase

Step = tuple[str, str, t.Any]
PROJECT = {"name": "tour", "organization_slug": "local", "db_pass": "a password of the tour", "region": "eu-central-1"}
CIDRS = {"dbAllowedCidrs": ["203.0.113.0/24"], "dbAllowedCidrsV6": []}
# What needs no project that is up comes first and last; each of the rest is waited for.
OUTSIDE: t.Final[list[Step]] = [
    ("GET", "/profile", None),
    ("GET", "/organizations", None),
    ("GET", "/organizations/local", None),
    ("GET", "/projects", None),
]
INSIDE: t.Final[list[Step]] = [
    ("GET", "", None),
    ("PATCH", "", {"name": "tour two"}),
    ("GET", "/health?services=auth,db,db_postgres_user,pooler,realtime,rest,storage,pg_bouncer", None),
    ("GET", "/upgrade/eligibility", None),
    ("GET", "/upgrade/status", None),
    ("GET", "/api-keys", None),
    ("GET", "/api-keys/legacy", None),
    ("GET", "/api-keys/anon", None),
    ("GET", "/config/auth", None),
    ("PATCH", "/config/auth", {"sessions_timebox": 8, "smtp_pass": "hush", "security_captcha_provider": None}),
    ("PUT", "/config/database/postgres", {"max_connections": 80, "restart_database": False}),
    ("PATCH", "/config/database/postgres", {"work_mem": "8MB", "restart_database": False}),
    ("GET", "/config/database/postgres", None),
    ("GET", "/config/database/pooler", None),
    ("PATCH", "/config/database/pooler", {"default_pool_size": 20}),
    ("GET", "/config/database/pgbouncer", None),
    ("GET", "/postgrest", None),
    ("PATCH", "/postgrest", {"max_rows": 500}),
    ("GET", "/config/realtime", None),
    ("PATCH", "/config/realtime", {"private_only": True}),
    ("GET", "/config/storage", None),
    ("PATCH", "/config/storage", {"fileSizeLimit": 1024, "features": {"imageTransformation": {"enabled": True}}}),
    ("GET", "/storage/buckets", None),
    ("GET", "/network-restrictions", None),
    ("POST", "/network-restrictions/apply", CIDRS),
    ("PATCH", "/network-restrictions", {"add": {"dbAllowedCidrsV6": ["2001:db8::/32"]}, "remove": CIDRS}),
    ("POST", "/network-bans/retrieve", None),
    ("POST", "/network-bans/retrieve/enriched", None),
    ("DELETE", "/network-bans", {"ipv4_addresses": ["203.0.113.7"]}),
    ("GET", "/ssl-enforcement", None),
    ("PUT", "/ssl-enforcement", {"requestedConfig": {"database": True}}),
    ("POST", "/secrets", [{"name": "KEY", "value": "hush"}]),
    ("GET", "/secrets", None),
    ("DELETE", "/secrets", ["KEY"]),
    ("GET", "/billing/addons", None),
    ("PATCH", "/billing/addons", {"addon_type": "pitr", "addon_variant": "pitr_14"}),
    ("GET", "/database/backups", None),
    ("POST", "/database/backups/restore-point", {"name": "tour"}),
    ("GET", "/database/backups/restore-point?name=tour", None),
    ("POST", "/database/backups/undo", {"name": "tour"}),
    ("POST", "/database/backups/restore-pitr", {"recovery_time_target_unix": "newest"}),
    ("POST", "/database/backups/restore", {"id": 1}),
    ("DELETE", "/billing/addons/pitr_14", None),
    ("GET", "/database/backups/schedule", None),
    ("PATCH", "/database/backups/schedule", {"schedule_for": "03:30"}),
    ("GET", "/readonly", None),
    ("POST", "/readonly/temporary-disable", None),
    ("POST", "/database/query", {"query": "SELECT 1 AS one"}),
    ("POST", "/cli/login-role", {"read_only": True}),
    ("DELETE", "/cli/login-role", None),
    ("POST", "/restart", None),
    ("POST", "/pause", None),
    ("GET", "/restore", None),
    ("POST", "/restore", None),
    ("DELETE", "", None),
]


def test_every_endpoint_answers_as_described(supabase: LocalSupabase) -> None:
    supabase.settle(transition_seconds=0, restore_point_seconds=0)
    ref = supabase.api("POST", "/v1/projects", PROJECT)["ref"]
    seen = {"POST /projects"}
    for method, path, body in [*OUTSIDE, *((method, f"/projects/{ref}{path}", body) for method, path, body in INSIDE)]:
        if path.endswith("/undo"):
            _wait_for_point(supabase, ref)
        if body == {"recovery_time_target_unix": "newest"}:
            window = supabase.api("GET", f"/v1/projects/{ref}/database/backups")["physical_backup_data"]
            body = {"recovery_time_target_unix": window["latest_physical_backup_date_unix"]}
        if ref in path and (method, path) != ("DELETE", f"/projects/{ref}"):
            supabase.wait_until("INACTIVE" if path.endswith("/restore") and "backups" not in path else "ACTIVE_HEALTHY", ref)
        supabase.api(method, f"/v1{path}", body)
        seen.add(api.find(method, path.partition("?")[0]).pattern)
    assert seen == set(api.ROUTES)


def _wait_for_point(supabase: LocalSupabase, ref: str) -> None:
    path = f"/v1/projects/{ref}/database/backups/restore-point?name=tour"
    while (status := supabase.api("GET", path)["status"]) != "AVAILABLE":
        assert status == "PENDING"


def test_the_excerpt_of_bodies_is_that_of_the_description() -> None:
    folder = published_description()
    if folder is not None:
        whole = json.loads((folder / FILE).read_text(encoding="utf-8"))
        assert excerpt.excerpt(whole, api.ROUTES) == excerpt.bodies()


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/config/auth", {"jwt_exp": 604801}, "jwt_exp: 604801 is greater than the maximum of 604800"),
        ("/config/auth", {"mfa_max_enrolled_factors": "ten"}, "mfa_max_enrolled_factors: 'ten' is not of type 'integer', 'null'"),
        ("/config/storage", {"fileSizeLimit": -1}, "fileSizeLimit: -1 is less than the minimum of 0"),
        ("/config/database/postgres", {"max_conections": 1}, "'max_conections' was unexpected"),
        ("/config/database/postgres", {"shared_buffers": "many"}, 'invalid value for parameter "shared_buffers": "many"'),
    ],
)
def test_a_setting_out_of_range_is_refused_with_its_name(supabase: LocalSupabase, path: str, body: t.Any, told: str) -> None:
    answer = supabase.call("PATCH", f"/v1/projects/{supabase.ref}{path}", json=body)
    assert answer.status_code == 400
    assert told in answer.json()["message"]


@pytest.fixture
def witness(tmp_path: Path) -> Description:
    state = {"type": "string", "nullable": True, "enum": ["UP", "DOWN"]}
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "state": state}}
    answers = {"200": {"content": {"application/json": {"schema": schema}}}, "401": {"description": "Unauthorized"}}
    (tmp_path / FILE).write_text(json.dumps({"paths": {"/v1/things/{id}": {"get": {"responses": answers}}}}), encoding="utf-8")
    return Description(tmp_path)


@pytest.mark.parametrize("body", [{"id": "1"}, {"id": "1", "state": "UP"}, {"id": "1", "state": None}])
def test_what_fits_is_fine(witness: Description, body: dict[str, t.Any]) -> None:
    witness.saw("GET", "GET /things/*", Answer(200, body))
    assert witness.violations() == []


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, {}, "'id' is a required property"),
        (200, {"id": 1}, "1 is not of type 'string'"),
        (200, {"id": "1", "state": "SLEEPING"}, "'SLEEPING' is not one of"),
        (418, {}, "this status is not described"),
    ],
)
def test_what_does_not_fit_is_told_once(witness: Description, status: int, body: dict[str, t.Any], told: str) -> None:
    witness.saw("GET", "GET /things/*", Answer(status, body))
    assert any(told in violation for violation in witness.violations())
    assert witness.violations() == []
