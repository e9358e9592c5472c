"""Reading and checking the ledger through its module, in a folder and in S3."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from tests.integration.release_lab import A, Memory, happened, in_folder, in_s3, opened


@pytest.fixture(params=["file", "s3"])
def memory(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Memory:
    if request.param == "file":
        return in_folder(tmp_path)
    return in_s3(request.getfixturevalue("moto_s3"), f"info-{tmp_path.name}")


def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "store/orders/ledger"


def test_a_portal_without_a_ledger_has_an_empty_one(memory: Memory) -> None:
    result = memory.read()
    assert not result["changed"]
    assert result["entries"] == []
    assert result["chain"] == {"length": 0, "head": {"number": 0, "hash": None}, "intact": True, "problem": None}
    assert (result["state"]["live"], result["state"]["releases"], result["lease"]["held"], result["lease"]["fencing"]) == (
        None,
        [],
        False,
        0,
    )


def test_reading_makes_nothing(tmp_path: pathlib.Path) -> None:
    in_folder(tmp_path).read()
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(("last", "numbers"), [(0, []), (1, [3]), (2, [2, 3]), (3, [1, 2, 3]), (50, [1, 2, 3])])
def test_the_newest_entries_are_returned(tmp_path: pathlib.Path, last: int, numbers: list[int]) -> None:
    memory = in_folder(tmp_path)
    memory.write(opened(A), happened("stage.completed", A), happened("verify.completed", A))
    result = memory.read(last=last)
    assert [entry["number"] for entry in result["entries"]] == numbers
    assert (result["chain"]["length"], result["state"]["open"]["steps_done"]) == (3, ["stage", "verify"])


def test_who_holds_the_lease_is_shown(memory: Memory) -> None:
    memory.take("ann")
    lease = memory.read()["lease"]
    assert (lease["held"], lease["owner"], lease["purpose"], lease["fencing"]) == (True, "ann", "deploy 1.1", 1)


def edit(path: pathlib.Path) -> None:
    (path / "000000000002.json").write_text((path / "000000000002.json").read_text().replace("stage", "retire"))


def leave_a_gap(path: pathlib.Path) -> None:
    (path / "000000000002.json").unlink()


def exchange(path: pathlib.Path) -> None:
    second, third = path / "000000000002.json", path / "000000000003.json"
    content = second.read_bytes()
    second.write_bytes(third.read_bytes())
    third.write_bytes(content)


def cut_the_end(path: pathlib.Path) -> None:
    (path / "000000000003.json").unlink()


def empty(path: pathlib.Path) -> None:
    (path / "000000000002.json").write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "problem", "length"),
    [
        (edit, "Entry 2 is damaged: its content does not match its hash: it was edited.", 1),
        (leave_a_gap, "Entry 2 is missing; the next one there is 3.", 1),
        (exchange, "Entry 2 holds number 3: entries were moved.", 1),
        (cut_the_end, "The ledger ends at entry 2, but it once reached entry 3: its end was cut off.", 2),
        (empty, "Entry 2 is damaged: it is not JSON.", 1),
    ],
)
def test_damage_is_found_and_named(tmp_path: pathlib.Path, damage: t.Callable[[pathlib.Path], None], problem: str, length: int) -> None:
    memory = in_folder(tmp_path)
    fencing = memory.take()
    memory.write(opened(A), happened("stage.completed", A), happened("verify.completed", A), fencing=fencing)
    assert memory.read()["chain"]["intact"]
    damage(folder(tmp_path))
    chain = memory.read()["chain"]
    assert (chain["intact"], chain["problem"], chain["length"]) == (False, problem, length)


def test_without_verify_a_broken_chain_fails_the_task(tmp_path: pathlib.Path) -> None:
    memory = in_folder(tmp_path)
    memory.write(opened(A), happened("stage.completed", A))
    assert memory.read(verify=False)["chain"]["intact"] is None
    (folder(tmp_path) / "000000000001.json").unlink()
    assert "Entry 1 is missing" in memory.fail("release_ledger_info", verify=False)["msg"]


def test_check_mode_says_the_same(memory: Memory) -> None:
    memory.write(opened(A))
    real, checked = memory.read(), memory.run("release_ledger_info", check=True)
    assert (real["entries"], real["state"], real["chain"]) == (checked["entries"], checked["state"], checked["chain"])


@pytest.mark.parametrize(
    ("options", "said"), [({"portal": "No!"}, "portal: 'No!'"), ({"last": -1}, "last: -1"), ({"store": "file://x"}, "file://x")]
)
def test_bad_input_is_told(tmp_path: pathlib.Path, options: dict[str, t.Any], said: str) -> None:
    assert said in in_folder(tmp_path).fail("release_ledger_info", **options)["msg"]


def test_ledgers_of_other_environments_are_read_in_the_same_task_each_from_its_own_store(memory: Memory, tmp_path: pathlib.Path) -> None:
    uat = in_folder(tmp_path / "uat")
    uat.write(opened(A))
    others = [
        {"environment": "uat", "store": uat.store},
        {"environment": "staging", "portal": "orders-next", "store": memory.store, "store_options": memory.options},
    ]
    memory.write(happened("backup.recorded", backup_id="b"))
    read = memory.read(others=others)
    assert [(other["environment"], other["portal"], other["chain"]["length"]) for other in read["others"]] == [
        ("uat", "orders", 1),
        ("staging", "orders-next", 0),
    ]
    assert read["others"][0]["state"]["open"]["id"] == A
    assert read["chain"]["length"] == 1


def test_a_broken_ledger_of_another_environment_is_told_and_one_that_cannot_be_read_is_named_without_its_secret(
    tmp_path: pathlib.Path,
) -> None:
    here, uat = in_folder(tmp_path / "here"), in_folder(tmp_path / "uat")
    uat.write(opened(A), happened("backup.recorded", backup_id="b"))
    (tmp_path / "uat/store/orders/ledger/000000000001.json").unlink()
    (other,) = here.read(others=[{"environment": "uat", "store": uat.store}])["others"]
    assert (other["chain"]["intact"], other["chain"]["problem"]) == (False, "Entry 1 is missing; the next one there is 2.")
    options = {"endpoint": "http://127.0.0.1:1", "allow_http": True, "access_key_id": "key", "secret_access_key": "not-to-be-seen"}
    failed = here.fail("release_ledger_info", others=[{"environment": "uat", "store": "s3://nowhere/x", "store_options": options}])
    assert failed["msg"].startswith("The ledger of uat cannot be read: ")
    assert "not-to-be-seen" not in failed["raw"]
