"""Stored bytes on their way to a program: checked, unzipped, and given up early where that is wanted."""

from __future__ import annotations

import gzip
import hashlib
import io
import tempfile
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.feeding import run_fed
from ansible_collections.holdfast.webops.plugins.module_utils._backup.loading import sentence, unzipping
from ansible_collections.holdfast.webops.plugins.module_utils._backup.scratch import private_folder
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import CUSTOM, EnoughError, Origin, Supply, pour, pour_into
from ansible_collections.holdfast.webops.plugins.module_utils._backup.telling import backup_sentence
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, WebopsError

if t.TYPE_CHECKING:
    from pathlib import Path

CONTENT = [bytes([number]) * 1000 for number in range(200)]


def supply(sha256: str | None = None) -> Supply:
    return Supply(CUSTOM, 200_000, sha256, "", (Origin("here", lambda: iter(CONTENT)),))


def soon() -> Deadline:
    return Deadline(SystemClock(), 60)


def test_what_is_poured_is_what_is_stored_and_counted() -> None:
    found, given = bytearray(), supply(hashlib.sha256(b"".join(CONTENT)).hexdigest())
    pour(Commands(), given, given.origins[0], found.extend)
    assert (bytes(found), given.meter.count) == (b"".join(CONTENT), 200_000)


def test_a_second_copy_in_the_same_file_leaves_nothing_of_the_first() -> None:
    whole = supply(hashlib.sha256(b"".join(CONTENT)).hexdigest())
    with tempfile.TemporaryFile() as file:
        with pytest.raises(WebopsError, match="is not what was written"):
            pour_into(Commands(), whole, Origin("there", lambda: iter([*CONTENT, b"more"])), file)
        pour_into(Commands(), whole, whole.origins[0], file)
        with open(f"/proc/self/fd/{file.fileno()}", "rb") as seen:  # as a child process sees it
            assert seen.read() == b"".join(CONTENT)


def test_a_file_that_is_empty_is_not_truncated() -> None:
    """ext4 starts to write to the disk what is closed after a truncation, however short the file lives (auto_da_alloc)."""

    class File(io.BytesIO):
        truncations = 0

        def truncate(self, size: int | None = None) -> int:
            self.truncations += 1
            return super().truncate(size)

    file, whole = File(), supply()
    pour_into(Commands(), whole, whole.origins[0], file)
    assert (file.truncations, file.getvalue()) == (0, b"".join(CONTENT))
    pour_into(Commands(), whole, Origin("there", lambda: iter([b"less"])), file)
    assert (file.truncations, file.getvalue()) == (1, b"less")


def test_another_digest_is_an_error_that_names_the_copy() -> None:
    with pytest.raises(WebopsError, match="here is not what was written: its SHA-256 is"):
        pour(Commands(), supply("0" * 64), supply().origins[0], bytearray().extend)


def test_an_error_of_the_store_is_raised_where_the_pieces_are_read() -> None:
    def broken() -> t.Iterator[bytes]:
        yield b"one"
        raise WebopsError("The store is gone.")

    with pytest.raises(WebopsError, match="The store is gone"):
        pour(Commands(), supply(), Origin("here", broken), bytearray().extend)


def test_a_sink_that_has_enough_ends_the_reading() -> None:
    given, found = supply(), bytearray()

    def write(data: bytes) -> None:
        found.extend(data)
        raise EnoughError("enough")

    with pytest.raises(EnoughError):
        pour(Commands(), given, given.origins[0], write)
    assert len(found) == 1000
    assert given.meter.count < 10_000


def test_a_program_gets_the_stream_and_its_output_comes_back() -> None:
    given = supply()
    said = run_fed(Commands(), ["wc", "-c"], lambda sink: pour(Commands(), given, given.origins[0], sink), soon())
    assert int(said) == 200_000


def test_a_program_that_ends_early_is_told_by_its_own_words_but_damage_comes_first() -> None:
    argv = ["sh", "-c", "head -c 10 > /dev/null; echo 'no thanks' >&2; exit 3"]
    given = supply()
    with pytest.raises(CommandError, match="no thanks"):
        run_fed(Commands(), argv, lambda sink: pour(Commands(), given, given.origins[0], sink), soon())
    damaged = supply("0" * 64)
    with pytest.raises(WebopsError, match="is not what was written"):
        run_fed(Commands(), argv, lambda sink: pour(Commands(), damaged, damaged.origins[0], sink), soon())


def test_gzip_is_undone_in_pieces_and_damage_is_said() -> None:
    found = bytearray()
    write = unzipping(found.extend)
    zipped = gzip.compress(b"".join(CONTENT))
    for start in range(0, len(zipped), 7):
        write(zipped[start : start + 7])
    assert bytes(found) == b"".join(CONTENT)
    with pytest.raises(WebopsError, match="cannot be decompressed"):
        unzipping(found.extend)(b"no gzip at all")


def test_a_private_folder_is_gone_afterwards_and_takes_abandoned_ones_with_it(tmp_path: Path) -> None:
    abandoned = tmp_path / "holdfast-dump-dead"
    abandoned.mkdir()
    (abandoned / ".in-use").touch()
    with private_folder(str(tmp_path), "dump") as first, private_folder(str(tmp_path), "dump") as second:
        assert {str(path) for path in tmp_path.iterdir()} == {first, second}, "one in use is left alone"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(WebopsError, match="scratch_dir '/nonexistent' cannot be used"), private_folder("/nonexistent", "dump"):
        pass


def test_whoever_watches_hears_how_much_has_arrived_and_then_what_is_done() -> None:
    given = supply()
    given.meter.count = 50_000
    assert sentence(given, "shop", 1.0) == "Fetching the archive: 50.0 kB of about 200.0 kB, 50.0 kB/s, 3 s left"
    given.meter.count = 200_000
    assert sentence(given, "shop", 70.2) == "Restoring into shop, 1 min 10 s"
    said = backup_sentence(1_000_000, {"s3://b": 750_000, "file:///a": 1_000_000}, 4_000_000, 2.0)
    assert said == "Backing up: 1.0 MB of about 4.0 MB, 500.0 kB/s, 6 s left (file:///a 1.0 MB; s3://b 750.0 kB)"
