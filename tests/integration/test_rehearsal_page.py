"""The report of a rehearsal, from a ledger in a folder."""

from __future__ import annotations

import json
import typing as t

from tests.integration.release_lab import PORTAL, in_folder
from tests.unit.plugins.module_utils._recovery.rehearsals import good

if t.TYPE_CHECKING:
    import pathlib

NAME = "rehearsal-20261122T120000Z"


def test_the_report_is_written_once_in_three_formats_and_only_in_earnest(tmp_path: pathlib.Path) -> None:
    memory, folder = in_folder(tmp_path), tmp_path / "rehearsals"
    memory.write({"event": "rehearsal.completed", "data": good()})
    wanted: dict[str, t.Any] = {"directory": str(folder), "environment": "production"}
    foretold = memory.run("rehearsal_page", check=True, **wanted)
    assert not folder.exists()
    written = memory.run("rehearsal_page", **wanted)
    assert [foretold["changed"], written["changed"], memory.run("rehearsal_page", **wanted)["changed"]] == [True, True, False]
    assert {**foretold, "raw": None} == {**written, "raw": None}
    assert (written["rehearsal"], written["verdict"]) == (NAME, "recovered")
    assert sorted(path.name for path in folder.iterdir()) == [f"{NAME}.html", f"{NAME}.json", f"{NAME}.md"]
    assert f"{NAME} · {PORTAL} production" in (folder / f"{NAME}.html").read_text()
    told = json.loads((folder / f"{NAME}.json").read_text())
    assert (told["rehearsal"]["evidence_intact"], told["ledger"]["intact"], told["entry"]["number"]) == (True, True, 1)
    assert "The ledger has no rehearsal 'x'." in memory.fail("rehearsal_page", rehearsal="x", **wanted)["msg"]
