"""supabase_project against the local Supabase."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.integration import module_child
from tests.integration.supabase.lab import LONG
from tools.embedded.waiting import wait_for

if t.TYPE_CHECKING:
    from tests.integration.supabase.lab import Lab

ROOT = Path(__file__).resolve().parents[3]
MAIL, GOOGLE, RESEND = "hunter22-of-the-mail", "hunter22-of-google", "hunter22-of-resend"
EVERYTHING: dict[str, t.Any] = {
    "auth": {
        "site_url": "https://portal.example.com",
        "uri_allow_list": ["https://portal.example.com/**", "https://next.example.com"],
        "sessions_timebox": 8,
        "refresh_token_rotation_enabled": True,
        "mfa_totp_enroll_enabled": True,
        "password_min_length": "12",
        "smtp_host": "smtp.example.com",
        "smtp_port": 587,
        "hook_send_email_enabled": True,
        "hook_send_email_uri": "https://portal.example.com/hook",
    },
    "auth_secrets": {"smtp_pass": MAIL, "external_google_secret": GOOGLE},
    "postgres": {"max_connections": 100, "statement_timeout": "30s"},
    "restart": "now",
    "pooler": {"default_pool_size": 20},
    "network": {"allowed_cidrs": ["93.184.216.0/24", "2a00:1450::/32"]},
    "ssl_enforcement": True,
    "storage": {"file_size_limit": "100MB", "s3_protocol": True},
    "pitr": {"retention_days": 7},
    "secrets": {"RESEND_API_KEY": RESEND},
    "variables": {"AUDIT_LOGGING": "enabled", "RETENTION_DAYS": 2555},
    "secrets_purge": True,
}
# The most that the figure of the issue allows.
MOST_REQUESTS = 12


def test_everything_is_predicted_carried_out_and_left_alone_by_the_next_run(lab: Lab, tmp_path: Path) -> None:
    wanted = {**EVERYTHING, "api_keys_file": str(tmp_path / "keys.json"), "unban_own_address": True}
    mark = lab.mark()
    predicted = lab.project(check=True, **wanted)
    assert [change for change in lab.changes_after(mark) if not change.endswith("/retrieve")] == []
    assert not (tmp_path / "keys.json").exists()
    made = lab.project(**wanted)
    assert made["changed"]
    assert made["diff"] == predicted["diff"]
    assert made["changes"] == predicted["changes"]
    mark = lab.mark()
    again = lab.project(**wanted)
    assert (again["changed"], again["changes"], again["restart_pending"]) == (False, [], [])
    assert len(lab.supabase.asked(mark)) <= MOST_REQUESTS


def test_what_was_set_is_what_supabase_has(lab: Lab) -> None:
    lab.supabase.settle(secrets_shown="plain")
    lab.project(**EVERYTHING)
    auth = lab.supabase.api("GET", "/config/auth")
    assert (auth["sessions_timebox"], auth["password_min_length"], auth["smtp_port"], auth["smtp_pass"]) == (8, 12, "587", MAIL)
    assert auth["uri_allow_list"] == "https://portal.example.com/**,https://next.example.com"
    assert lab.supabase.api("GET", "/config/database/postgres") == {"max_connections": 100, "statement_timeout": "30s"}
    assert lab.supabase.api("GET", "/config/storage")["fileSizeLimit"] == 100 * 1024 * 1024
    assert lab.supabase.api("GET", "/network-restrictions")["config"] == {
        "dbAllowedCidrs": ["93.184.216.0/24"],
        "dbAllowedCidrsV6": ["2a00:1450::/32"],
    }
    assert lab.supabase.api("GET", "/ssl-enforcement")["currentConfig"] == {"database": True}
    assert {row["type"]: row["variant"]["id"] for row in lab.supabase.api("GET", "/billing/addons")["selected_addons"]}["pitr"] == "pitr_7"


@pytest.mark.parametrize("how", ["hash", "plain"])
def test_a_secret_of_auth_is_written_when_it_changes_and_never_shown(lab: Lab, how: str) -> None:
    lab.supabase.settle(secrets_shown=how)
    assert lab.project(auth_secrets={"smtp_pass": MAIL})["diff"]["before"]["auth"] == {"smtp_pass": "absent"}
    assert not lab.project(auth_secrets={"smtp_pass": MAIL})["changed"]
    changed = lab.project(auth_secrets={"smtp_pass": GOOGLE})
    assert changed["diff"]["before"]["auth"] == {"smtp_pass": "another value"}
    assert changed["diff"]["after"]["auth"] == {"smtp_pass": "as given"}
    assert lab.project(auth_secrets={"smtp_pass": None})["diff"]["after"]["auth"] == {"smtp_pass": "absent"}


def test_a_secret_of_auth_that_supabase_masks_is_only_written_anew_when_that_is_asked_for(lab: Lab) -> None:
    lab.supabase.settle(secrets_shown="masked")
    assert lab.project(auth_secrets={"smtp_pass": MAIL})["changed"]
    left = lab.project(auth_secrets={"smtp_pass": GOOGLE})
    assert not left["changed"]
    assert "smtp_pass could be compared" in left["warnings"][0]
    assert lab.project(auth_secrets={"smtp_pass": GOOGLE}, rewrite_secrets=True)["changes"] == ["auth.smtp_pass"]
    lab.supabase.settle(secrets_shown="plain")
    assert lab.supabase.api("GET", "/config/auth")["smtp_pass"] == GOOGLE


def test_secrets_of_functions_are_compared_by_digest_and_purged_on_demand(lab: Lab) -> None:
    lab.project(secrets={"ONE": "first value", "TWO": "second value"})
    mark = lab.mark()
    assert not lab.project(secrets={"ONE": "first value"})["changed"]
    assert lab.changes_after(mark) == []
    changed = lab.project(secrets={"ONE": "another first value"}, secrets_purge=True)
    assert changed["diff"]["before"]["secrets"] == {"ONE": "another value", "TWO": "there, but not listed"}
    assert changed["diff"]["after"]["secrets"] == {"ONE": "as given", "TWO": "absent"}
    assert lab.changes_after(mark) == ["POST /secrets", "DELETE /secrets"]
    assert [row["name"] for row in lab.supabase.api("GET", "/secrets")] == ["ONE"]


def test_settings_of_postgresql_that_the_task_does_not_name_stay(lab: Lab) -> None:
    lab.supabase.api("PUT", "/config/database/postgres", {"work_mem": "8MB", "statement_timeout": "8000ms", "restart_database": False})
    assert not lab.project(postgres={"statement_timeout": "8s"})["changed"]
    lab.project(postgres={"statement_timeout": "9s", "work_mem": None, "maintenance_work_mem": "64MB"})
    assert lab.supabase.api("GET", "/config/database/postgres") == {"statement_timeout": "9s", "maintenance_work_mem": "64MB"}


def test_a_restart_of_the_database_has_to_be_decided(lab: Lab) -> None:
    mark = lab.mark()
    told = lab.refused("supabase_project", postgres={"max_connections": 100, "work_mem": "8MB"}, auth={"jwt_exp": 1800})
    assert "a change of max_connections takes a restart" in told
    assert "restart: now" in lab.refused("supabase_project", ssl_enforcement=True, restart="later")
    assert lab.changes_after(mark) == []
    later = lab.project(postgres={"max_connections": 100}, restart="later")
    assert later["restart_pending"] == ["postgres.max_connections"]
    assert lab.supabase.status() == "ACTIVE_HEALTHY"


def test_a_task_that_restarts_the_database_ends_when_it_is_back(lab: Lab) -> None:
    lab.supabase.settle(transition_seconds=1.0)
    done = lab.project(postgres={"max_connections": 100}, restart="now")
    assert (done["project"]["status"], done["restart_pending"]) == ("ACTIVE_HEALTHY", [])


def test_what_cannot_be_right_is_refused_before_anything_is_asked(lab: Lab) -> None:
    mark = lab.mark()
    refusals: dict[str, dict[str, t.Any]] = {
        "auth.session_timebox: Supabase has no such setting. Did you mean 'sessions_timebox'?": {"auth": {"session_timebox": 8}},
        "auth.jwt_exp: 700000 is out of range": {"auth": {"jwt_exp": 700_000}},
        "postgres.max_conections: Supabase has no such setting. Did you mean 'max_connections'?": {"postgres": {"max_conections": 1}},
        "postgres.max_connections: 0 is out of range": {"postgres": {"max_connections": 0}},
        "pooler.default_pool_size: 4000 is out of range": {"pooler": {"default_pool_size": 4000}},
        "network.allowed_cidrs: '10.0.0.0/8' is private": {"network": {"allowed_cidrs": ["10.0.0.0/8"]}},
        "storage.file_size_limit: 'big' is no size": {"storage": {"file_size_limit": "big"}},
        "secrets.SUPABASE_URL: this is no name": {"secrets": {"SUPABASE_URL": "x"}},
        "api_keys_file: there is no directory": {"api_keys_file": "/nowhere/at/all"},
        "project_ref: 'portal' is not the reference": {"project_ref": "portal"},
    }
    for sentence, options in refusals.items():
        assert sentence in lab.refused("supabase_project", **options)
    assert lab.supabase.asked(mark) == []


def test_a_secret_among_the_plain_settings_is_masked_and_refused(lab: Lab) -> None:
    told = lab.refused("supabase_project", auth={"smtp_pass": MAIL})
    assert "auth.smtp_pass: this is a secret. Give it in auth_secrets" in told
    assert MAIL in lab.masked
    assert MAIL not in told


def test_a_wrong_token_and_a_foreign_project_are_told_without_the_token(lab: Lab) -> None:
    wrong = "sbp_" + "f" * 40
    told = lab.refused("supabase_project", access_token=wrong, auth={"jwt_exp": 1800})
    assert "(401)" in told
    assert "SUPABASE_ACCESS_TOKEN" in told
    assert wrong not in told
    assert "'project_ref'" in lab.refused("supabase_project", project_ref="z" * 20, auth={"jwt_exp": 1800})
    mark = lab.mark()
    key = lab.supabase.project["keys"]["service_role"]
    told = lab.refused("supabase_project", access_token=key, auth={"jwt_exp": 1800})
    assert "one of the project's API keys" in told
    assert key not in told
    assert lab.supabase.asked(mark) == []


def test_a_project_that_comes_back_is_waited_for(lab: Lab) -> None:
    lab.supabase.put_into("RESTORING")
    mark = lab.mark()
    child = module_child.start_module("supabase_project", **lab.common, auth={"jwt_exp": 1800})
    wait_for(lambda: None if len(lab.supabase.asked(mark)) > 1 else "it has not looked twice", what="the module", seconds=LONG)
    assert lab.changes_after(mark) == []
    lab.supabase.put_into("ACTIVE_HEALTHY")
    assert module_child.result_of(child)["changes"] == ["auth.jwt_exp"]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("INACTIVE", "is paused (INACTIVE). Restore it in the dashboard"),
        ("RESTORE_FAILED", "does not come back by itself"),
    ],
)
def test_a_project_that_does_not_come_back_is_told_and_not_touched(lab: Lab, status: str, sentence: str) -> None:
    lab.supabase.put_into(status)
    mark = lab.mark()
    assert sentence in lab.refused("supabase_project", auth={"jwt_exp": 1800})
    assert lab.changes_after(mark) == []


def test_an_unhealthy_project_is_configured_with_a_warning(lab: Lab) -> None:
    lab.supabase.put_into("ACTIVE_UNHEALTHY")
    assert "ACTIVE_UNHEALTHY" in lab.project(auth={"jwt_exp": 1800})["warnings"][0]


def test_a_plan_without_recovery_is_explained(lab: Lab) -> None:
    lab.supabase.plan("free")
    told = lab.refused("supabase_project", pitr={"retention_days": 7}, auth={"jwt_exp": 1800})
    assert "buy point-in-time recovery over 7 days" in told
    assert "(402). Point-in-time recovery needs the plan Pro or above" in told
    told = lab.refused("supabase_project", auth={"sessions_timebox": 8})
    assert "(402). The organisation's plan does not include this" in told
    assert "plan has no network restrictions" in lab.refused("supabase_project", network={"allowed_cidrs": ["93.184.216.0/24"]})


def test_an_error_tells_what_was_changed_before_it(lab: Lab) -> None:
    lab.supabase.plan("free")
    result = module_child.fail("supabase_project", **lab.common, pitr={"retention_days": 7}, auth={"jwt_exp": 1800})
    assert result["done"] == ["auth.jwt_exp"]


def test_recovery_only_becomes_shorter_when_that_is_meant(lab: Lab) -> None:
    lab.project(pitr={"retention_days": 14})
    assert "14 days can be gone back now, and 7 afterwards" in lab.refused("supabase_project", pitr={"retention_days": 7})
    lab.project(pitr={"retention_days": 7, "allow_shorter": True})
    lab.project(pitr={"retention_days": 0, "allow_shorter": True})
    assert not lab.project(pitr={"retention_days": 0})["changed"]


def test_a_value_that_was_taken_and_does_not_show_fails_the_task(lab: Lab) -> None:
    lab.supabase.fault("unchanged", method="PATCH", path="*/config/auth")
    told = lab.refused("supabase_project", auth={"jwt_exp": 1800})
    assert "Supabase took auth, but shows other values: jwt_exp is 3600, not 1800" in told


def test_a_rate_limit_is_waited_for_but_not_for_ever(lab: Lab) -> None:
    lab.supabase.fault("rate_limited", path="*/config/auth", retry_after=1)
    assert lab.project(auth={"jwt_exp": 1800})["changed"]
    lab.supabase.fault("rate_limited", path="*/config/auth", header="reset", retry_after=500)
    told = lab.refused("supabase_project", auth={"jwt_exp": 1800})
    assert "Supabase's rate limit stands in the way to show the configuration of auth" in told


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "status"])
def test_lost_answers_and_errors_of_the_server_do_no_harm(lab: Lab, kind: str) -> None:
    for path in ("*/config/auth", "*/secrets", "*/config/database/postgres"):
        lab.supabase.fault(kind, path=path, times=2)
    done = lab.project(auth={"jwt_exp": 1800}, secrets={"ONE": "first value"}, postgres={"work_mem": "8MB"})
    assert done["changes"] == ["auth.jwt_exp", "secrets.ONE", "postgres.work_mem"]
    assert not lab.project(auth={"jwt_exp": 1800}, secrets={"ONE": "first value"}, postgres={"work_mem": "8MB"})["changed"]


def test_our_own_ban_is_lifted_and_others_stay(lab: Lab) -> None:
    assert not lab.project(unban_own_address=True)["changed"]
    for address in ("127.0.0.1", "93.184.216.34"):
        lab.supabase.control("POST", "bans", ref=lab.supabase.ref, address=address)
    checked = lab.project(unban_own_address=True, check=True)
    assert not checked["changed"]
    assert "only known by trying" in checked["warnings"][0]
    lifted = lab.project(unban_own_address=True)
    assert lifted["diff"]["after"]["bans"] == {"addresses": ["93.184.216.34"]}
    assert lifted["changed"]


def test_keys_go_into_a_file_that_only_its_owner_reads(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    result = lab.project(api_keys_file=str(path))
    found = json.loads(path.read_text(encoding="utf-8"))
    keys = lab.supabase.project["keys"]
    assert (found["anon"], found["service_role"], found["secret_default"]) == (keys["anon"], keys["service_role"], keys["secret"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not any(key in json.dumps(result) for key in found.values())
    assert set(found.values()) <= set(lab.masked)
    assert not lab.project(api_keys_file=str(path))["changed"]
    os.chmod(path, 0o644)
    assert lab.project(api_keys_file=str(path))["diff"]["before"]["api_keys_file"] == {"state": "out of date"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_playbook_at_its_most_talkative_shows_no_secret(lab: Lab, tmp_path: Path) -> None:
    project = lab.supabase.project
    common = {name: f"{{{{ {name} }}}}" for name in ("api_url", "access_token", "project_ref")}
    shown = {name: value for name, value in EVERYTHING.items() if name not in {"auth_secrets", "secrets"}}
    wanted = {**shown, "auth_secrets": "{{ auth_secrets }}", "secrets": "{{ secrets }}", "api_keys_file": str(tmp_path / "keys.json")}
    bucket = {"buckets": [{"name": "user-avatars"}], "project_url": project["url"]}
    tasks: list[dict[str, t.Any]] = [
        {"holdfast.webops.supabase_project": {**common, **wanted}},
        {"holdfast.webops.supabase_project": {**common, "auth": {"smtp_pass": "{{ auth_secrets.smtp_pass }}"}}, "ignore_errors": True},
        {"holdfast.webops.supabase_project": {**common, "access_token": "{{ wrong_token }}", "auth": {}}, "ignore_errors": True},
        {"holdfast.webops.supabase_bucket": {**common, **bucket}},
        {"holdfast.webops.supabase_project_info": {**common, "gather": ["api_keys", "secrets"], "database_url": "{{ database_url }}"}},
    ]
    wrong = "sbp_" + "f" * 40
    given = {**lab.supabase.options, "wrong_token": wrong, "database_url": lab.supabase.database_url}
    given.update(auth_secrets=EVERYTHING["auth_secrets"], secrets=EVERYTHING["secrets"], ansible_python_interpreter=sys.executable)
    (tmp_path / "vars.json").write_text(json.dumps(given), encoding="utf-8")
    # JSON is YAML.
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    (tmp_path / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    argv = [
        sys.executable,
        "-m",
        "ansible",
        "playbook",
        "-vvv",
        "--diff",
        "-i",
        "localhost,",
        "-c",
        "local",
        "-e",
        "@vars.json",
        "play.yml",
    ]
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections")}
    done = subprocess.run(
        argv, cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONG * 3, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "AUDIT_LOGGING: enabled" in said or '"AUDIT_LOGGING": "enabled"' in said, "what is no secret is shown"
    password = lab.supabase.database_url.partition("postgres:")[2].partition("@")[0]
    for secret in (MAIL, GOOGLE, RESEND, wrong, password, lab.supabase.token, *project["keys"].values()):
        assert secret not in said
    lab.supabase.visit("/storage/v1/bucket/user-avatars", method="DELETE")
