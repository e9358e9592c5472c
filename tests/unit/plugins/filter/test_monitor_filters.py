"""The filters of portal_monitor as a template calls them."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.holdfast.webops.plugins.filter import monitor_probes, monitor_receivers

probes: t.Callable[..., t.Any] = monitor_probes.FilterModule().filters()["monitor_probes"]
receivers: t.Callable[..., t.Any] = monitor_receivers.FilterModule().filters()["monitor_receivers"]

PORTAL = {"portal_name": "shop", "portal_url": "https://shop.example", "portal_checks": [{"name": "app", "kind": "http", "url": "/"}]}


def test_probes_and_routers_of_hosts_with_secrets_hold_none_of_them() -> None:
    seen = probes([{**PORTAL, "portal_router_metrics": "web1:8404", "portal_database_url": "postgresql://u:hunter22@db1/shop"}])
    assert [target["target"] for target in seen["targets"]] == ["https://shop.example/"]
    assert seen["routers"] == [{"target": "web1:8404", "labels": {"portal": "shop", "environment": ""}}]
    assert "hunter22" not in repr(seen)


@pytest.mark.parametrize(("check", "subject"), [("database", "database"), ("database_health", "database"), ("app", "application")])
def test_the_database_checks_of_both_example_portals_are_about_the_database(check: str, subject: str) -> None:
    seen = probes([{**PORTAL, "portal_checks": [{"name": check, "kind": "http", "url": "/api/health/database"}]}])
    assert [target["labels"]["subject"] for target in seen["targets"]] == [subject]


def test_what_makes_no_sense_is_an_error_of_the_filter() -> None:
    with pytest.raises(AnsibleFilterError, match=r"holdfast\.webops\.monitor_probes: The host web1 has no portal_name"):
        probes([{"inventory_hostname": "web1"}])
    with pytest.raises(AnsibleFilterError, match=r"holdfast\.webops\.monitor_receivers: The channel 'x' has no known kind"):
        receivers([{"name": "x", "kind": "fax"}], "/secrets")


def test_no_channels_are_no_receivers() -> None:
    assert receivers([], "/secrets") == {"receivers": [], "routes": [], "secrets": {}, "notes": []}
