"""Writing the ledger through its module, in a folder and in S3."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from tests.integration.module_child import result_of, start_module
from tests.integration.release_lab import A, B, Memory, happened, in_folder, in_s3, opened


@pytest.fixture(params=["file", "s3"])
def memory(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Memory:
    if request.param == "file":
        return in_folder(tmp_path)
    return in_s3(request.getfixturevalue("moto_s3"), f"ledger-{tmp_path.name}")


def test_what_is_written_can_be_read_and_folded(memory: Memory) -> None:
    fencing = memory.take()
    result = memory.write(opened(A), happened("shift.completed", A, percent=10), owner="ann", fencing=fencing)
    assert result["changed"]
    assert [(entry["number"], entry["event"], entry["by"], entry["fencing"]) for entry in result["entries"]] == [
        (1, "release.opened", "ann", 1),
        (2, "shift.completed", "ann", 1),
    ]
    assert result["head"] == {"number": 2, "hash": result["entries"][-1]["hash"]}
    assert (result["state"]["open"]["id"], result["state"]["open"]["percent"]) == (A, 10)
    read = memory.read()
    assert (read["entries"], read["state"], read["chain"]["head"]) == (result["entries"], result["state"], result["head"])


def test_what_is_to_be_written_once_is_not_written_again(memory: Memory) -> None:
    memory.write(opened(A))
    again = memory.write(opened(A))
    assert (again["changed"], again["entries"], again["head"]["number"]) == (False, [], 1)
    assert memory.write(opened(A), opened(B))["head"]["number"] == 2


def test_check_mode_writes_nothing_and_predicts_the_diff(tmp_path: pathlib.Path) -> None:
    memory = in_folder(tmp_path)
    fencing = memory.take()
    entries = [opened(A), happened("stage.completed", A)]
    for step in ([entries[0]], entries, [entries[0]], []):
        before = memory.read()["chain"]
        predicted = memory.run("release_ledger", check=True, entries=step, fencing=fencing, _ansible_diff=True)
        assert memory.read()["chain"] == before
        real = memory.run("release_ledger", entries=step, fencing=fencing, _ansible_diff=True)
        assert (predicted["changed"], predicted["diff"]) == (real["changed"], real["diff"])


def test_check_mode_goes_on_with_the_number_that_check_mode_predicted(tmp_path: pathlib.Path) -> None:
    memory = in_folder(tmp_path)
    fencing = memory.run("release_lease", check=True, owner="ann", purpose="deploy")["lease"]["fencing"]
    result = memory.run("release_ledger", check=True, owner="ann", fencing=fencing, entries=[opened(A)])
    assert result["state"]["open"]["id"] == A
    assert "not held under number 1" in memory.fail("release_ledger", owner="ann", fencing=fencing, entries=[opened(A)])["msg"]


def test_writing_renews_the_lease(memory: Memory) -> None:
    fencing = memory.take(ttl=30)
    before = memory.read()["lease"]["expires_at"]
    assert not memory.write(fencing=fencing, ttl=600)["changed"]
    assert memory.read()["lease"]["expires_at"] > before


def test_a_run_that_was_fenced_off_writes_nothing(memory: Memory) -> None:
    paused = memory.take("ann")
    memory.take("ann")
    result = memory.fail("release_ledger", entries=[opened(A)], owner="ann", fencing=paused)
    assert result["msg"].startswith("fencing: ")
    assert memory.read()["chain"]["length"] == 0


def test_a_lease_is_taken_with_the_first_entry_and_given_back_with_the_last(memory: Memory) -> None:
    taken = {"lease": "taken", "purpose": "deploy 1.0", "owner": "ann"}
    predicted = memory.run("release_ledger", check=True, entries=[opened(A)], _ansible_diff=True, **taken)
    assert not memory.read()["lease"]["held"]
    first = memory.write(opened(A), _ansible_diff=True, **taken)
    assert (predicted["changed"], predicted["diff"], predicted["fencing"]) == (first["changed"], first["diff"], first["fencing"])
    assert (first["fencing"], first["entries"][0]["fencing"], memory.read()["lease"]["purpose"]) == (1, 1, "deploy 1.0")
    last = memory.write(happened("release.completed", A), owner="ann", fencing=1, lease="freed")
    assert (last["changed"], last["entries"][0]["fencing"], memory.read()["lease"]["held"]) == (True, 1, False)


def test_a_lease_gets_a_number_above_one_that_was_seen_elsewhere(tmp_path: pathlib.Path) -> None:
    memory = in_folder(tmp_path)
    taken = {"lease": "taken", "purpose": "deploy 1.0", "owner": "ann", "fencing_above": 7}
    assert memory.run("release_ledger", check=True, entries=[opened(A)], **taken)["fencing"] == 8
    assert memory.write(opened(A), **taken)["fencing"] == 8
    assert memory.take("ann") == 9


def test_an_empty_owner_is_nobody_and_the_number_alone_proves_the_holder(tmp_path: pathlib.Path) -> None:
    memory = in_folder(tmp_path)
    taken = memory.write(opened(A), lease="taken", purpose="deploy", owner="")["fencing"]
    memory.write(happened("stage.started", A), fencing=taken, owner="")
    assert memory.run("release_lease", fencing=taken, owner="")["lease"]["held"]
    assert not memory.run("release_lease", fencing=taken, owner="", state="free")["lease"]["held"]


def test_who_cannot_take_the_lease_writes_nothing(memory: Memory) -> None:
    memory.take("bob")
    for check in (True, False):
        refused = memory.fail("release_ledger", check=check, entries=[opened(A)], lease="taken", purpose="deploy", owner="ann")
        assert "held by bob (deploy 1.1)" in refused["msg"]
    assert memory.read()["chain"]["length"] == 0


def test_a_lease_taken_for_what_could_not_be_written_is_given_back(tmp_path: pathlib.Path) -> None:
    memory = in_folder(tmp_path)
    memory.write(opened(A))
    entry = next((tmp_path / "store/orders/ledger").glob("*.json"))
    entry.write_text(entry.read_text().replace("green", "black"))
    assert "damaged" in memory.fail("release_ledger", entries=[opened(B)], lease="taken", purpose="deploy", owner="ann")["msg"]
    assert not memory.read()["lease"]["held"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"lease": "taken"}, "taking it needs a purpose"),
        ({"lease": "taken", "purpose": "x", "fencing": 1}, "and no fencing"),
        ({"lease": "freed"}, "giving it back needs fencing"),
        ({"ttl": 1}, "ttl: 1 s is too short"),
    ],
)
def test_a_lease_that_makes_no_sense_is_refused_before_the_store_is_opened(
    tmp_path: pathlib.Path, options: dict[str, t.Any], says: str
) -> None:
    memory = in_folder(tmp_path)
    assert says in memory.fail("release_ledger", entries=[], **options)["msg"]
    assert not (tmp_path / "store").exists()


def test_many_that_write_at_once_make_one_whole_chain(memory: Memory) -> None:
    entries = [[happened("backup.recorded", backup_id=f"{writer}-{number}") for number in range(4)] for writer in range(4)]
    children = [start_module("release_ledger", **memory.common, entries=some) for some in entries]
    assert all(result_of(child)["changed"] for child in children)
    read = memory.read(last=100)
    assert read["chain"]["intact"]
    names = [entry["data"]["backup_id"] for entry in read["entries"]]
    assert sorted(names) == sorted(entry["data"]["backup_id"] for some in entries for entry in some)
    for writer in range(4):
        assert [name for name in names if name.startswith(f"{writer}-")] == [f"{writer}-{number}" for number in range(4)]


def test_secrets_are_masked_before_they_are_written(memory: Memory, tmp_path: pathlib.Path) -> None:
    data = {
        "password": "hunter2hunter2",
        "nested": [{"api_key": "abcdef123456"}],
        "source": "postgresql://app:s3cretword@db/orders",
        "key": "orders/backups/1",
        "passed": True,
    }
    result = memory.write({"event": "backup.recorded", "data": data})
    for secret in ("hunter2hunter2", "abcdef123456", "s3cretword"):
        assert secret not in result["raw"]
        assert secret not in memory.read()["raw"]
    stored = memory.read()["entries"][0]["data"]
    assert (stored["key"], stored["passed"]) == ("orders/backups/1", True)
    assert stored["source"] == "postgresql://app:********@db/orders"
    assert "entries[0].data.nested[0].api_key looks like a secret" in str(result["warnings"])


def test_nothing_is_written_to_a_damaged_ledger(tmp_path: pathlib.Path) -> None:
    memory = in_folder(tmp_path)
    memory.write(opened(A), happened("stage.completed", A), happened("verify.completed", A))
    path = tmp_path / "store/orders/ledger/000000000002.json"
    path.write_text(path.read_text().replace("stage", "retire"))
    result = memory.fail("release_ledger", entries=[opened(B)])
    assert "is damaged. Entry 2 is damaged" in result["msg"]
    assert len(list(path.parent.iterdir())) == 3


def test_an_entry_is_a_file_that_people_can_read(tmp_path: pathlib.Path) -> None:
    in_folder(tmp_path).write(opened(A))
    document = json.loads((tmp_path / "store/orders/ledger/000000000001.json").read_text())
    assert (document["number"], document["event"], document["previous"]) == (1, "release.opened", None)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([{"event": "release.begun", "release": A}], "entries[0]: 'release.begun' is not an event"),
        ([opened(A), {"event": "stage.completed"}], "entries[1]: the event stage.completed belongs to a release"),
        ([{"event": "shift.completed", "release": A}], "entries[0].data.percent is None"),
        ([happened("shift.started", A, percent=101)], "entries[0].data.percent is 101"),
        ([{"event": "release.opened", "release": A}], "entries[0].data.release has no version"),
        ([{"event": "backup.recorded", "data": {"size": float("nan")}}], "entries[0].data cannot be written as JSON"),
        ([{"event": "backup.recorded", "more": 1}], "more"),
        ([{"release": A}], "event"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(tmp_path: pathlib.Path, entries: t.Any, said: str) -> None:
    assert said in in_folder(tmp_path).fail("release_ledger", entries=entries)["msg"]
    assert not (tmp_path / "store").exists()


def test_who_decided_on_what_is_not_so_any_more_is_refused_and_holds_nothing(memory: Memory) -> None:
    memory.write(opened(A))
    memory.write(happened("release.completed", A), owner="bob")
    late = memory.fail("release_ledger", lease="taken", purpose="deploy", owner="ann", decided_on=1, entries=[opened(B)])
    assert f"bob wrote release.completed of {A}" in late["msg"]
    read = memory.read()
    assert (read["chain"]["length"], read["lease"]["held"]) == (2, False)
    memory.write(happened("backup.recorded", backup_id="b1"))
    taken = memory.write(opened(B), lease="taken", purpose="deploy", owner="ann", decided_on=2)
    assert [entry["number"] for entry in taken["entries"]] == [4]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"reason": "x", "expires_at": "2026-11-28T00:00:00Z"}, "no version or no reason"),
        ({"version": "1.0", "expires_at": "2026-11-28T00:00:00Z"}, "no version or no reason"),
        ({"version": "1.0", "reason": "x"}, "expires_at is None"),
        ({"version": "1.0", "reason": "x", "expires_at": "tomorrow"}, "'tomorrow' is not a time"),
    ],
)
def test_an_approval_says_what_why_and_until_when(tmp_path: pathlib.Path, data: dict[str, t.Any], says: str) -> None:
    assert says in in_folder(tmp_path).fail("release_ledger", entries=[happened("approval.granted", **data)])["msg"]
