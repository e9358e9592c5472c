"""How long to wait before asking a hosted API again."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._core import patience


def test_failures_are_answered_with_growing_pauses_and_at_last_with_none() -> None:
    pauses = [patience.after_failure(number) for number in range(1, patience.TRIES)]
    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0]
    assert patience.after_failure(patience.TRIES) is None
