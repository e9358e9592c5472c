"""Traffic between two real slots through a real HAProxy, under load."""

from __future__ import annotations

import concurrent.futures
import functools
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import typing as t

import pytest

from tests.integration.traffic_lab import ROOT, TOKEN, Lab, Users, accepts, open_lab, render
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def lab(haproxy_binary: str) -> Iterator[Lab]:
    with open_lab(haproxy_binary) as lab:
        yield lab


@pytest.mark.parametrize(("green", "least", "most"), [(0, 0, 0), (10, 20, 80), (50, 190, 310), (100, 500, 500)])
def test_a_share_is_what_users_get(lab: Lab, green: int, least: int, most: int) -> None:
    lab.route(green)
    assert least <= lab.slots_of(500)["green"] <= most


def test_a_user_stays_on_a_slot_until_the_rollback_moves_everybody(lab: Lab) -> None:
    lab.route(50, release="r42")
    assert lab.slots_of(60, cookie="hf_slot=r42:green") == {"green": 60}
    assert lab.slots_of(60, cookie="hf_slot=r42:blue") == {"blue": 60}
    lab.route(0)
    assert lab.slots_of(60, cookie="hf_slot=r42:green") == {"blue": 60}


def test_the_cookie_is_given_once_per_release_and_a_stale_one_is_not_obeyed(lab: Lab) -> None:
    lab.route(50, release="r42")
    cookie = lab.get().headers["set-cookie"].split(";")[0]
    assert cookie in ("hf_slot=r42:blue", "hf_slot=r42:green")
    assert "set-cookie" not in lab.get(cookie=cookie).headers
    assert set(lab.slots_of(60, cookie="hf_slot=r41:green")) == {"blue", "green"}


def test_a_preview_needs_the_token_and_never_falls_back(lab: Lab) -> None:
    lab.route(0)
    assert lab.slots_of(20, x_holdfast_preview=f"{TOKEN}-green") == {"green": 20}
    assert lab.slots_of(20, x_holdfast_preview="some-other-token-of-a-portal-green") == {"blue": 20}
    assert lab.slots_of(20, x_holdfast_preview="green") == {"blue": 20}
    lab.stop("green", signal.SIGKILL)
    answer = lab.get(x_holdfast_preview=f"{TOKEN}-green")
    assert (answer.status, answer.slot) == (503, None)


def test_the_maintenance_page_is_for_users_and_not_for_previews(lab: Lab) -> None:
    lab.route(maintenance=True)
    page = lab.get()
    assert (page.status, page.headers["retry-after"]) == (503, "30")
    assert "We are back in a moment" in page.body
    assert lab.get(x_holdfast_preview=f"{TOKEN}-blue").slot == "blue"
    lab.route(maintenance=False)
    assert lab.get().slot == "blue"


def has_made(users: Users, requests: int) -> bool:
    return users.requests >= requests


def test_a_maintenance_page_of_ones_own_is_shown(lab: Lab) -> None:
    (lab.directory / "page.html").write_text("<h1>Back at noon</h1>")
    lab.stop("router", signal.SIGKILL)
    lab.start_router(platform_host_maintenance_page=str(lab.directory / "page.html"))
    lab.route(maintenance=True)
    assert (lab.get().status, lab.get().body) == (503, "<h1>Back at noon</h1>")


def test_switching_under_load_fails_no_request(lab: Lab) -> None:
    with Users(lab.port, slow=6) as users:
        for green in (10, 50, 100, 0) * 3:
            wanted = users.requests + 25
            assert lab.route(green, release=f"r{green}")["changed"]
            wait_for(functools.partial(has_made, users, wanted), "traffic after the switch")
    assert users.failures == []
    assert min(users.slots["blue"], users.slots["green"]) > 50


def test_a_new_slot_that_dies_after_the_switch_fails_no_request(lab: Lab) -> None:
    with Users(lab.port, posts=False) as users:
        lab.route(100)
        wait_for(lambda: users.slots["green"] > 50, "traffic on green")
        lab.stop("green", signal.SIGKILL)
        seen = users.slots["blue"]
        wait_for(lambda: users.slots["blue"] > seen + 150, "traffic on blue")
        assert lab.route(0)["changed"]
    assert users.failures == []
    assert lab.servers()["green"]["fallbacks"] > 100


