"""A slot with one server, and one that stands on several web hosts."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.haproxy import Server
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.settings import Settings, from_tables, wanted
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.slots import in_flight, own_servers, server_shown, standing

UNCHANGED: dict[str, t.Any] = dict.fromkeys(("weights", "maintenance", "release", "preview_token", "closed"))


def server(backend: str, name: str, status: str = "UP", *, current: int = 0, total: int = 0) -> Server:
    return Server(backend, name, status, current, total, errors=0, retries=1, redispatches=0, downs=0)


def on_two_hosts(**status: str) -> list[Server]:
    """`blue_1="DOWN"` is the blue slot of web1."""
    names = ["blue-web1", "blue-web2", "green-web1", "green-web2"]
    found = {name: status.get(name.replace("-web", "_"), "UP") for name in names}
    return [server(f"slot_{slot}", name, found[name], current=1, total=10) for slot in ("blue", "green") for name in names]


def test_the_figures_of_a_slot_are_those_of_all_its_hosts_together() -> None:
    shown = server_shown(on_two_hosts(), "blue")
    assert (shown["status"], shown["healthy"], shown["servers"], shown["servers_up"]) == ("UP", True, 2, 2)
    assert (shown["in_flight"], shown["requests"], shown["retries"], shown["fallbacks"]) == (4, 40, 2, 20)


def test_a_slot_that_is_down_on_one_host_is_not_healthy() -> None:
    shown = server_shown(on_two_hosts(blue_2="DOWN"), "blue")
    assert (shown["status"], shown["healthy"], shown["servers_up"]) == ("DOWN, UP", False, 1)
    assert str(standing(on_two_hosts(blue_2="DOWN"), "blue")) == "1 of 2 servers healthy"


@pytest.mark.parametrize(
    ("down", "may"),
    [
        ({}, True),
        ({"green_2": "DOWN"}, False),
        ({"green_2": "DOWN", "blue_2": "DOWN"}, True),  # a machine is gone: that is not the release's fault
        ({"blue_2": "DOWN"}, True),
        ({"green_1": "DOWN", "green_2": "DOWN", "blue_1": "DOWN", "blue_2": "DOWN"}, False),
    ],
)
def test_traffic_goes_where_at_least_as_many_servers_are_healthy(down: dict[str, str], *, may: bool) -> None:
    servers = on_two_hosts(**down)
    assert standing(servers, "green").carries(standing(servers, "blue")) is may


def test_one_server_is_called_like_its_slot() -> None:
    servers = [server("slot_blue", "blue"), server("slot_blue", "green"), server("preview_blue", "blue", current=2)]
    assert [found.name for found in own_servers(servers, "blue")] == ["blue"]
    assert in_flight(servers, "blue") == 2
    with pytest.raises(ConflictError, match="no backend slot_green"):
        own_servers(servers, "green")


def test_the_mark_of_a_contract_migration_stays_until_the_slot_gets_traffic_again() -> None:
    live = Settings(green=100, live="green", release="r2")
    closed = wanted(live, {**UNCHANGED, "closed": "blue"})
    assert closed.tables()["release.map"] == {"release": "r2", "live": "green", "closed": "blue"}
    assert from_tables(closed.tables()) == closed
    assert wanted(closed, {**UNCHANGED, "maintenance": True}).closed == "blue"
    assert wanted(closed, {**UNCHANGED, "weights": {"blue": 10, "green": 90}}).closed == ""
    assert wanted(closed, {**UNCHANGED, "closed": "none"}).tables()["release.map"] == {"release": "r2", "live": "green"}


def test_a_slot_with_traffic_cannot_be_closed() -> None:
    with pytest.raises(InputError, match="closed: blue gets 100 % of the traffic"):
        wanted(Settings(), {**UNCHANGED, "closed": "blue"})
