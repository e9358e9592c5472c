"""How long to wait before asking Vercel again."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.patience import UNSAID
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import patience

NOW = 1_795_290_000.0


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "7"}, {}, 7.0),
        ({"Retry-After": "Sat, 21 Nov 2026 19:40:30 GMT"}, {}, 30.0),
        ({"Retry-After": "7"}, {"error": {"limit": {"reset": NOW + 99}}}, 7.0),
        ({}, {"error": {"limit": {"reset": NOW + 25200}}}, 25200.0),
        ({"X-RateLimit-Reset": str(int(NOW) + 4)}, {}, 4.0),
        ({"X-RateLimit-Reset": str(int(NOW) - 4)}, {}, 0.0),
        ({"Retry-After": "soon"}, ["no", "object"], UNSAID),
        ({}, None, UNSAID),
    ],
)
def test_a_429_is_believed_in_the_order_retry_after_body_header(headers: dict[str, str], body: object, seconds: float) -> None:
    assert patience.after_limit(headers, body, NOW) == pytest.approx(seconds)
