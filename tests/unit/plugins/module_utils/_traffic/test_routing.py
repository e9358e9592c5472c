"""What a task on a router does, against a router that answers on a real socket."""

from __future__ import annotations

import fcntl
import pathlib
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import (
    ConflictError,
    DeadlineError,
    InputError,
    NotFoundError,
    WebopsError,
)
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.haproxy import RouterDownError
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.routing import route, show_router

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
    from tests.unit.fake_clock import FakeClock

    from .conftest import FakeRouter

TOKEN = "a-preview-token-of-a-portal"


@pytest.fixture
def provisioned(router: FakeRouter, make_call: Callable[..., Call]) -> FakeRouter:
    """A router that was started with the files of a first provisioning."""
    route(make_call(state="configured"))
    router.load_files()
    router.orders.clear()
    return router


def files(directory: pathlib.Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in directory.iterdir() if path.is_file() and path.name != ".lock"}


def test_the_first_provisioning_lays_files_that_send_everybody_to_blue(tmp_path: pathlib.Path, make_call: Callable[..., Call]) -> None:
    outcome = route(make_call(directory=str(tmp_path / "router"), state="configured", preview_token=TOKEN))
    assert outcome.changed
    assert files(tmp_path / "router") == {
        "slots.map": "green_pct 0\nmaint 0\n",
        "release.map": "release none\nlive blue\n",
        "preview.map": f"{TOKEN}-blue blue\n{TOKEN}-green green\n",
    }
    assert {(tmp_path / "router" / name).stat().st_mode & 0o777 for name in files(tmp_path / "router")} == {0o600}


