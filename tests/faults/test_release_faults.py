"""Controllers that die, sleep, race and lose their store; hosts whose module is killed."""

from __future__ import annotations

import itertools
import json
import pathlib
import signal
import time
import typing as t

import pytest

from tests.integration.host_lab import HostLab, open_host
from tests.integration.module_child import result_of, start_module
from tests.integration.release_lab import A, Memory, happened, in_folder, in_s3, opened
from tests.integration.waiting import wait_for
from tools.embedded.objects import MotoS3

if t.TYPE_CHECKING:
    from collections.abc import Iterator

BACKUPS = [happened("backup.recorded", backup_id=f"b{number}") for number in range(400)]


@pytest.fixture(params=["file", "s3"])
def memory(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Memory:
    if request.param == "file":
        return in_folder(tmp_path)
    return in_s3(request.getfixturevalue("moto_s3"), f"faults-{tmp_path.name}")


def written(memory: Memory) -> int:
    return int(memory.read(last=0)["chain"]["length"])


def wait_for_entries(memory: Memory, more_than: int) -> None:
    wait_for(lambda: written(memory) > more_than, f"entry {more_than + 1}")


def test_a_writer_that_is_killed_leaves_whole_entries_and_the_next_continues(memory: Memory) -> None:
    for _attempt in range(3):
        before = written(memory)
        child = start_module("release_ledger", **memory.common, entries=BACKUPS)
        wait_for_entries(memory, before)
        child.kill()
        child.communicate()
        result = memory.write(happened("proof.recorded", backup_id="b"))
        assert result["head"]["number"] > before + 1
        chain = memory.read()["chain"]
        assert (chain["intact"], chain["head"]) == (True, result["head"])


def test_a_holder_that_was_killed_gets_in_again_at_once_and_others_do_not(memory: Memory) -> None:
    memory.take("ann", ttl=600)
    assert "held by ann" in memory.fail("release_lease", owner="bob", purpose="deploy")["msg"]
    assert memory.take("ann") == 2


def test_a_holder_that_is_gone_locks_nobody_out_for_longer_than_its_time(memory: Memory) -> None:
    memory.take("ann", ttl=5)
    result = memory.run("release_lease", owner="bob", purpose="deploy", wait_timeout=60)
    assert (result["lease"]["owner"], result["lease"]["fencing"]) == ("bob", 2)


def test_a_writer_that_sleeps_while_another_takes_over_is_refused_when_it_wakes_up(memory: Memory) -> None:
    fencing = memory.take("ann")
    sleeper = start_module("release_ledger", **memory.common, entries=BACKUPS, owner="ann", fencing=fencing)
    wait_for_entries(memory, 0)
    sleeper.send_signal(signal.SIGSTOP)
    memory.run("release_lease", state="broken", reason="it sleeps", owner="bob")
    taken = memory.take("bob")
    head = memory.write(opened(A), owner="bob", fencing=taken)["head"]
    sleeper.send_signal(signal.SIGCONT)
    result = result_of(sleeper)
    assert result["failed"]
    assert result["msg"].startswith("fencing: ")
    read = memory.read(last=1000)
    assert (read["chain"]["intact"], read["chain"]["head"], read["state"]["open"]["id"]) == (True, head, A)


def test_of_two_deployers_at_once_one_works_and_the_other_is_told(memory: Memory) -> None:
    for turn in itertools.count(1):
        children = [start_module("release_lease", **memory.common, owner=name, purpose="deploy") for name in ("ann", "bob")]
        results = [result_of(child) for child in children]
        won = [result for result in results if not result.get("failed")]
        assert len(won) == 1
        assert won[0]["lease"]["fencing"] == turn
        memory.run("release_lease", state="free", fencing=turn)
        if turn == 3:
            break


def test_a_store_that_goes_away_is_named_and_the_ledger_stays_whole(tmp_path: pathlib.Path) -> None:
    with MotoS3(tmp_path) as server:
        memory = in_s3(server, "gone")
        memory.write(opened(A))
        options = {**memory.common, "store_options": {**(memory.options or {}), "endpoint": "http://127.0.0.1:1"}}
        result = result_of(start_module("release_ledger", **options, entries=[happened("backup.recorded", backup_id="b")]))
        assert result["failed"]
        assert f"s3://{server.bucket}/gone" in result["msg"]
        assert server.secret_key not in result["raw"]
        assert memory.read()["chain"] == {**memory.read()["chain"], "length": 1, "intact": True}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: pathlib.Path) -> None:
    (tmp_path / "store").write_text("a file where a folder should be")
    assert "store" in in_folder(tmp_path).fail("release_ledger", entries=[opened(A)])["msg"]


def test_a_clock_that_jumped_ahead_and_back_does_not_lower_the_number(tmp_path: pathlib.Path) -> None:
    memory = in_folder(tmp_path)
    memory.take("ann")
    path = tmp_path / "store/orders/lease.json"
    for moment in ("2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "taken_at": moment, "expires_at": moment}))
        before = memory.read()["lease"]["fencing"]
        assert memory.take("ann") == before + 1


@pytest.fixture(scope="module")
def host() -> Iterator[HostLab]:
    with open_host() as lab:
        yield lab


@pytest.mark.slow
def test_a_slot_whose_module_is_killed_anywhere_is_finished_by_the_next_run(host: HostLab) -> None:
    one, two = host.release("1.0"), host.release("1.1")
    host.run("blue", one)
    for delay, release in ((0.4, two), (0.7, one), (1.0, two), (1.4, one)):
        child = start_module("host_slot", **host.options("blue", release))
        time.sleep(delay)
        child.kill()
        child.communicate()
        host.run("blue", release)
        assert json.loads(host.get("blue"))["version"] == release.version
        assert not host.run("blue", release)["changed"]
    assert not list((host.root / "releases").glob(".unpacking-*"))