def test_a_slot_is_dry_when_its_slow_requests_have_been_answered(lab: Lab) -> None:
    with concurrent.futures.ThreadPoolExecutor(10) as threads:
        slow = [threads.submit(lab.get, "/slow?2", method=method) for method in ("GET", "POST") * 5]
        wait_for(lambda: lab.in_flight("blue") == 10, "ten slow requests")
        result = lab.route(100, drain="blue", drain_timeout=60)
        assert (result["drained"], result["sessions_closed"], result["router"]["servers"]["blue"]["in_flight"]) == (True, 0, 0)
        lab.stop("blue", signal.SIGKILL)
        assert {(answer.result().status, answer.result().slot) for answer in slow} == {(200, "blue")}


def test_at_the_deadline_connections_are_cut_by_force_only(lab: Lab) -> None:
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        slow = [threads.submit(lab.get, "/slow?25", method="POST") for _number in range(2)]
        wait_for(lambda: lab.in_flight("blue") == 2, "two slow requests")
        failed = lab.module("slot_router", weights={"blue": 0, "green": 100}, drain="blue", drain_timeout=0.5)
        assert (failed["failed"], failed["in_flight"]) == (True, 2)
        assert "blue still answers 2 requests after 0.5 s" in failed["msg"]
        forced = lab.route(drain="blue", drain_timeout=0.5, drain_force=True)
        assert (forced["drained"], forced["sessions_closed"]) == (True, 2)
        assert all(answer.result().status >= 500 for answer in slow)


def test_a_get_is_sent_again_and_a_post_never(lab: Lab) -> None:
    lab.route(100)
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        answers = {method: threads.submit(lab.get, "/slow?3", method=method) for method in ("GET", "POST")}
        wait_for(lambda: lab.in_flight("green") == 2, "two slow requests")
        lab.stop("green", signal.SIGKILL)
        assert (answers["GET"].result().status, answers["GET"].result().slot) == (200, "blue")
        assert answers["POST"].result().status == 502
    assert lab.servers()["blue"]["requests"] == 1


def test_a_slot_that_looks_healthy_and_loses_every_request_costs_no_reader_one(lab: Lab) -> None:
    lab.start_slot("green", "--hang-up")
    lab.route(100)
    assert {(answer.status, answer.slot) for answer in [lab.get() for _number in range(20)]} == {(200, "blue")}
    assert {lab.get(method="POST", **headers).status for headers in ({}, {"Idempotency_Key": "one"})} == {502}
    shown = lab.servers()["green"]
    assert (shown["healthy"], shown["fallbacks"]) == (True, 20)


def test_a_post_with_a_key_is_sent_again_where_the_application_knows_keys(lab: Lab) -> None:
    lab.stop("router", signal.SIGTERM)
    lab.start_router(platform_host_retry_idempotent_posts=True)
    lab.start_slot("green", "--hang-up")
    lab.route(100)
    assert (lab.get(method="POST", Idempotency_Key="one").status, lab.get(method="POST").status) == (200, 502)
    assert lab.get(method="POST", body="x" * 60_000, Idempotency_Key="two").status == 200


def test_a_post_survives_that_the_application_closes_idle_connections(haproxy_binary: str) -> None:
    with open_lab(haproxy_binary, keep_alive=0.3) as lab, Users(lab.port, per_second=333, clients=100) as users:
        wait_for(lambda: users.requests > 1000, "a thousand requests")
    assert users.failures == []


def test_a_killed_router_comes_back_with_its_share(lab: Lab) -> None:
    lab.route(100, release="r9")
    lab.stop("router", signal.SIGKILL)
    down = lab.module("slot_router", weights={"blue": 100, "green": 0})
    assert "No router answers on" in down["msg"]
    assert lab.module("slot_router_info")["router"]["weights"] == {"blue": 0, "green": 100}
    lab.start_router()
    router = lab.module("slot_router_info")["router"]
    assert (router["weights"], router["release"], router["live_slot"]) == ({"blue": 0, "green": 100}, "r9", "green")
    assert lab.slots_of(20) == {"green": 20}


def test_an_older_lease_moves_nothing(lab: Lab) -> None:
    lab.route(10, fencing=12)
    refused = lab.module("slot_router", weights={"blue": 0, "green": 100}, fencing=11)
    assert (refused["failed"], refused["fence"]) == (True, 12)
    assert lab.module("slot_router_info")["router"]["weights"] == {"blue": 90, "green": 10}


