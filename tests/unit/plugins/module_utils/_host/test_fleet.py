"""What several hosts say, put together."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._host.fleet import failure_reason, platform_status, unreached

AWAY = {"item": "lb2", "unreachable": True, "msg": "Failed to connect to the host via ssh: Connection refused\nmore"}


def web(host: str, blue: str | None = "r1", state: str = "running") -> dict[str, t.Any]:
    empty = {"release_id": None, "version": None, "commit": None, "artifact_sha256": None, "state": "absent"}
    return {"item": host, "slots": {"blue": {**empty, "release_id": blue, "state": state, "port": 8081}, "green": empty}}


def router(host: str, green: int = 0, fence: int = 7) -> dict[str, t.Any]:
    shown = {
        "live_slot": "blue",
        "idle_slot": "green",
        "weights": {"blue": 100 - green, "green": green},
        "servers": {"blue": {"healthy": True}, "green": None},
        "fence": fence,
        "rolled_back": {"id": host},
    }
    return {"item": host, "router": shown}


def test_one_host_is_shown_as_it_is() -> None:
    shown = platform_status([{**web("shop"), **router("shop")}], ["shop"])
    assert (shown["live_slot"], shown["weights"], shown["fence"]) == ("blue", {"blue": 100, "green": 0}, 7)
    assert (shown["slots"]["blue"]["release_id"], shown["slots"]["blue"]["state"]) == ("r1", "running")
    assert (shown["rolled_back"], shown["disagreements"]) == ({"id": "shop"}, [])


def test_a_slot_holds_what_all_web_hosts_hold_and_runs_when_it_runs_on_all() -> None:
    assert platform_status([web("web1"), web("web2"), router("lb1")], ["lb1"])["slots"]["blue"]["release_id"] == "r1"
    shown = platform_status([web("web1"), web("web2", "r0"), router("lb1")], ["lb1"])
    assert shown["slots"]["blue"]["release_id"] is None
    assert shown["disagreements"] == ["blue holds r1 on web1, r0 on web2."]
    shown = platform_status([web("web1"), web("web2", state="stopped"), router("lb1")], ["lb1"])
    assert shown["slots"]["blue"]["state"] == "stopped"


def test_the_shares_are_not_settled_while_one_router_differs_and_the_primary_says_who_is_live() -> None:
    shown = platform_status([web("web1"), router("lb2", 100, fence=9), router("lb1")], ["lb1", "lb2"])
    assert (shown["weights"], shown["live_slot"], shown["fence"]) == ({"blue": 0, "green": 100}, "blue", 9)
    assert shown["disagreements"] == ["The router lb2 gives green 100 %, the primary lb1 gives it 0 %."]
    assert shown["rolled_back"] == {"id": "lb1"}


def test_who_is_away_is_named_with_the_first_line_of_why() -> None:
    assert unreached([router("lb1"), AWAY]) == "lb2 cannot be reached: Failed to connect to the host via ssh: Connection refused."
    assert unreached([router("lb1"), {"skipped": True, "item": "lb2"}]) == ""
    assert unreached([{"unreachable": True, "msg": "timed out"}]) == "The primary router cannot be reached: timed out."
    assert unreached([{"skipped": True}]) == ""
    assert unreached([{"unreachable": True, "msg": "Task failed: No route to host"}], "shop") == "shop cannot be reached: No route to host."


def test_two_names_for_one_machine_are_a_host_that_was_not_reached() -> None:
    """As when an inventory says `ansible_host: "{{ inventory_hostname }}.example.org"`."""
    web1, lb1 = {**web("web1"), "machine": "lb1 boot"}, {**router("lb1"), "machine": "lb1 boot"}
    assert "lb1 was not reached: its connection leads to the machine of web1." in unreached([web1, lb1])
    assert unreached([{**web1, "item": "lb1"}, lb1]) == ""
    assert unreached([{**web1, "machine": "web1 boot"}, lb1]) == ""


def test_a_loop_over_one_host_fails_with_what_the_module_said() -> None:
    assert failure_reason({"failed": True, "msg": "port: 8082 is taken."}) == "port: 8082 is taken."
    loop = {"msg": "One or more items failed", "results": [{"item": "shop", "failed": True, "msg": "port: 8082 is taken."}]}
    assert failure_reason(loop) == "port: 8082 is taken."


def test_a_loop_over_several_hosts_says_where() -> None:
    items = [{"item": "web1", "changed": True}, {"item": "web2", "failed": True, "msg": "port: 8082 is taken."}, AWAY]
    said = failure_reason({"msg": "One or more items failed", "results": items})
    assert said.startswith("web2: port: 8082 is taken. lb2: Failed to connect")


def test_a_loop_with_a_variable_of_its_own_says_which_round_failed() -> None:
    rounds = [{"ansible_loop_var": "bucket", "bucket": name, "failed": True, "msg": "it is away."} for name in ("avatars", {"a": 1})]
    assert failure_reason({"results": rounds}) == "avatars: it is away. it is away."


def test_a_failure_without_a_word_is_said_too() -> None:
    assert failure_reason({"failed": True}) == "the task gave no reason"
    assert failure_reason({"reason": "syntax"}) == "syntax"
