"""The page of a release, from a ledger in a folder."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.integration.release_lab import PORTAL, Memory, in_folder
from tests.unit.plugins.module_utils._release.releases import A, C, aborted, good

if t.TYPE_CHECKING:
    import pathlib


@pytest.fixture
def memory(tmp_path: pathlib.Path) -> Memory:
    memory = in_folder(tmp_path)
    events = [*good(A, "green"), *aborted(C, "blue", A)]
    memory.write(*({"event": event, "release": release, "data": data} for event, release, data in events))
    return memory


def test_the_page_and_its_json_are_written_once_and_only_in_earnest(memory: Memory, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "pages"
    wanted: dict[str, t.Any] = {"directory": str(folder), "environment": "production"}
    foretold = memory.run("release_page", check=True, **wanted)
    assert not folder.exists()
    written = memory.run("release_page", **wanted)
    assert [foretold["changed"], written["changed"], memory.run("release_page", **wanted)["changed"]] == [True, True, False]
    assert {**foretold, "raw": None} == {**written, "raw": None}
    assert (written["release"], written["status"]) == (C, "failed")
    assert sorted(path.name for path in folder.iterdir()) == [f"{C}.html", f"{C}.json"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}
    assert f"Release {C} · {PORTAL} production" in (folder / f"{C}.html").read_text()
    told = json.loads((folder / f"{C}.json").read_text())
    assert told["windows"][0]["rule"] == "error_rate"
    assert told["ledger"]["intact"] is True


def test_an_earlier_release_is_told_as_it_ended_and_more_of_the_ledger_changes_the_page(memory: Memory, tmp_path: pathlib.Path) -> None:
    wanted: dict[str, t.Any] = {"directory": str(tmp_path), "release": "1.0"}
    assert memory.run("release_page", **wanted)["status"] == "good"
    memory.write({"event": "proof.recorded", "data": {"backup_id": f"backup-of-{A}"}})
    assert memory.run("release_page", **wanted)["changed"] is True
    assert "Proofs of its backup" in (tmp_path / f"{A}.html").read_text()


def test_a_ledger_that_somebody_changed_is_shown_as_damaged(memory: Memory, tmp_path: pathlib.Path) -> None:
    (entry,) = (tmp_path / "store").rglob("000000000017.json")
    entry.write_text(entry.read_text().replace("failed", "passed"))
    written = memory.run("release_page", directory=str(tmp_path))
    assert "damaged" in written["raw"]
    shown = (tmp_path / f"{C}.html").read_text()
    assert "Entry 17 is damaged: its content does not match its hash" in shown


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ({"release": "9.9"}, "The ledger has no release '9.9'."),
        ({"directory": "pages"}, "is a file"),
        ({"directory": "no/such/pages"}, "cannot be made, because there is no"),
    ],
)
def test_what_cannot_be_written_is_refused(memory: Memory, tmp_path: pathlib.Path, wanted: dict[str, str], complaint: str) -> None:
    (tmp_path / "pages").write_text("")
    options: dict[str, t.Any] = {"directory": "new", **wanted}
    failed = memory.fail("release_page", **{**options, "directory": str(tmp_path / options["directory"])})
    assert complaint in failed["msg"]
    assert not (tmp_path / "new").exists()
