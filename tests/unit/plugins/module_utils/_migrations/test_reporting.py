"""The outcome and the failure of a run."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import SqlFile
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Applied
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.reporting import failure, outcome_of
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import Job, Report, StepError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import read_script
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import DatabaseError

ONE = {"1": Applied("1", "a", None)}


def job(version: str, text: str = "select 1", direction: str = "apply") -> Job:
    file = SqlFile(version, "x", f"m/{version}_x.sql", text.encode())
    return Job(file, read_script(file.path, file.content), direction)


def test_a_prediction_equals_what_is_found_afterwards() -> None:
    jobs = [job("2"), job("3", "-- holdfast: phase=post_deployment\nselect 1")]
    predicted = outcome_of(ONE, jobs, {}, ["4"], [], done=None)
    done = outcome_of(ONE, jobs, {}, ["4"], [], done={**ONE, "2": ONE["1"], "3": ONE["1"]})
    assert predicted == done
    assert predicted.changed
    assert predicted.values["pending"] == ["2", "3", "4"]
    assert predicted.values["contracted"] is True
    assert predicted.values["history_head"] == "3"


def test_nothing_to_do_is_no_change() -> None:
    outcome = outcome_of(ONE, [], {}, [], [], done=None, contracted_before=True)
    assert outcome.values["contracted"] is True
    assert not outcome.changed
    assert outcome.values["history_head"] == "1"


def test_a_rollback_lowers_the_head() -> None:
    outcome = outcome_of({**ONE, "2": ONE["1"]}, [job("2", direction="roll_back")], {}, [], [], done=ONE)
    assert outcome.values["rolled_back"] == ["2"]
    assert outcome.values["history_head"] == "1"
    assert outcome.values["contracted"] is False


def test_a_rollback_says_in_which_order_it_goes_back_and_belongs_to_no_phase() -> None:
    two = [job("3", direction="roll_back"), job("2", direction="roll_back")]
    outcome = outcome_of({**ONE, "2": ONE["1"], "3": ONE["1"]}, two, {}, [], [], done=ONE)
    assert [migration["phase"] for migration in outcome.values["migrations"]] == [None, None]
    shown = outcome.after["run"]
    assert [(shown[label]["order"], shown[label]["phase"]) for label in ("3_x.sql", "2_x.sql")] == [(1, None), (2, None)]


def test_a_history_that_does_not_show_what_ran_is_an_error() -> None:
    with pytest.raises(WebopsError, match=r"does not show it: 2_x\.sql"):
        outcome_of(ONE, [job("2")], {}, [], [], done=ONE)


def test_measurements_and_warnings_of_a_run_are_shown() -> None:
    report = Report(duration=1.2345, lock_wait=0.5, retries=2, warnings=["dropped"])
    outcome = outcome_of({}, [job("2")], {"2": report}, [], ["edited"], done={"2": ONE["1"]})
    assert outcome.values["migrations"][0] == {
        "version": "2", "name": "x", "phase": "pre_deployment", "statements": 1, "segments": 1,
        "duration_ms": 1234, "lock_wait_ms": 500, "retries": 2, "locks": [],
    }  # fmt: skip
    assert outcome.warnings == ("edited", "dropped")
    assert outcome.values["notices"] == ["edited", "dropped"]


def test_what_is_only_recorded_or_forgotten_changes_the_history_and_ran_nothing() -> None:
    recorded = outcome_of(ONE, [job("2", direction="baseline")], {}, [], [], done=None)
    assert (recorded.values["baselined"], recorded.values["applied"], recorded.values["history_head"]) == (["2"], [], "2")
    assert recorded.values["contracted"] is False
    forgotten = outcome_of(ONE, [job("1", direction="repair")], {}, [], [], done={})
    assert (forgotten.values["repaired"], forgotten.values["rolled_back"], forgotten.values["history_head"]) == (["1"], [], None)
    assert recorded.changed
    assert forgotten.changed


def failed(*, sqlstate: str | None = "42P01", lost: bool = False) -> StepError:
    return StepError(DatabaseError("no table.", sqlstate=sqlstate, lost=lost), "m/2_x.sql line 3", "select x")


@pytest.mark.parametrize(
    ("error", "text", "sentence"),
    [
        (failed(), "select 1", "Nothing of this file was kept. Mend the file and run again."),
        (failed(), "select 1; vacuum", "the next run goes on where this one stopped. Mend the file"),
        (failed(sqlstate="57P01", lost=True), "select 1", "The server undoes what was not committed."),
        (failed(sqlstate="55P03"), "select 1", "In the way: pid 7. Nothing of this file was kept. Run again when they have ended"),
    ],
)
def test_a_failure_says_what_is_kept_and_how_to_go_on(error: StepError, text: str, sentence: str) -> None:
    found = failure(error, job("2", text), ["1"], blockers=["pid 7"], overtaken=False)
    assert str(found).startswith("m/2_x.sql line 3: no table.")
    assert sentence in str(found)
    assert found.details["finished"] == ["1"]
    assert found.details["failed_migration"]["place"] == "m/2_x.sql line 3"


def test_no_password_in_a_statement_is_shown() -> None:
    text = "create role app password 'hunter2'"
    assert "hunter2" not in str(outcome_of({}, [job("2", text)], {}, [], [], done=None).after)
    error = StepError(DatabaseError("no."), "m/2_x.sql line 1", text)
    assert failure(error, job("2", text), [], blockers=[], overtaken=False).details["failed_migration"]["statement"].endswith("'********'")


def test_who_took_the_lock_in_the_middle_of_a_file_is_named() -> None:
    overtaken = ConflictError("Another run migrates this database.", blockers=["pid 8"])
    found = failure(overtaken, job("2"), [], blockers=[], overtaken=False)
    assert found.details["blockers"] == ["pid 8"]
    assert found.details["failed_migration"]["version"] == "2"


def test_a_migration_that_another_tool_recorded_meanwhile_is_a_conflict() -> None:
    assert "was recorded by another tool" in str(failure(failed(), job("2"), [], blockers=[], overtaken=True))
