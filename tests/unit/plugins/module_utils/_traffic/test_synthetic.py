"""Requests of our own: how many, from where, and what becomes of those that hang."""

from __future__ import annotations

import collections
import threading
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.synthetic import (
    NO_ANSWER,
    SyntheticRequests,
    send_over,
    synthetic_requests,
)

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Request
    from ansible_collections.holdfast.webops.plugins.module_utils._traffic.samples import Sample

HEADERS = {"X-Holdfast-Preview": "token-green"}
PATHS = {"paths": ["/", "/api/orders?limit=1"], "per_second": 10}


@pytest.fixture
def call(make_call: Callable[..., Call]) -> Callable[..., Call]:
    def make(**params: t.Any) -> Call:
        given = {"candidate": "green", "base_url": "http://127.0.0.1:9/", "headers": None, "secret_headers": HEADERS, "synthetic": PATHS}
        return make_call(**{**given, **params})

    return make


def prepared(call: Call, send: Callable[[Request], int]) -> SyntheticRequests:
    """Those of a task, sent by a stand-in."""
    made = synthetic_requests(call, SystemClock(), overdue_after=2.0)
    made._send = send
    return made


def gathered(source: SyntheticRequests, number: int) -> list[Sample]:
    samples: list[Sample] = []

    def enough() -> bool:
        samples.extend(source.look().samples)
        return len(samples) >= number

    wait_until(enough, clock=SystemClock(), timeout=60, interval=0.01, what=f"{number} samples")
    return samples


def test_only_what_users_did_not_send_is_sent_labelled_and_in_turn(call: Callable[..., Call]) -> None:
    sent: list[Request] = []

    def send(request: Request) -> int:
        sent.append(request)
        return 200

    with prepared(call(), send) as source:
        source.top_up(4, 0.01 * 100)
        samples = gathered(source, 6)
        source.top_up(10, 1.0)
        source.top_up(500, 1.0)
        assert source.look().samples == []
    assert {(sample.slot, sample.server, sample.status, sample.is_synthetic) for sample in samples} == {("green", "green", 200, True)}
    assert collections.Counter(request.location.path for request in sent) == {"/": 3, "/api/orders?limit=1": 3}
    assert {request.headers["X-Holdfast-Synthetic"] for request in sent} == {"rollout"}
    assert {request.secret_headers["X-Holdfast-Preview"] for request in sent} == {"token-green"}


def test_a_request_that_hangs_is_overdue_and_does_not_keep_the_window_open(call: Callable[..., Call]) -> None:
    never = threading.Event()
    made = prepared(call(synthetic={"paths": ["/"], "per_second": 1}), lambda request: int(never.wait()))
    made._overdue_after = 0.05
    with made as source:
        source.top_up(0, 1.0)
        wait_until(lambda: source.look().overdue == 1, clock=SystemClock(), timeout=60, interval=0.01, what="an overdue request")
    never.set()


def test_who_is_refused_or_hung_up_on_counts_as_an_error(call: Callable[..., Call]) -> None:
    with prepared(call(), send_over(SystemClock())) as source:
        source.top_up(9, 1.0)
        (sample,) = gathered(source, 1)
    assert (sample.status, sample.is_error) == (NO_ANSWER, True)


def test_without_the_option_nothing_is_sent(call: Callable[..., Call]) -> None:
    with synthetic_requests(call(synthetic=None), SystemClock(), overdue_after=2.0) as source:
        source.top_up(0, 1.0)
        assert source.look().samples == []


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"synthetic": {"paths": ["/"], "per_second": 0}}, "per_second is 0; give 1 to 50"),
        ({"synthetic": {"paths": [], "per_second": 5}}, "synthetic: paths is "),
        ({"synthetic": {"paths": ["https://elsewhere/"], "per_second": 5}}, "give paths like /api/orders"),
        ({"secret_headers": None}, "need base_url and secret_headers"),
        ({"base_url": None}, "need base_url and secret_headers"),
    ],
)
def test_what_could_not_be_sent_is_refused_before_anything_is(call: Callable[..., Call], params: dict[str, t.Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        synthetic_requests(call(**params), SystemClock(), overdue_after=2.0)
