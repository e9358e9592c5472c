"""Moments as a crontab writes them, and what systemd calls them."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.calendar import on_calendar, read_calendar

HOUR = 3600


@pytest.mark.parametrize(
    ("text", "systemd", "gap_hours"),
    [
        ("0 2 * * *", "*-*-* 02:00:00", 24),
        ("0 1 * * 0", "Sun *-*-* 01:00:00", 168),
        ("0 1 * * 7", "Sun *-*-* 01:00:00", 168),
        ("*/15 * * * *", "*-*-* *:00,15,30,45:00", 0.25),
        ("5 8-18/5 * * Mon-fri", "Mon,Tue,Wed,Thu,Fri *-*-* 08,13,18:05:00", 62),
        ("30 4 1 1,Jul *", "*-01,07-01 04:30:00", 184 * 24),
        ("0 0 29 2 *", "*-02-29 00:00:00", (8 * 365 + 1) * 24),
        ("@weekly", "Sun *-*-* 00:00:00", 168),
    ],
)
def test_a_line_of_a_crontab_is_the_same_for_systemd(text: str, systemd: str, gap_hours: float) -> None:
    calendar = read_calendar(text)
    assert on_calendar(calendar) == systemd
    assert calendar.longest_gap == gap_hours * HOUR


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 2 * *", "has 4 fields instead of five"),
        ("daily", "has 1 fields instead of five"),
        ("61 2 * * *", "'61' is no minute"),
        ("0 2 * * x", "'x' is no day of the week"),
        ("0 22-2 * * *", "'22-2' is no hour, for it holds nothing"),
        ("0 */0 * * *", "'*/0' is no hour, for it holds nothing"),
        ("0 2 1 * 1", "cron and systemd disagree"),
        ("0 2 31 2 *", "never comes"),
        ("", "has 0 fields"),
    ],
)
def test_what_makes_no_sense_is_refused_with_an_example(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said.replace("*", r"\*")) as caught:
        read_calendar(text)
    assert "'0 2 * * *' is daily" in str(caught.value) or "Leave one of them *" in str(caught.value)
