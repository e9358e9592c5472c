"""Both routers, of which the first is the primary, after releases, a change of their settings, a way back by script, and a reboot."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.integration.waiting import wait_for

testinfra_hosts = ["podman://holdfast-molecule-lb1", "podman://holdfast-molecule-web2"]

ROUTER = "/srv/shop/router"


def test_users_get_the_same_version_from_each(host: t.Any) -> None:
    script = "import requests; r = requests.get('http://127.0.0.1/', timeout=10); print(r.status_code, r.headers.get('X-Portal-Version'))"
    assert host.check_output("python3 -c %s", script) == "200 1.1"


def test_the_router_runs_now_and_after_a_reboot(host: t.Any) -> None:
    assert host.service("holdfast-shop-router").is_running
    assert host.service("holdfast-shop-router").is_enabled


def metrics(host: t.Any) -> str:
    """What the router shows to Prometheus."""
    script = "import requests; print(requests.get('http://127.0.0.1:8404/metrics', timeout=10).text)"
    return str(host.check_output("python3 -c %s", script))


@pytest.mark.parametrize("web", ["web1", "web2"])
@pytest.mark.parametrize("slot", ["blue", "green"])
def test_the_router_finds_each_slot_healthy_on_each_web_host(host: t.Any, slot: str, web: str) -> None:
    line = f'haproxy_server_status{{proxy="slot_{slot}",server="{slot}-{web}",state="UP"}} 1\n'
    wait_for(lambda: line in metrics(host), f"{slot} on {web} to be healthy")


def test_the_script_moved_everybody_back_and_said_why(host: t.Any) -> None:
    """The share is the one that the script left, also after the reboot."""
    assert host.file(f"{ROUTER}/slots.map").content_string == "green_pct 0\nmaint 0\n"
    assert "\nlive blue\n" in host.file(f"{ROUTER}/release.map").content_string
    told = json.loads(host.file(f"{ROUTER}/roll-backs.jsonl").content_string)
    assert (told["from_slot"], told["to_slot"], told["percent_before"]) == ("green", "blue", 100)
    assert (told["reason"], told["by"]) == ("the controller is gone", "root")
    assert host.file(f"{ROUTER}/roll-back").mode == 0o750


def test_the_router_gave_up_its_rights(host: t.Any) -> None:
    users = [process.user for process in host.process.filter(comm="haproxy") if "/srv/shop" in process.args]
    assert sorted(users) == ["haproxy", "root"]


def test_the_router_shows_its_metrics_where_the_monitor_asks(host: t.Any) -> None:
    """The names that the alert rules of portal_monitor use."""
    said = metrics(host)
    assert 'haproxy_frontend_http_responses_total{proxy="portal",code="5xx"}' in said
    assert 'haproxy_frontend_http_responses_total{proxy="portal",code="2xx"}' in said


def test_the_users_of_the_host_cannot_command_the_router(host: t.Any) -> None:
    file = host.file("/srv/shop/router/router.sock")
    assert (file.is_socket, file.mode, file.user) == (True, 0o600, "root")
