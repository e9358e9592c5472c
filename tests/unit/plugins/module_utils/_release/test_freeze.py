"""Times in which nothing is deployed. 2026-11-21 is a Saturday."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._release.freeze import frozen_by

WEEKEND: dict[str, t.Any] = {"name": "weekend", "from": "fri 16:00", "to": "mon 08:00", "timezone": "Europe/Amsterdam"}
NIGHTS: dict[str, t.Any] = {"name": "nights", "from": "22:00", "to": "06:00"}
YEAR_END: dict[str, t.Any] = {"name": "year end", "start": "2026-12-18 17:00", "end": "2027-01-03", "timezone": "Europe/Amsterdam"}


def until(window: dict[str, t.Any], moment: str) -> str | None:
    found = frozen_by([window], datetime.datetime.fromisoformat(moment).replace(tzinfo=datetime.timezone.utc))
    return found.until if found else None


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-20T14:59:59", None),
        ("2026-11-20T15:00:00", "2026-11-23 08:00 Europe/Amsterdam"),
        ("2026-11-22T23:59:00", "2026-11-23 08:00 Europe/Amsterdam"),
        ("2026-11-23T06:59:59", "2026-11-23 08:00 Europe/Amsterdam"),
        ("2026-11-23T07:00:00", None),
        ("2026-07-17T14:00:00", "2026-07-20 08:00 Europe/Amsterdam"),  # in summer, 16:00 there is 14:00 in UTC
        ("2026-07-17T13:59:00", None),
    ],
)
def test_a_weekly_window_goes_over_the_end_of_the_week_and_by_the_clock_on_the_wall(moment: str, end: str | None) -> None:
    assert until(WEEKEND, moment) == end


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-21T21:59:00", None),
        ("2026-11-21T22:00:00", "2026-11-22 06:00 UTC"),
        ("2026-11-22T05:59:00", "2026-11-22 06:00 UTC"),
        ("2026-11-22T06:00:00", None),
        ("2026-11-23T00:30:00", "2026-11-23 06:00 UTC"),
    ],
)
def test_a_window_that_ends_before_it_begins_ends_on_the_next_day(moment: str, end: str | None) -> None:
    assert until(NIGHTS, moment) == end


def test_a_window_on_a_weekday_begins_on_that_day_only_and_may_end_after_it() -> None:
    window = {**NIGHTS, "days": ["sat"]}
    assert until(window, "2026-11-20T23:00:00") is None
    assert until(window, "2026-11-22T05:00:00") == "2026-11-22 06:00 UTC"
    assert until(window, "2026-11-22T23:00:00") is None


def test_whole_days_need_no_times() -> None:
    assert until({"days": ["sat", "sun"]}, "2026-11-21T00:00:00") == "2026-11-22 00:00 UTC"
    assert until({"days": ["mon"]}, "2026-11-21T00:00:00") is None


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-12-18T15:59:00", None),
        ("2026-12-18T16:00:00", "2027-01-04 00:00 Europe/Amsterdam"),
        ("2027-01-03T22:59:00", "2027-01-04 00:00 Europe/Amsterdam"),
        ("2027-01-03T23:00:00", None),
    ],
)
def test_a_range_of_dates_lasts_to_the_end_of_its_last_day(moment: str, end: str | None) -> None:
    assert until(YEAR_END, moment) == end


def test_what_yaml_reads_as_a_date_or_as_a_number_is_understood() -> None:
    dates = {"start": datetime.date(2026, 11, 21), "end": datetime.datetime(2026, 11, 21, 12, 0)}
    assert until(dates, "2026-11-21T11:59:00") == "2026-11-21 12:00 UTC"
    assert until({"from": 16 * 60, "to": "17:00"}, "2026-11-21T16:30:00") == "2026-11-21 17:00 UTC"  # 16:00 without quotes


def test_of_several_windows_the_one_that_ends_last_is_named() -> None:
    moment = datetime.datetime(2026, 11, 21, 23, 0, tzinfo=datetime.timezone.utc)
    found = frozen_by([NIGHTS, WEEKEND, YEAR_END], moment)
    assert found
    assert found.name == "weekend"
    assert frozen_by([], moment) is None


@pytest.mark.parametrize(
    ("window", "says"),
    [
        ({"name": "x", "form": "16:00"}, "form is unknown"),
        ({"name": "x"}, "neither a weekly window nor a range of dates"),
        ({"start": "2026-12-18"}, "neither a weekly window nor a range of dates"),
        ({"start": "2026-12-18", "end": "2026-12-20", "days": ["mon"]}, "neither a weekly window nor a range of dates"),
        ({"from": "25:00"}, "from is '25:00'"),
        ({"from": "16:60"}, "from is '16:60'"),
        ({"from": "noon"}, "from is 'noon'"),
        ({"from": "fri 16:00", "to": "08:00"}, "name the weekday in both"),
        ({"from": "fri 16:00", "to": "mon 08:00", "days": ["fri"]}, "name the weekday in both"),
        ({"from": "foo 16:00", "to": "mon 08:00"}, "'foo' is not a weekday"),
        ({"days": ["friday"]}, "'friday' is not a weekday"),
        ({"start": "2026-13-01", "end": "2026-12-20"}, "start is '2026-13-01'"),
        ({"start": "2026-12-20", "end": "2026-12-18"}, "ends before it starts"),
        ({"days": ["mon"], "timezone": "Europe/Amsterdm"}, "the time zone 'Europe/Amsterdm' is not known here"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused_and_named(window: dict[str, t.Any], says: str) -> None:
    with pytest.raises(InputError, match="portal_deploy_freeze: '") as caught:
        until(window, "2026-11-21T12:00:00")
    assert says in str(caught.value)
