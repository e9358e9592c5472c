"""A project changes its state by and by, and everything that belongs to it tells the truth meanwhile."""

from __future__ import annotations

import typing as t

import psycopg
import pytest

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulators.supabase.running import LocalSupabase

# Longer than a test: a change of state that a test looks at ends when the test lets it.
LONG = 3600
SERVICES = "/health?services=auth&services=db&services=storage&services=rest"


def healths(supabase: LocalSupabase) -> dict[str, tuple[bool, str]]:
    return {row["name"]: (row["healthy"], row["status"]) for row in supabase.api("GET", SERVICES)}


def answers(supabase: LocalSupabase) -> bool:
    try:
        psycopg.connect(supabase.database_url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_paused_project_is_gone_until_it_is_resumed(supabase: LocalSupabase) -> None:
    supabase.settle(transition_seconds=LONG)
    supabase.api("POST", "/pause")
    assert supabase.status() == "PAUSING"
    supabase.settle(transition_seconds=0)
    supabase.wait_until("INACTIVE")
    assert not answers(supabase)
    assert supabase.visit("/auth/v1/health").status_code == 540
    assert set(healths(supabase).values()) == {(False, "UNHEALTHY")}
    assert supabase.call("POST", f"/v1/projects/{supabase.ref}/database/query", json={"query": "SELECT 1"}).status_code == 400
    supabase.settle(transition_seconds=LONG)
    supabase.api("POST", "/restore")
    assert supabase.status() == "COMING_UP"
    assert set(healths(supabase).values()) == {(False, "COMING_UP")}
    supabase.settle(transition_seconds=0)
    supabase.wait_until()
    assert answers(supabase)
    assert supabase.visit("/auth/v1/health").json()["name"] == "GoTrue"


def test_settings_of_postgresql_hold_after_the_restart_they_cause_and_a_put_replaces_them(supabase: LocalSupabase) -> None:
    supabase.settle(transition_seconds=LONG)
    supabase.api("PUT", "/config/database/postgres", {"max_connections": 77, "work_mem": "8MB"})
    assert supabase.status() == "RESTARTING"
    supabase.settle(transition_seconds=0)
    supabase.wait_until()
    supabase.api("PUT", "/config/database/postgres", {"max_connections": 78})
    supabase.wait_until()
    assert supabase.api("GET", "/config/database/postgres") == {"max_connections": 78}
    question = "SELECT current_setting('max_connections') AS connections, current_setting('work_mem') AS memory"
    assert supabase.api("POST", "/database/query", {"query": question}) == [{"connections": "78", "memory": "4MB"}]


def test_what_fails_or_never_ends_shows_it(supabase: LocalSupabase) -> None:
    supabase.fault("start_failed")
    supabase.api("POST", "/restart")
    supabase.wait_until("INIT_FAILED")
    assert not answers(supabase)
    supabase.api("POST", "/restore")
    supabase.wait_until()
    supabase.fault("stuck")
    supabase.api("POST", "/pause")
    assert supabase.status() == "PAUSING"
    assert supabase.call("POST", f"/v1/projects/{supabase.ref}/pause").status_code == 409


@pytest.fixture
def without(supabase: LocalSupabase) -> Iterator[t.Callable[[str], None]]:
    """Call it with the name of a server that is to end."""
    ended: list[str] = []

    def end(server: str) -> None:
        ended.append(server)
        supabase.control("POST", "servers", ref=supabase.ref, server=server, running=False)

    yield end
    for server in ended:
        supabase.control("POST", "servers", ref=supabase.ref, server=server, running=True)


def test_a_database_that_died_is_seen_everywhere(supabase: LocalSupabase, without: t.Callable[[str], None]) -> None:
    without("database")
    assert supabase.status() == "ACTIVE_UNHEALTHY"
    assert set(healths(supabase).values()) == {(False, "UNHEALTHY")}
    assert supabase.visit("/storage/v1/status").status_code == 200
    assert supabase.visit("/storage/v1/health").json() == {"healthy": False}
    assert supabase.visit("/rest/v1/").status_code == 503
    assert supabase.visit("/storage/v1/bucket").status_code == 500


def test_objects_that_are_out_of_reach_are_the_trouble_of_storage_alone(supabase: LocalSupabase, without: t.Callable[[str], None]) -> None:
    without("objects")
    assert healths(supabase)["storage"] == (False, "UNHEALTHY")
    assert healths(supabase)["db"] == (True, "ACTIVE_HEALTHY")
    assert supabase.visit("/storage/v1/health").json() == {"healthy": False}


def test_a_banned_address_cannot_connect_until_the_ban_is_lifted(supabase: LocalSupabase) -> None:
    supabase.control("POST", "bans", ref=supabase.ref, address="127.0.0.1")
    with pytest.raises(psycopg.OperationalError, match="pg_hba"):
        psycopg.connect(supabase.database_url)
    assert supabase.api("POST", "/network-bans/retrieve") == {"banned_ipv4_addresses": ["127.0.0.1"]}
    supabase.api("DELETE", "/network-bans", {"ipv4_addresses": ["127.0.0.1"]})
    assert answers(supabase)


def test_network_restrictions_hold_where_that_is_wanted(supabase: LocalSupabase) -> None:
    supabase.settle(enforce_network=True)
    elsewhere = {"dbAllowedCidrs": ["203.0.113.0/24"]}
    supabase.api("POST", "/network-restrictions/apply", elsewhere)
    assert not answers(supabase)
    supabase.api("PATCH", "/network-restrictions", {"add": {"dbAllowedCidrs": ["127.0.0.1/32"]}})
    assert answers(supabase)


def test_the_owner_is_no_superuser_and_a_login_role_is_short_lived(supabase: LocalSupabase) -> None:
    question = "SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user"
    assert supabase.api("POST", "/database/query", {"query": question}) == [{"super": False}]
    role = supabase.api("POST", "/cli/login-role", {"read_only": False})
    with psycopg.connect(supabase.database_url, user=role["role"], password=role["password"]) as connection:
        connection.execute("SET ROLE postgres")
