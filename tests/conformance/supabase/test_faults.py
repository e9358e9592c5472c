"""What goes wrong on demand: limits, lost answers, wrong tokens, success that changed nothing."""

from __future__ import annotations

import hashlib
import hmac
import typing as t

import pytest
import requests

if t.TYPE_CHECKING:
    from tests.emulators.supabase.running import LocalSupabase


def auth(supabase: LocalSupabase) -> str:
    return f"/v1/projects/{supabase.ref}/config/auth"


def test_the_limit_counts_per_endpoint_and_tells_when_it_ends(supabase: LocalSupabase) -> None:
    supabase.settle(request_rate=[2, 60])
    left = [supabase.call("GET", auth(supabase)).headers["x-ratelimit-remaining"] for _request in range(2)]
    refused = supabase.call("GET", auth(supabase))
    assert (left, refused.status_code) == (["1", "0"], 429)
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert 0 < int(refused.headers["x-ratelimit-reset"]) <= 60
    assert supabase.call("GET", f"/v1/projects/{supabase.ref}/secrets").status_code == 200


def test_who_asks_and_for_what_has_to_be_right(supabase: LocalSupabase) -> None:
    assert supabase.call("GET", auth(supabase), token=f"sbp_{'f' * 40}").status_code == 401
    assert supabase.call("GET", auth(supabase), token=supabase.other_token).status_code == 403
    assert supabase.call("GET", f"/v1/projects/{'z' * 20}").status_code == 404
    assert supabase.call("GET", "/v1/projects/Wrong").status_code == 404
    assert supabase.call("PUT", auth(supabase), json={}).status_code == 405


def test_faults_choose_requests_and_end(supabase: LocalSupabase) -> None:
    supabase.fault("status", method="GET", path="*/config/auth", code=502, skip=1, times=1)
    assert [supabase.call("GET", auth(supabase)).status_code for _request in range(3)] == [200, 502, 200]
    supabase.fault("rate_limited", retry_after=7, header="reset")
    refused = supabase.call("GET", auth(supabase))
    assert (refused.status_code, refused.headers["x-ratelimit-reset"], refused.headers.get("retry-after")) == (429, "7", None)
    supabase.fault("empty_json")
    assert supabase.call("GET", auth(supabase)).content == b""


def test_a_lost_answer_has_had_its_effect_and_a_lost_request_has_not(supabase: LocalSupabase) -> None:
    supabase.fault("cut_after", method="PATCH")
    with pytest.raises(requests.ConnectionError):
        supabase.call("PATCH", auth(supabase), json={"jwt_exp": 1800})
    assert supabase.api("GET", "/config/auth")["jwt_exp"] == 1800
    supabase.fault("cut_before", method="PATCH")
    with pytest.raises(requests.ConnectionError):
        supabase.call("PATCH", auth(supabase), json={"jwt_exp": 900})
    assert supabase.api("GET", "/config/auth")["jwt_exp"] == 1800
    assert [row["status"] for row in supabase.asked() if row["method"] == "PATCH" and row["path"] == auth(supabase)][-2:] == [0, 0]


def test_success_can_have_changed_nothing(supabase: LocalSupabase) -> None:
    supabase.fault("unchanged", method="PATCH", path="*/config/auth")
    assert supabase.api("PATCH", "/config/auth", {"jwt_exp": 1800})["jwt_exp"] == 1800
    assert supabase.api("GET", "/config/auth")["jwt_exp"] == 3600


@pytest.mark.parametrize("how", ["hash", "masked", "plain"])
def test_secrets_of_the_auth_configuration_are_shown_as_the_setting_says(supabase: LocalSupabase, how: str) -> None:
    supabase.settle(secrets_shown=how)
    supabase.api("PATCH", "/config/auth", {"smtp_pass": "hush", "smtp_user": "post"})
    shown = supabase.api("GET", "/config/auth")
    digest = hmac.new(supabase.ref.encode(), b"hush", hashlib.sha256).hexdigest()
    assert shown["smtp_pass"] == {"hash": digest, "masked": "**********", "plain": "hush"}[how]
    assert shown["smtp_user"] == "post"


def test_secrets_of_functions_show_their_digest_only(supabase: LocalSupabase) -> None:
    supabase.api("POST", "/secrets", [{"name": "KEY", "value": "hush"}])
    (shown,) = supabase.api("GET", "/secrets")
    assert (shown["name"], shown["value"]) == ("KEY", hashlib.sha256(b"hush").hexdigest())
    refused = supabase.call("POST", f"/v1/projects/{supabase.ref}/secrets", json=[{"name": "SUPABASE_URL", "value": "x"}])
    assert refused.status_code == 400


def test_the_log_holds_no_bodies_and_no_queries(supabase: LocalSupabase) -> None:
    after = supabase.asked()[-1]["n"] if supabase.asked() else 0
    supabase.api("GET", "/api-keys?reveal=true")
    (row,) = supabase.asked(after=after)
    assert set(row) == {"n", "plane", "method", "ref", "path", "status"}
    assert row["path"].endswith("/api-keys")


def test_an_unknown_fault_and_an_unknown_setting_are_told_what_there_is(supabase: LocalSupabase) -> None:
    with pytest.raises(AssertionError, match="restore_failed"):
        supabase.fault("earthquake")
    with pytest.raises(AssertionError, match="transition_seconds"):
        supabase.settle(speed=1)
