"""A cluster goes back to a moment, beside the live one: pgbackrest_restore on a real archive."""

from __future__ import annotations

import dataclasses
import re
import typing as t

import pytest

from tests.conformance.postgres.archiving_server import ArchivingServer
from tests.integration.module_child import fail, run_module, succeed

MOMENT = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), pg_sleep(0.01)"


@dataclasses.dataclass(frozen=True)
class Loss:
    """Rows came, a table went: the moment before, the transaction of the second row, and when it and that of the third were committed."""

    moment: str
    transaction: str
    second: str
    third: str
    point: str = "before-the-loss"


@pytest.fixture(scope="module")
def loss(archiving: ArchivingServer) -> Loss:
    archiving.execute("CREATE TABLE orders AS SELECT 1 AS n")
    number, second = archiving.commit("INSERT INTO orders VALUES (2)")
    archiving.execute("SELECT pg_create_restore_point('twice')")
    _number, third = archiving.commit("INSERT INTO orders VALUES (3)")
    archiving.execute("SELECT pg_create_restore_point('twice')")
    archiving.execute("SELECT pg_create_restore_point('before-the-loss')")
    archiving.execute("INSERT INTO orders VALUES (4)")
    moment = str(archiving.execute(MOMENT)[0][0])
    archiving.execute("DROP TABLE orders")
    archiving.archive_all()
    return Loss(moment, number, second, third)


def prove(archiving: ArchivingServer, target: str, rows: str) -> dict[str, t.Any]:
    check = {"name": "orders", "database": "postgres", "query": "SELECT count(*) FROM orders", "expect": rows}
    return run_module("pgbackrest_restore", **archiving.options, target=target, checks=[check])


def left_behind(archiving: ArchivingServer) -> list[str]:
    return sorted(path.name for path in archiving.folder.glob("data*"))


def test_rows_are_back_as_they_were_at_the_moment(archiving: ArchivingServer, loss: Loss) -> None:
    done = prove(archiving, loss.moment, "4")
    assert done["physical"]["checks"] == [{"name": "orders", "found": "4", "expected": "4", "passed": True}], done["raw"]
    assert (done["physical"]["target"], done["physical"]["moment"]) == (loss.moment, loss.moment[:19] + "Z")
    assert (done["changed"], left_behind(archiving)) == (False, ["data"])
    assert "a-passphrase-of-the-tests" not in done["raw"]


def test_a_check_that_fails_says_so_and_leaves_nothing(archiving: ArchivingServer, loss: Loss) -> None:
    refused = prove(archiving, loss.moment, "5")
    assert refused["msg"].startswith("The check 'orders' of the restored cluster gave '4' instead of '5'.")
    assert left_behind(archiving) == ["data"]


def test_the_questions_of_the_business_are_asked_and_a_wrong_answer_is_told(archiving: ArchivingServer, loss: Loss) -> None:
    questions = [
        {"name": "rows", "query": "SELECT count(*) FROM orders", "at_least": 4},
        {"name": "more rows", "query": "SELECT count(*) FROM orders", "expect": 5},
        {"name": "writing", "query": "DELETE FROM orders RETURNING 1", "expect": 1},
    ]
    asked: dict[str, t.Any] = {"validations": questions, "canary": "SELECT '2026-11-22T08:00:00Z'::timestamptz"}
    assert fail("pgbackrest_restore", **archiving.options, **asked)["msg"].startswith("database is missing.")
    told = succeed("pgbackrest_restore", **archiving.options, **asked, database="postgres", target=loss.moment)["physical"]
    assert [(one["name"], one["passed"]) for one in told["validations"]] == [
        ("rows", True),
        ("more rows", False),
        ("writing", False),
        ("canary", True),
    ]
    assert "read-only transaction" in told["validations"][2]["says"]
    assert told["youngest_change"] == "2026-11-22T08:00:00Z"


def test_check_mode_says_the_moment_and_the_loss_and_touches_nothing(archiving: ArchivingServer, loss: Loss) -> None:
    said = succeed("pgbackrest_restore", check=True, **archiving.options, target=loss.moment)["physical"]
    assert said["moment"] == loss.moment[:19] + "Z"
    assert said["lost_seconds"] > 0
    assert (said["databases"], said["kept"]) == ([], None)


def test_transactions_and_restore_points_are_found_in_the_archive(archiving: ArchivingServer, loss: Loss) -> None:
    def moment(target: str) -> str:
        return str(succeed("pgbackrest_restore", check=True, **archiving.options, target=target)["physical"]["moment"])

    assert moment(f"transaction {loss.transaction}") == loss.second
    # A point has no time of its own: it has that of the last commit before it.
    assert moment(f"point {loss.point}") == loss.third


def test_a_cluster_goes_back_to_a_transaction_with_what_it_wrote_and_to_a_restore_point(archiving: ArchivingServer, loss: Loss) -> None:
    for target, rows in ((f"transaction {loss.transaction}", "2"), (f"point {loss.point}", "3")):
        done = prove(archiving, target, rows)
        assert done["physical"]["checks"] == [{"name": "orders", "found": rows, "expected": rows, "passed": True}], done["raw"]
        assert (done["physical"]["target"], left_behind(archiving)) == (target, ["data"])


def test_a_name_that_was_given_twice_is_refused_and_the_moments_that_are_named_instead_lead_there(
    archiving: ArchivingServer, loss: Loss
) -> None:
    refused = fail("pgbackrest_restore", **archiving.options, target="point twice")["msg"]
    assert "a name that was given more than once: at " in refused
    for moment, rows in zip(re.findall(r"20\S+Z", refused), ("2", "3"), strict=True):
        assert prove(archiving, moment, rows)["physical"]["checks"][0]["passed"], refused
    assert left_behind(archiving) == ["data"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"target": "2099-01-01T00:00:00Z"}, "which is in the future"),
        ({"target": "2020-01-01T00:00:00Z"}, "before the first backup, which ended at"),
        ({"target": "transaction 4000000000"}, "which the archive does not hold from"),
        ({"target": "point nobody-made-it"}, "which the archive does not hold from"),
        ({"target": "yesterday"}, "which names no moment"),
        ({"state": "restored", "confirm": "15/main"}, "which can be proven only"),
        ({"jobs": 0}, "jobs is 0."),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_touched(archiving: ArchivingServer, given: dict[str, t.Any], said: str) -> None:
    assert said in fail("pgbackrest_restore", **{**archiving.options, **given})["msg"]
    assert left_behind(archiving) == ["data"]
