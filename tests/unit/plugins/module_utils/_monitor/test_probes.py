"""From checks to probes."""

from __future__ import annotations

import re
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._monitor.portals import portals_from
from ansible_collections.holdfast.webops.plugins.module_utils._monitor.probes import Probes, probes_of


def host(*checks: dict[str, t.Any], **more: t.Any) -> dict[str, t.Any]:
    named = [{"name": f"check{number}", **check} for number, check in enumerate(checks)]
    return {"portal_name": "shop", "portal_environment": "test", "portal_url": "https://shop.example/", "portal_checks": named, **more}


def probes(*checks: dict[str, t.Any]) -> Probes:
    return probes_of(portals_from([host(*checks)]), ["database"])


def http(**check: t.Any) -> dict[str, t.Any]:
    """The http settings of the one probe of a check."""
    (module,) = list(probes({"kind": "http", "url": "/", **check}).modules.values())
    return t.cast("dict[str, t.Any]", module["http"])


def test_a_path_is_meant_on_the_portal_and_a_url_where_it_says() -> None:
    seen = probes({"kind": "http", "url": "/api/health"}, {"kind": "http", "url": "https://kvk.example/x"})
    assert [target["target"] for target in seen.targets] == ["https://shop.example/api/health", "https://kvk.example/x"]


def test_a_probe_is_labelled_with_what_the_alerts_ask_for() -> None:
    (target,) = probes({"kind": "tcp", "host": "db1", "port": 5432, "critical": False}).targets
    assert target["target"] == "db1:5432"
    assert target["labels"] == {
        "portal": "shop",
        "environment": "test",
        "check": "check0",
        "kind": "tcp",
        "critical": "false",
        "subject": "application",
    }


def test_the_database_is_what_is_called_so_and_what_is_one() -> None:
    checks = [{"name": "database", "kind": "http", "url": "/"}, {"kind": "postgres", "database_url": "postgresql://u:hunter22@db1/shop"}]
    seen = probes(*checks)
    assert [target["labels"]["subject"] for target in seen.targets] == ["database", "database"]
    assert seen.targets[1]["target"] == "db1:5432"
    assert "hunter22" not in repr(seen)


def test_what_is_expected_of_an_answer_is_expected_by_the_probe() -> None:
    seen = http(
        method="HEAD",
        expect_status=[200, 204],
        expect_headers={"X-Version": "1.2 (a)"},
        headers={"Accept": "text/html"},
        follow_redirects=False,
        validate_certs=False,
    )
    assert (seen["method"], seen["valid_status_codes"], seen["follow_redirects"]) == ("HEAD", [200, 204], False)
    assert seen["tls_config"]["insecure_skip_verify"] is True
    assert re.fullmatch(seen["fail_if_header_not_matches"][0]["regexp"], "1.2 (a)")


@pytest.mark.parametrize("body", ['{"status":"healthy","n":1}', '{"n": 1, "status" : "healthy"}'])
def test_a_good_json_answer_passes_the_probe_however_it_is_written(body: str) -> None:
    patterns = http(expect_json={"status": "healthy", "deep.n": 1})["fail_if_body_not_matches_regexp"]
    assert all(re.search(pattern, body) for pattern in patterns)


def test_a_bad_json_answer_fails_it() -> None:
    patterns = http(expect_json={"healthy": True})["fail_if_body_not_matches_regexp"]
    assert not re.search(patterns[0], '{"healthy": false}')


@pytest.mark.parametrize("regex", ["(?=x)", "(?<!x)y", r"(a)\1", "a++"])
def test_a_regex_that_go_cannot_read_is_left_out_and_said(regex: str) -> None:
    seen = probes({"kind": "http", "url": "/", "expect_regex": regex})
    assert "fail_if_body_not_matches_regexp" not in next(iter(seen.modules.values()))["http"]
    assert seen.notes == ["shop (test): the probe of 'check0' does not look for expect_regex, which RE2 cannot read."]


@pytest.mark.parametrize(
    ("check", "why"),
    [
        ({"kind": "storage"}, "kind storage is for health_check"),
        ({"kind": "http", "url": "/", "secret_headers": {"Authorization": "Bearer hunter22"}}, "it needs secret headers"),
        ({"kind": "http", "url": "https://user:hunter22@x.example/"}, "its url holds a user"),
        ({"kind": "postgres", "database_url": "postgresql://u:hunter22@a,b/shop"}, "its database_url names no host and port"),
        ({"kind": "postgres", "database_url": "postgresql:///shop?host=/run/pg"}, "its database_url names no host and port"),
        ({"kind": "dns", "host": "x.example"}, "it names no nameserver"),
    ],
)
def test_what_cannot_be_probed_is_said_without_its_secret(check: dict[str, t.Any], why: str) -> None:
    seen = probes(check)
    assert (seen.targets, seen.notes) == ([], [f"shop (test): 'check0' is not probed: {why}."])


def test_certificates_and_names_are_probed() -> None:
    seen = probes(
        {"kind": "tls", "host": "::1", "server_name": "shop.example"}, {"kind": "dns", "host": "x.example", "nameserver": "9.9.9.9"}
    )
    tls, dns = list(seen.modules.values())
    assert [target["target"] for target in seen.targets] == ["[::1]:443", "9.9.9.9:53"]
    assert tls["tcp"] == {"tls": True, "tls_config": {"insecure_skip_verify": False, "server_name": "shop.example"}}
    assert dns["dns"] == {"query_name": "x.example", "query_type": "A", "valid_rcodes": ["NOERROR"]}


def test_checks_whose_names_look_alike_keep_modules_of_their_own() -> None:
    seen = probes({"name": "a b", "kind": "http", "url": "/"}, {"name": "a-b", "kind": "http", "url": "/x"})
    assert list(seen.modules) == ["shop_test_a_b", "shop_test_a_b_2"]


def test_two_portals_of_one_name_and_environment_are_refused() -> None:
    with pytest.raises(InputError, match=r"Two portals are shop \(test\)"):
        portals_from([host(), host()])


def test_a_host_that_is_no_portal_is_named() -> None:
    with pytest.raises(InputError, match="The host db1 has no portal_name"):
        portals_from([{"inventory_hostname": "db1"}])
