from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration, as_size, as_transfer


@pytest.mark.parametrize(("value", "said"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (302600000, "302.6 MB"), (5 * 10**12, "5.0 TB")])
def test_sizes_are_read_by_people(value: int, said: str) -> None:
    assert as_size(value) == said


@pytest.mark.parametrize(("value", "said"), [(8.1, "8.1 s"), (60, "1 min 0 s"), (3599.6, "1 h 0 min"), (7384, "2 h 3 min")])
def test_durations_are_read_by_people(value: float, said: str) -> None:
    assert as_duration(value) == said


@pytest.mark.parametrize(
    ("done", "total", "seconds", "said"),
    [
        (1_200_000_000, 4_000_000_000, 12.0, "1.2 GB of about 4.0 GB, 100.0 MB/s, 28 s left"),
        (1_200_000_000, None, 12.0, "1.2 GB, 100.0 MB/s"),
        (0, 4_000_000_000, 3.0, "0 B of about 4.0 GB"),
        (5_000, 4_000, 1.0, "5.0 kB of about 5.0 kB, 5.0 kB/s, 0 s left"),
        (0, 0, 0.0, "0 B of about 0 B"),
    ],
)
def test_a_transfer_is_told_with_rate_and_time_left_as_far_as_they_are_known(
    done: int, total: int | None, seconds: float, said: str
) -> None:
    assert as_transfer(done, total, seconds) == said