def test_a_socket_path_that_haproxy_cannot_bind_is_refused_before(haproxy_binary: str, tmp_path: pathlib.Path) -> None:
    lab = Lab(haproxy_binary, tmp_path)
    failed = lab.module("slot_router", state="configured", socket="/tmp/" + "x" * 93)
    assert "has 98 characters; HAProxy takes at most 97" in failed["msg"]
    for length, accepted in ((97, True), (98, False)):
        (tmp_path / "test.cfg").write_text(f"global\n  stats socket /tmp/{'x' * (length - 5)}\n")
        checked = subprocess.run([haproxy_binary, "-c", "-f", str(tmp_path / "test.cfg")], capture_output=True, text=True, check=False)
        assert ("too long (max 97)" in checked.stderr) is not accepted


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"platform_host_router_threads": 0, "platform_host_retry_idempotent_posts": True},
        {
            "platform_host_web_hosts": ["web1", "web2", "web3"],
            "platform_host_web_addresses": dict.fromkeys(("web1", "web2", "web3"), "::1"),
        },
        {"platform_host_tls_certificate": "portal.pem"},
    ],
)
def test_haproxy_finds_nothing_wrong_with_the_configuration(haproxy_binary: str, tmp_path: pathlib.Path, options: dict[str, t.Any]) -> None:
    Lab(haproxy_binary, tmp_path).route(state="configured")
    if "platform_host_tls_certificate" in options:
        write_certificate(tmp_path / "portal.pem")
        options = {"platform_host_tls_certificate": str(tmp_path / "portal.pem")}
    ports = {"blue": 8081, "green": 8082}
    text = render(
        platform_host_router_directory=str(tmp_path), platform_host_bind="127.0.0.1:8080", platform_host_slot_ports=ports, **options
    )
    (tmp_path / "haproxy.cfg").write_text(text)
    checked = subprocess.run([haproxy_binary, "-c", "-f", str(tmp_path / "haproxy.cfg")], capture_output=True, text=True, check=False)
    assert (checked.returncode, "WARNING" in checked.stderr) == (0, False), checked.stderr
    assert ("; Secure" in text) is bool("platform_host_tls_certificate" in options)


def write_certificate(path: pathlib.Path) -> None:
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    certificate = (
        builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)


PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - holdfast.webops.slot_router:
        directory: "{{ directory }}"
        weights: {blue: 50, green: 50}
        preview_token: "{{ token }}"
"""


def test_a_play_says_the_same_in_check_mode_and_for_real_and_no_secret(lab: Lab) -> None:
    secret = "another-secret-token-for-previews"
    (lab.directory / "play.yml").write_text(PLAY)

    def play(*options: str) -> tuple[list[dict[str, t.Any]], str]:
        finished = subprocess.run(
            [sys.executable, "-m", "ansible", "playbook", "-vvv", "--diff", "-i", "localhost,", "-c", "local", *options, "play.yml"],
            cwd=lab.directory,
            input=b"",
            capture_output=True,
            check=True,
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
                "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
                "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            },
        )
        text = finished.stdout.decode() + finished.stderr.decode()
        report = json.loads(finished.stdout[finished.stdout.index(b'{\n    "custom_stats"') :])
        return [task["hosts"]["localhost"] for task in report["plays"][0]["tasks"]], text

    (lab.directory / "vars.json").write_text(json.dumps({"directory": str(lab.directory), "token": secret}))
    (predicted,), shown_first = play("--check", "-e", "@vars.json")
    (real,), shown_then = play("-e", "@vars.json")
    (again,), _shown = play("-e", "@vars.json")
    assert (predicted["changed"], real["changed"], again["changed"]) == (True, True, False)
    assert predicted["diff"] == real["diff"]
    assert predicted["router"]["weights"] == real["router"]["weights"] == {"blue": 50, "green": 50}
    assert secret not in shown_first + shown_then


def test_a_router_that_was_moved_aside_is_no_router(lab: Lab) -> None:
    assert accepts(lab.port)
    started = time.monotonic()
    failed = lab.module("slot_router", socket=str(lab.directory / "elsewhere.sock"), weights={"blue": 50, "green": 50})
    assert "No router answers" in failed["msg"]
    assert time.monotonic() - started < 30
