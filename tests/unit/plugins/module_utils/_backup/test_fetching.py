"""An archive that is fetched beside other work: waited for, or given up."""

from __future__ import annotations

import hashlib
import threading
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.fetching import arriving_archive
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import CUSTOM, Origin, Supply
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError

if t.TYPE_CHECKING:
    from pathlib import Path

PIECES = [bytes([number]) * 1000 for number in range(200)]
WHOLE = b"".join(PIECES)


def supply(*origins: Origin) -> Supply:
    return Supply(CUSTOM, len(WHOLE), hashlib.sha256(WHOLE).hexdigest(), "", origins)


def soon() -> Deadline:
    return Deadline(SystemClock(), 60)


def test_it_arrives_while_the_block_works_and_is_there_when_it_is_waited_for(tmp_path: Path) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def slow() -> t.Iterator[bytes]:
        begun.set()
        goes_on.wait(30)
        yield from PIECES

    with arriving_archive(Commands(), supply(Origin("there", slow)), str(tmp_path), soon()) as arrived:
        assert begun.wait(30), "nobody has waited for it yet"
        goes_on.set()
        archive = arrived()
        assert archive.store == "there"
        with open(archive.path, "rb") as file:
            assert file.read() == WHOLE
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_copy_is_told_of_and_the_next_one_taken(tmp_path: Path) -> None:
    copies = (Origin("broken", lambda: iter([b"something else"])), Origin("sound", lambda: iter(PIECES)))
    with arriving_archive(Commands(), supply(*copies), str(tmp_path), soon()) as arrived:
        archive = arrived()
    assert archive.store == "sound"
    assert "broken is not what was written" in archive.warnings[0]


def test_an_error_comes_where_it_is_waited_for(tmp_path: Path) -> None:
    with (
        pytest.raises(WebopsError, match="No copy of the backup can be used"),
        arriving_archive(Commands(), supply(Origin("broken", lambda: iter([b"x"]))), str(tmp_path), soon()) as arrived,
    ):
        arrived()


def test_who_leaves_early_does_not_wait_for_the_rest(tmp_path: Path) -> None:
    read: list[int] = []
    left = threading.Event()

    def endless() -> t.Iterator[bytes]:
        for number in range(1_000_000):
            read.append(number)
            yield b"piece"
            left.wait(30)

    class ServerError(Exception):
        pass

    def begin() -> None:
        with arriving_archive(Commands(), supply(Origin("there", endless)), str(tmp_path), soon()):
            left.set()
            raise ServerError

    with pytest.raises(ServerError):
        begin()
    assert len(read) < 1_000_000
    assert list(tmp_path.iterdir()) == []
