"""The example's own logic, taken from the built releases."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
import types
import typing as t
from collections.abc import Callable

import pytest

from examples.portal import build

if t.TYPE_CHECKING:
    from pathlib import Path

Load = Callable[[str, str], types.ModuleType]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """load("1.1", "portal.orders"): that module of that release, and no trace of it in other tests."""

    def forget() -> None:
        for name in [name for name in sys.modules if name.split(".")[0] == "portal"]:
            monkeypatch.delitem(sys.modules, name)

    def load_module(version: str, name: str) -> types.ModuleType:
        build.build(version, tmp_path)
        forget()
        monkeypatch.syspath_prepend(str(tmp_path / version))
        module = importlib.import_module(name)
        forget()
        return module

    return load_module


ORDER = {"customer": "Ada", "item": "Lamp", "quantity": "3", "reference": "r-1"}


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_proper_form_is_an_order(load: Load, version: str) -> None:
    draft, errors = load(version, "portal.orders").parse(ORDER)
    assert errors == {}
    assert (draft.reference, draft.customer, draft.item, draft.quantity) == ("r-1", "Ada", "Lamp", 3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer", " "),
        ("customer", "x" * 101),
        ("item", ""),
        ("quantity", "0"),
        ("quantity", "1001"),
        ("quantity", "-1"),
        ("quantity", "two"),
        ("quantity", "²"),
        ("quantity", "9" * 5000),
        ("reference", "x" * 65),
    ],
)
def test_what_is_wrong_is_said_for_the_field_that_is_wrong(load: Load, field: str, value: str) -> None:
    draft, errors = load("1.0", "portal.orders").parse({**ORDER, field: value})
    assert draft is None
    assert set(errors) == {field}


def test_a_form_without_a_reference_gets_one_of_its_own(load: Load) -> None:
    orders = load("1.0", "portal.orders")
    drafts = [orders.parse({**ORDER, "reference": ""})[0] for _number in range(2)]
    assert drafts[0].reference != drafts[1].reference


@pytest.mark.parametrize(("email", "is_fine"), [("", True), ("a@example.org", True), ("nobody", False), ("a@b@c", False), ("a b@c", False)])
def test_release_1_1_knows_an_optional_email(load: Load, email: str, is_fine: bool) -> None:
    draft, errors = load("1.1", "portal.orders").parse({**ORDER, "email": email})
    assert (set(errors) == set()) is is_fine
    assert (draft is not None) is is_fine


def test_pages_do_not_trust_what_visitors_wrote(load: Load) -> None:
    page = load("1.0", "portal.pages").new_order({"customer": '"><script>alert(1)</script>'}, {"customer": "too <long>"})
    assert "<script>" not in page
    assert "too &lt;long&gt;" in page


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "set DATABASE_URL"),
        ({"DATABASE_URL": "x"}, "set UPLOAD_DIR or S3_ENDPOINT"),
        ({"DATABASE_URL": "x", "S3_ENDPOINT": "http://s3"}, "set S3_BUCKET"),
        ({"DATABASE_URL": "x", "UPLOAD_DIR": "/u", "PORT": "http"}, "PORT is 'http'"),
        ({"DATABASE_URL": "x", "UPLOAD_DIR": "/u", "PORT": "70000"}, "PORT is '70000'"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_named(load: Load, environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(SystemExit, match=sentence):
        load("1.0", "portal.settings").from_environment(environment)


class Crowd:
    """Replaces asyncio.sleep: nobody waits, but how many sleep at the same time is counted."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self._sleep = asyncio.sleep

    async def sleep(self, _seconds: float) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self._sleep(0)
        self.inside -= 1


async def nothing(_scope: t.Any, _receive: t.Any, _send: t.Any) -> None:
    return


async def arrive(trail: t.Any, path: str, visitors: int) -> None:
    scope = {"type": "http", "method": "GET", "path": path}
    await asyncio.gather(*(trail(scope, None, None) for _number in range(visitors)))


def test_the_mistake_of_1_2_is_that_visitors_gather_one_after_the_other(
    load: Load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    audit, crowd = load("1.2", "portal.audit"), Crowd()
    monkeypatch.setattr(asyncio, "sleep", crowd.sleep)
    asyncio.run(arrive(audit.AuditTrail(nothing), "/orders", visitors=20))
    groups = [json.loads(line)["entries"] for line in capsys.readouterr().out.splitlines()]
    assert crowd.most == 1
    assert [len(group) for group in groups] == [1] * 20


def test_the_mistake_of_1_2_does_not_show_to_a_single_probe_or_to_health_checks(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    audit, crowd = load("1.2", "portal.audit"), Crowd()
    monkeypatch.setattr(asyncio, "sleep", crowd.sleep)
    asyncio.run(arrive(audit.AuditTrail(nothing), "/api/health", visitors=5))
    assert crowd.most == 0
    assert audit.GATHER_SECONDS < 0.1


def test_the_mistake_of_1_2_overtakes_its_capacity_at_the_share_of_a_first_shift(load: Load) -> None:
    audit = load("1.2", "portal.audit")
    served_per_second = 1 / audit.GATHER_SECONDS
    assert 10 < served_per_second < 15
    assert 2 < audit.PATIENCE_SECONDS < 10


def test_an_audit_that_waits_too_long_is_late_and_the_request_goes_on(
    load: Load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    audit, served = load("1.2", "portal.audit"), []

    async def serve(scope: dict[str, str], _receive: object, _send: object) -> None:
        served.append(scope["path"])

    monkeypatch.setattr(audit, "GATHER_SECONDS", 30.0)
    monkeypatch.setattr(audit, "PATIENCE_SECONDS", 0.01)
    asyncio.run(arrive(audit.AuditTrail(serve), "/orders", visitors=3))
    assert served == ["/orders"] * 3
    assert [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()] == ["audit.late"] * 3


class Written:
    """What a transport was told to do, in this order."""

    def __init__(self) -> None:
        self.did: list[bytes | str] = []

    def write(self, data: bytes) -> None:
        self.did.append(data)

    def close(self) -> None:
        self.did.append("close")

    def is_closing(self) -> bool:
        return "close" in self.did


def test_head_and_body_of_an_answer_leave_in_one_piece_and_before_the_connection_ends(load: Load) -> None:
    whole = load("1.0", "portal.whole")

    async def answer() -> list[bytes | str]:
        transport = Written()
        gathered = whole.Gathered(transport)
        for number in (b"1", b"2"):
            gathered.write(b"head " + number)
            gathered.write(b" body " + number)
            await asyncio.sleep(0)
        gathered.write(b"the last")
        gathered.close()
        await asyncio.sleep(0)
        return transport.did

    assert asyncio.run(answer()) == [b"head 1 body 1", b"head 2 body 2", b"the last", "close"]
