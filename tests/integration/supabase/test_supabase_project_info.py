"""supabase_project_info against the local Supabase."""

from __future__ import annotations

import typing as t

from tests.integration import module_child

if t.TYPE_CHECKING:
    from tests.integration.supabase.lab import Lab

ALL = ["health", "connections", "bans", "addons", "buckets", "api_keys", "secrets"]


def test_all_that_can_be_asked_for_is_shown_without_a_secret(lab: Lab) -> None:
    lab.project(secrets={"RESEND_API_KEY": "hunter22-of-resend"})
    lab.supabase.control("POST", "bans", ref=lab.supabase.ref, address="93.184.216.34")
    options: dict[str, t.Any] = {**lab.common, "gather": ALL, "database_url": lab.supabase.database_url, "purpose": "backup"}
    found = module_child.run_module("supabase_project_info", **options)
    assert (found["project"]["ref"], found["project"]["status"]) == (lab.supabase.ref, "ACTIVE_HEALTHY")
    assert found["health"]["auth"]["healthy"]
    assert found["banned_addresses"] == ["93.184.216.34"]
    assert found["addons"]["compute_instance"] == "ci_small"
    assert found["api_keys"]["service_role"] == "legacy"
    assert found["secrets"] == ["RESEND_API_KEY"]
    assert found["connections"]["direct"].startswith("postgresql://postgres@")
    password = lab.supabase.database_url.partition("postgres:")[2].partition("@")[0]
    for secret in (password, lab.supabase.token, *lab.supabase.project["keys"].values()):
        assert secret not in found["raw"]


def test_only_what_was_asked_for_costs_a_request(lab: Lab) -> None:
    mark = lab.mark()
    found = lab.run("supabase_project_info", gather=[])
    assert len(lab.supabase.asked(mark)) == 1
    assert [found[name] for name in ("health", "connections", "banned_addresses", "addons", "buckets", "api_keys", "secrets")] == [None] * 7


def test_the_state_of_a_project_that_is_away_is_shown_all_the_same(lab: Lab) -> None:
    lab.supabase.put_into("INACTIVE")
    assert lab.run("supabase_project_info", gather=[])["project"]["status"] == "INACTIVE"


def test_the_wrong_pooler_is_told_before_anything_goes_through_it(lab: Lab) -> None:
    pooled = f"postgresql://postgres.{lab.supabase.ref}:hunter22@aws-0-eu-central-1.pooler.supabase.com:6543/postgres"
    found = lab.run("supabase_project_info", gather=[], database_url=pooled, purpose="migrations")["database_url"]
    assert found["kind"] == "transaction"
    assert "migrations needs one" in found["problems"][0]
    assert "hunter22" not in str(found)
