"""When a slot needs nothing, and what is said of it."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._host.health import Answer
from ansible_collections.holdfast.webops.plugins.module_utils._host.layout import Layout
from ansible_collections.holdfast.webops.plugins.module_utils._host.slot import (
    Present,
    Wanted,
    is_as_wanted,
    shown,
    shown_state,
    shown_when_started,
    wanted_of,
)
from ansible_collections.holdfast.webops.plugins.module_utils._host.supervisor import ABSENT, Status

from .scripted_commands import program

WANTED = Wanted(program(), {"release_id": "1.0-a", "version": "1.0"}, b'A="1"\n')
HEALTHY = Answer("http://127.0.0.1:1/", status=204)
PRESENT = Present(Status("running", 42), dict(WANTED.metadata), "1.0-a", WANTED.environment, defined=True, answer=HEALTHY)


def test_a_slot_that_is_as_wanted_needs_nothing() -> None:
    assert is_as_wanted(PRESENT, WANTED)
    assert shown(PRESENT, WANTED.environment) == shown_when_started(WANTED, WANTED.environment)


@pytest.mark.parametrize(
    "change",
    [
        {"status": Status("starting")},
        {"status": Status("stopped")},
        {"status": ABSENT},
        {"metadata": {"release_id": "1.0-a", "version": "1.1"}},
        {"metadata": None},
        {"current": "1.0-b"},
        {"current": None},
        {"environment": b'A="2"\n'},
        {"environment": None},
        {"defined": False},
        {"answer": None},
        {"answer": Answer("u", status=301, location="/login")},
        {"answer": Answer("u", error="Connection refused")},
    ],
)
def test_any_difference_counts_and_is_shown(change: dict[str, t.Any]) -> None:
    present = dataclasses.replace(PRESENT, **change)
    assert not is_as_wanted(present, WANTED)
    assert shown(present, present.environment) != shown_when_started(WANTED, present.environment)


@pytest.mark.parametrize(
    ("status", "metadata", "state"),
    [
        (Status("running", 1), {}, "running"),
        (Status("starting"), {}, "stopped"),
        (Status("failed"), {}, "stopped"),
        (Status("stopped"), None, "stopped"),
        (ABSENT, {}, "stopped"),
        (ABSENT, None, "absent"),
    ],
)
def test_the_state_is_one_of_the_platform_contract(status: Status, metadata: dict[str, t.Any] | None, state: str) -> None:
    assert shown_state(dataclasses.replace(PRESENT, status=status, metadata=metadata)) == state


def test_the_environment_is_never_shown() -> None:
    assert "A=" not in str(shown(PRESENT, None))


PARAMS: dict[str, t.Any] = {
    "portal": "orders",
    "slot": "green",
    "state": "started",
    "release": {"id": "1.0-a", "version": "1.0", "commit": None},
    "artifact_sha256": "",
    "command": ["./start"],
    "environment": {"PORT": 9},
    "secret_environment": {"TOKEN": "123456"},
    "host": "127.0.0.1",
    "port": 8002,
    "user": None,
    "health_path": "/",
    "start_timeout": 60,
    "stop_timeout": 30,
    "limits": None,
    "keep_releases": 4,
}


def test_an_order_knows_its_program_its_record_and_its_environment(tmp_path: t.Any) -> None:
    wanted = wanted_of(Layout(str(tmp_path)), PARAMS)
    assert wanted.program.command == (f"{tmp_path}/slots/green/current/start",)
    assert (wanted.release_id, wanted.metadata["artifact_sha256"], wanted.metadata["commit"]) == ("1.0-a", None, None)
    assert "123456" not in str(wanted.metadata)
    environment = wanted.environment.decode().splitlines()
    assert 'PORT="9"' in environment, "what the portal says about itself comes before what the slot says"
    assert 'HOLDFAST_SLOT="green"' in environment


@pytest.mark.parametrize("root", ["", "srv", "/", "//", "/srv/a b", "/srv/50%", '/srv/"', "/srv/a;b"])
def test_a_root_that_needs_quotes_is_refused(root: str) -> None:
    with pytest.raises(InputError, match=r"^root: "):
        Layout(root)


def test_a_release_is_pointed_to_at_once(tmp_path: t.Any) -> None:
    layout = Layout(str(tmp_path))
    layout.prepare("blue")
    assert layout.current_release("blue") is None
    for name in ("1.0-a", "1.1-b"):
        (tmp_path / "releases" / name).mkdir()
        layout.point("blue", name)
        assert layout.current_release("blue") == name
    (tmp_path / "releases/1.1-b").rmdir()
    assert layout.current_release("blue") is None
