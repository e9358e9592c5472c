from __future__ import annotations

from tools.load.tally import FIRST_FAILURES, Failure, Latencies, Tally, outside


def failure(started: float, ended: float) -> Failure:
    return Failure(started, ended, "reset", "GET /orders", None, None)


def test_percentiles_are_within_five_percent_of_the_truth() -> None:
    latencies = Latencies()
    for milliseconds in range(1, 1001):
        latencies.add(float(milliseconds))
    for share, truth in ((0.5, 500), (0.95, 950), (0.99, 990)):
        measured = latencies.percentile(share)
        assert measured is not None
        assert truth <= measured <= truth * 1.05


def test_no_percentile_exceeds_the_longest_request() -> None:
    latencies = Latencies()
    latencies.add(100.0)
    assert latencies.percentile(0.99) == latencies.longest == 100.0


def test_there_are_no_percentiles_without_requests() -> None:
    assert Latencies().percentile(0.5) is None


def test_sent_is_ok_plus_failed_plus_in_flight() -> None:
    tally = Tally()
    tally.sent = 5
    tally.succeed("list", 200, "1.0", 3.0)
    tally.fail("order", failure(1.0, 2.0))
    report = tally.report(elapsed=2.0)
    assert (report["sent"], report["ok"], report["failed"], report["in_flight"]) == (5, 1, 1, 3)
    assert report["by_status"] == {"200": 1, "reset": 1}
    assert report["by_version"] == {"1.0": 1, "none": 1}


def test_visits_that_asked_to_be_slow_are_counted_but_not_in_the_percentiles() -> None:
    tally = Tally()
    tally.succeed("slow", 200, "1.0", 1000.0)
    assert tally.report(1.0)["p99"] is None
    assert tally.report(1.0)["by_kind"] == {"slow": 1}


def test_the_report_keeps_the_first_failures_and_counts_all() -> None:
    tally = Tally()
    for number in range(FIRST_FAILURES + 10):
        tally.fail("list", failure(number, number + 1))
    report = tally.report(1.0)
    assert report["failed"] == FIRST_FAILURES + 10
    assert [entry["started"] for entry in report["failures"]] == list(range(FIRST_FAILURES))


def test_a_failure_belongs_to_a_window_when_it_ran_at_any_moment_of_it() -> None:
    window = (10.0, 20.0)
    before, into, within, out_of, after = (failure(*span) for span in ((5, 9.9), (9, 11), (12, 13), (19, 25), (20.1, 21)))
    assert outside([before, into, within, out_of, after], [window]) == [before, after]


def test_without_windows_every_failure_counts() -> None:
    assert outside([failure(1, 2)], []) == [failure(1, 2)]
