"""The lease of a portal through its module, in a folder and in S3."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from tests.integration.module_child import result_of, start_module
from tests.integration.release_lab import Memory, happened, in_folder, in_s3

if t.TYPE_CHECKING:
    from tools.embedded.objects import MotoS3, RcloneS3


@pytest.fixture(params=["file", "s3"])
def memory(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Memory:
    if request.param == "file":
        return in_folder(tmp_path)
    return in_s3(request.getfixturevalue("moto_s3"), f"lease-{tmp_path.name}")


def test_taking_renewing_and_freeing(memory: Memory) -> None:
    taken = memory.run("release_lease", owner="ann", purpose="deploy 1.1", ttl=60)
    assert taken["changed"]
    assert set(taken["lease"]) == {"held", "owner", "purpose", "fencing", "taken_at", "expires_at"}
    assert (taken["lease"]["owner"], taken["lease"]["fencing"], taken["lease"]["held"]) == ("ann", 1, True)
    renewed = memory.run("release_lease", fencing=1, ttl=600)
    assert not renewed["changed"]
    assert renewed["lease"]["expires_at"] > taken["lease"]["expires_at"]
    freed = memory.run("release_lease", fencing=1, state="free")
    assert (freed["changed"], freed["lease"]["held"], freed["lease"]["owner"], freed["lease"]["fencing"]) == (True, False, None, 1)
    assert not memory.run("release_lease", fencing=1, state="free")["changed"]


def test_somebody_else_is_refused_at_once_and_told_who_holds_it(memory: Memory) -> None:
    memory.take("ann")
    result = memory.fail("release_lease", owner="bob", purpose="restore")
    assert "held by ann (deploy 1.1)" in result["msg"]
    assert result["lease"]["owner"] == "ann"


def test_somebody_else_gets_it_after_waiting_for_its_end(memory: Memory) -> None:
    memory.take("ann")
    waiting = start_module("release_lease", **memory.common, owner="bob", purpose="restore", wait_timeout=60)
    memory.run("release_lease", owner="ann", state="free", fencing=1)
    result = result_of(waiting)
    assert (result["lease"]["owner"], result["lease"]["fencing"]) == ("bob", 2)


def test_of_many_at_once_exactly_one_gets_it(memory: Memory) -> None:
    names = [f"run-{number}" for number in range(5)]
    children = [start_module("release_lease", **memory.common, owner=name, purpose="deploy") for name in names]
    results = [result_of(child) for child in children]
    winners = [result["lease"]["owner"] for result in results if not result.get("failed")]
    assert len(winners) == 1
    assert memory.read()["lease"]["owner"] == winners[0]


def test_the_same_owner_gets_in_again_with_a_higher_number(memory: Memory) -> None:
    assert memory.take("ann") == 1
    assert memory.take("ann") == 2
    assert "not held under number 1" in memory.fail("release_lease", fencing=1)["msg"]


def test_breaking_it_is_written_into_the_ledger(memory: Memory) -> None:
    memory.take("ann")
    result = memory.run("release_lease", state="broken", reason="the runner is gone", owner="bob")
    assert (result["changed"], result["lease"]["held"], result["lease"]["fencing"]) == (True, False, 2)
    entry = memory.read()["entries"][-1]
    assert (entry["event"], entry["by"], entry["data"]["reason"], entry["data"]["owner"]) == (
        "lease.broken",
        "bob",
        "the runner is gone",
        "ann",
    )
    assert not memory.run("release_lease", state="broken", reason="again")["changed"]


def test_check_mode_writes_nothing_and_says_what_would_come(tmp_path: pathlib.Path) -> None:
    memory, path = in_folder(tmp_path), tmp_path / "store/orders/lease.json"
    steps: list[dict[str, t.Any]] = [
        {"owner": "ann", "purpose": "deploy"},
        {"owner": "ann", "purpose": "deploy"},
        {"fencing": 2},
        {"fencing": 2, "state": "free"},
        {"fencing": 2, "state": "free"},
        {"owner": "bob", "purpose": "restore"},
        {"state": "broken", "reason": "test"},
        {"state": "broken", "reason": "test"},
    ]
    for step in steps:
        before = path.read_bytes() if path.exists() else None
        predicted = memory.run("release_lease", check=True, _ansible_diff=True, **step)
        assert (path.read_bytes() if path.exists() else None) == before
        real = memory.run("release_lease", _ansible_diff=True, **step)
        assert (predicted["changed"], predicted["diff"]) == (real["changed"], real["diff"])


def test_check_mode_does_not_wait(memory: Memory) -> None:
    memory.take("ann")
    result = memory.fail("release_lease", check=True, owner="bob", purpose="restore", wait_timeout=600)
    assert "A real run would wait" in result["msg"]


def test_a_server_that_ignores_conditions_is_refused(rclone_s3: RcloneS3, tmp_path: pathlib.Path) -> None:
    memory = in_s3(rclone_s3, f"lease-{tmp_path.name}")
    assert "ignores conditional writes" in memory.fail("release_lease", owner="ann", purpose="deploy")["msg"]
    assert "ignores conditional writes" in memory.fail("release_ledger", entries=[happened("backup.recorded", backup_id="b")])["msg"]


def test_the_secret_key_of_the_store_is_not_shown(moto_s3: MotoS3, tmp_path: pathlib.Path) -> None:
    memory = in_s3(moto_s3, f"lease-{tmp_path.name}")
    assert moto_s3.secret_key not in memory.run("release_lease", owner="ann", purpose="deploy")["raw"]
    assert moto_s3.secret_key not in memory.fail("release_lease", owner="bob", purpose="deploy")["raw"]


def test_without_an_owner_the_same_purpose_is_the_same_owner(tmp_path: pathlib.Path) -> None:
    memory = in_folder(tmp_path)
    first = memory.run("release_lease", purpose="deploy 1.1")["lease"]
    assert first["owner"].endswith(" deploy 1.1")
    assert memory.run("release_lease", purpose="deploy 1.1")["lease"]["fencing"] == 2
    assert "held by" in memory.fail("release_lease", purpose="deploy 1.2")["msg"]
    assert memory.run("release_lease", purpose="deploy 1.1", state="free")["changed"]


def test_a_lease_that_ran_out_is_taken_over(tmp_path: pathlib.Path) -> None:
    memory = in_folder(tmp_path)
    memory.take("ann")
    path = tmp_path / "store/orders/lease.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "expires_at": "2020-01-01T00:00:00Z"}))
    assert not memory.read()["lease"]["held"]
    assert memory.take("bob") == 2
    assert "it is with bob" in memory.fail("release_lease", owner="ann", fencing=1)["msg"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"portal": "Orders!"}, "portal: 'Orders!' is not a portal name"),
        ({"portal": "../x"}, "portal: '../x' is not a portal name"),
        ({"purpose": None}, "purpose: it is needed"),
        ({"ttl": 1}, "ttl: 1 s is too short"),
        ({"wait_timeout": -1}, "wait_timeout: -1"),
        ({"state": "broken"}, "reason"),
        ({"state": "broken", "reason": " "}, "reason: it is empty"),
        ({"state": "taken"}, "state"),
        ({"fencing": "many"}, "fencing"),
        ({"store": "ftp://x"}, "ftp://x"),
        ({"fencing": 3}, "not held under number 3"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(tmp_path: pathlib.Path, options: dict[str, t.Any], said: str) -> None:
    assert said in in_folder(tmp_path).fail("release_lease", **{"purpose": "deploy", **options})["msg"]
    assert not (tmp_path / "store").exists()