def test_provisioning_again_keeps_the_traffic_where_it_is(
    provisioned: FakeRouter, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    route(make_call(weights={"blue": 0, "green": 100}), clock)
    assert not route(make_call(state="configured"), clock).changed
    assert provisioned.maps["slots.map"]["green_pct"] == "100"


def test_a_shift_is_in_the_files_and_in_the_router(
    provisioned: FakeRouter, tmp_path: pathlib.Path, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    outcome = route(make_call(weights={"blue": 90, "green": 10}, release="r42"), clock)
    assert outcome.before["router"]["weights"] == {"blue": 100, "green": 0}
    assert outcome.after["router"]["weights"] == {"blue": 90, "green": 10}
    assert outcome.values["switch_ms"] > 0
    assert provisioned.maps["slots.map"] == {"green_pct": "10", "maint": "0"}
    assert (tmp_path / "slots.map").read_text() == "green_pct 10\nmaint 0\n"
    assert provisioned.orders[-1] == f"set map {tmp_path}/slots.map green_pct 10"


def test_the_same_shift_again_changes_nothing_and_asks_for_nothing(
    provisioned: FakeRouter, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    route(make_call(weights={"blue": 90, "green": 10}), clock)
    provisioned.orders.clear()
    outcome = route(make_call(weights={"blue": 90, "green": 10}, fencing=7), clock)
    assert not outcome.changed
    assert outcome.values["switch_ms"] is None
    assert provisioned.orders == []


@pytest.mark.parametrize(
    "params",
    [{"weights": {"blue": 50, "green": 50}}, {"maintenance": True}, {"preview_token": TOKEN, "release": "r1", "fencing": 3}],
)
def test_check_mode_predicts_what_the_real_run_then_does(
    provisioned: FakeRouter, tmp_path: pathlib.Path, make_call: Callable[..., Call], clock: FakeClock, params: dict[str, t.Any]
) -> None:
    before = files(tmp_path)
    predicted = route(make_call(check_mode=True, **params), clock)
    assert (files(tmp_path), provisioned.orders) == (before, [])
    real = route(make_call(**params), clock)
    assert (predicted.before, predicted.after) == (real.before, real.after)
    assert predicted.values["router"] == real.values["router"]


def test_the_live_slot_stays_the_old_one_until_the_new_one_has_everything(
    provisioned: FakeRouter, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    live = [
        route(make_call(weights={"blue": 100 - green, "green": green}), clock).values["router"]["live_slot"]
        for green in (10, 50, 90, 100, 50)
    ]
    assert live == ["blue", "blue", "blue", "green", "green"]


def test_a_change_by_hand_is_reported_and_corrected(provisioned: FakeRouter, make_call: Callable[..., Call], clock: FakeClock) -> None:
    provisioned.maps["slots.map"]["green_pct"] = "70"
    assert show_router(make_call()).values["drift"] == ["slots.map: green_pct is 70 in the router and 0 in the file"]
    outcome = route(make_call(), clock)
    assert outcome.changed
    assert outcome.values["drift"] == ["slots.map: green_pct is 70 in the router and 0 in the file"]
    assert provisioned.maps["slots.map"]["green_pct"] == "0"


def test_an_older_lease_is_refused_and_a_newer_one_remembered(
    provisioned: FakeRouter, tmp_path: pathlib.Path, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    assert route(make_call(fencing=9, weights={"blue": 50, "green": 50}), clock).values["router"]["fence"] == 9
    with pytest.raises(ConflictError, match=r"fencing: 8 is older than 9"):
        route(make_call(fencing=8, weights={"blue": 0, "green": 100}), clock)
    assert provisioned.maps["slots.map"]["green_pct"] == "50"
    assert (tmp_path / "fence").read_text() == "9\n"


def test_a_slot_that_the_router_finds_down_gets_no_traffic(
    provisioned: FakeRouter, tmp_path: pathlib.Path, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    provisioned.set_server("green", status="DOWN")
    before = files(tmp_path)
    with pytest.raises(DeadlineError, match="finds green not healthy"):
        route(make_call(weights={"blue": 50, "green": 50}, fencing=3), clock)
    assert (files(tmp_path), provisioned.orders) == (before, [])


def test_a_slot_that_comes_up_in_time_gets_its_share(provisioned: FakeRouter, make_call: Callable[..., Call], clock: FakeClock) -> None:
    provisioned.set_server("green", status="DOWN")
    clock.on_sleep = lambda: provisioned.set_server("green", status="UP")
    assert route(make_call(weights={"blue": 50, "green": 50}), clock).changed


def test_with_both_slots_down_an_undo_still_happens_with_a_warning(
    provisioned: FakeRouter, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    route(make_call(weights={"blue": 0, "green": 100}), clock)
    provisioned.set_server("green", status="DOWN")
    provisioned.set_server("blue", status="DOWN")
    outcome = route(make_call(weights={"blue": 100, "green": 0}), clock)
    assert "neither slot healthy" in outcome.warnings[0]
    assert provisioned.maps["slots.map"]["green_pct"] == "0"


def test_a_router_that_is_down_is_said_before_anything_is_touched(tmp_path: pathlib.Path, make_call: Callable[..., Call]) -> None:
    route(make_call(state="configured"))
    before = files(tmp_path)
    with pytest.raises(RouterDownError, match=r"No router answers on .*router\.sock"):
        route(make_call(weights={"blue": 0, "green": 100}))
    assert files(tmp_path) == before


def test_a_router_that_takes_a_change_and_does_not_show_it_is_an_error(
    provisioned: FakeRouter, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    provisioned.ignores_changes = True
    with pytest.raises(WebopsError, match=r"does not show it: slots\.map: green_pct is 0"):
        route(make_call(weights={"blue": 50, "green": 50}), clock)


def test_a_socket_of_another_portal_is_noticed(
    provisioned: FakeRouter, tmp_path: pathlib.Path, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    other = str(tmp_path / "other")
    route(make_call(directory=other, state="configured"))
    with pytest.raises(ConflictError, match="does not use"):
        route(make_call(directory=other, socket=str(tmp_path / "router.sock")), clock)


def test_a_directory_without_maps_is_not_a_router(router: FakeRouter, make_call: Callable[..., Call]) -> None:
    with pytest.raises(NotFoundError, match=r"holds no slots\.map"):
        route(make_call(weights={"blue": 100, "green": 0}))


def test_a_drain_waits_until_the_last_request_has_ended(provisioned: FakeRouter, make_call: Callable[..., Call], clock: FakeClock) -> None:
    provisioned.set_server("green", scur=3)

    def end_one() -> None:
        row = provisioned.servers[("slot_green", "green")]
        row["scur"] = max(t.cast(int, row["scur"]) - 1, 0)

    clock.on_sleep = end_one
    outcome = route(make_call(drain="green"), clock)
    assert (outcome.values["drained"], outcome.values["sessions_closed"]) == (True, 0)
    assert outcome.values["router"]["servers"]["green"]["in_flight"] == 0
    assert not outcome.changed


def test_a_drain_that_ends_too_late_fails_and_cuts_nothing(
    provisioned: FakeRouter, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    provisioned.set_server("green", scur=2)
    with pytest.raises(DeadlineError, match="green still answers 2 requests after 5 s") as failure:
        route(make_call(drain="green", drain_timeout=5.0), clock)
    assert failure.value.details == {"in_flight": 2}
    assert provisioned.servers[("slot_green", "green")]["scur"] == 2


def test_a_forced_drain_cuts_what_is_left(provisioned: FakeRouter, make_call: Callable[..., Call], clock: FakeClock) -> None:
    provisioned.set_server("green", scur=2)
    provisioned.set_server("green", backend="slot_blue", scur=1)
    outcome = route(make_call(drain="green", drain_timeout=5.0, drain_force=True), clock)
    assert (outcome.values["drained"], outcome.values["sessions_closed"]) == (True, 3)


def test_a_slot_with_traffic_is_not_drained(provisioned: FakeRouter, make_call: Callable[..., Call], clock: FakeClock) -> None:
    with pytest.raises(ConflictError, match="blue still gets 100 %"):
        route(make_call(drain="blue"), clock)


def test_two_tasks_at_once_follow_one_another(
    provisioned: FakeRouter, tmp_path: pathlib.Path, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    with (tmp_path / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(DeadlineError, match="the lock of"):
            route(make_call(weights={"blue": 50, "green": 50}), clock)
        clock.on_sleep = lambda: fcntl.flock(other, fcntl.LOCK_UN)
        assert route(make_call(weights={"blue": 50, "green": 50}), clock).changed


def test_what_a_killed_task_left_lying_is_cleared_away(
    provisioned: FakeRouter, tmp_path: pathlib.Path, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    (tmp_path / ".slots.map.k3jx_1").write_text("green_p")
    route(make_call(weights={"blue": 50, "green": 50}), clock)
    assert {path.name for path in tmp_path.iterdir()} == {".lock", "preview.map", "release.map", "router.sock", "slots.map"}


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"weights": {"blue": 60, "green": 50}}, "weights: blue 60 and green 50"),
        ({"weights": {"blue": -10, "green": 110}}, "weights: blue -10 and green 110"),
        ({"release": "r 42"}, "release: 'r 42'"),
        ({"release": "r42;show info"}, "release:"),
        ({"preview_token": "short"}, "preview_token: the value is not usable"),
        ({"directory": "/srv/my portal"}, "directory: '/srv/my portal'"),
        ({"socket": "/tmp/" + "s" * 100}, "socket: .* has 105 characters; HAProxy takes at most 97"),
    ],
)
def test_bad_input_is_named_and_touches_nothing(
    provisioned: FakeRouter, tmp_path: pathlib.Path, make_call: Callable[..., Call], params: dict[str, t.Any], sentence: str
) -> None:
    before = files(tmp_path)
    with pytest.raises(InputError, match=sentence):
        route(make_call(**params))
    assert (files(tmp_path), provisioned.orders) == (before, [])


def test_the_preview_token_is_in_no_result(provisioned: FakeRouter, make_call: Callable[..., Call], clock: FakeClock) -> None:
    outcome = route(make_call(preview_token=TOKEN), clock)
    assert outcome.changed
    assert provisioned.maps["preview.map"] == {f"{TOKEN}-blue": "blue", f"{TOKEN}-green": "green"}
    assert TOKEN not in str(outcome) + str(show_router(make_call()))
    route(make_call(preview_token=""), clock)
    assert provisioned.maps["preview.map"] == {}


def test_a_machine_without_a_router_is_a_value_for_the_reader(tmp_path: pathlib.Path, make_call: Callable[..., Call]) -> None:
    router = show_router(make_call(directory=str(tmp_path / "nothing"))).values["router"]
    assert router == {
        "configured": False,
        "running": False,
        "weights": None,
        "live_slot": None,
        "idle_slot": None,
        "release": None,
        "maintenance": None,
        "closed": None,
        "fence": 0,
        "rolled_back": None,
        "servers": {"blue": None, "green": None},
    }


def test_while_the_router_is_down_its_files_are_read(tmp_path: pathlib.Path, make_call: Callable[..., Call]) -> None:
    route(make_call(state="configured", weights={"blue": 0, "green": 100}, release="r7"))
    router = show_router(make_call()).values["router"]
    assert (router["running"], router["live_slot"], router["release"]) == (False, "green", "r7")


@pytest.mark.parametrize(
    ("content", "sentence"), [("green_pct many\n", "green_pct is 'many'"), ("green_pct\n", "line 1"), ("green_pct 101\n", "0 to 100")]
)
def test_a_spoilt_map_file_is_said(tmp_path: pathlib.Path, make_call: Callable[..., Call], content: str, sentence: str) -> None:
    route(make_call(state="configured"))
    (tmp_path / "slots.map").write_text(content)
    with pytest.raises(WebopsError, match=sentence):
        route(make_call(state="configured"))
