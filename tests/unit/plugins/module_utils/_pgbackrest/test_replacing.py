"""A swap of data directories that fails: whatever of it was done, the old cluster is back in its place and runs."""

from __future__ import annotations

import dataclasses
import os
import typing as t
from pathlib import Path

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Finished
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest import cluster as cluster_module
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.replacing import put_in_place, ready
from tests.unit.plugins.module_utils._host.scripted_commands import ScriptedCommands


class Server(ScriptedCommands):
    """A cluster as its tools show it: it starts from a data directory whose VERSION is in `starting`, and runs until it is stopped."""

    def __init__(self, data_dir: Path, starting: t.Collection[str]) -> None:
        super().__init__()
        self._pid = data_dir / "postmaster.pid"
        self._version = data_dir / "VERSION"
        self._starting = starting
        self.stops = 0

    def run(self, argv: t.Sequence[str], **rest: t.Any) -> Finished:
        if "start" in argv and self._version.read_text() in self._starting:
            self._pid.touch()
        if "stop" in argv:
            self._pid.unlink()
            self.stops += 1
        refused = int(not self.runs)
        self.answers = {"start": (refused, "no start"), "status": (3 * refused, ""), "--file=-": (2 * refused, "1")}
        return super().run(argv, **rest)

    @property
    def runs(self) -> bool:
        return self._pid.exists()


@dataclasses.dataclass(frozen=True)
class Swap:
    """The live cluster, the restored one, and the name under which the live one would be kept."""

    live: Path
    restored: Path
    kept: Path

    def carry_out(self, starting: t.Collection[str], *, kept: bool = True) -> Server:
        server = Server(self.live, starting)
        cluster = Cluster("15/main", str(self.live), "/etc", "/bin", "/run", 5432, "postgres", ())
        put_in_place(server, cluster, str(self.restored), str(self.kept) if kept else None)
        return server

    def versions(self) -> dict[str, str]:
        return {path.parent.name: path.read_text() for path in self.live.parent.glob("*/VERSION")}


@pytest.fixture
def swap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Swap:
    monkeypatch.setattr(cluster_module, "find_program", lambda name: f"/usr/bin/{name}")
    live = tmp_path / "main"
    swap = Swap(live, Path(ready(f"{live}.holdfast-restore")), Path(f"{live}.before-then"))
    for folder, version in ((swap.live, "old"), (swap.restored, "restored")):
        folder.mkdir()
        (folder / "VERSION").write_text(version)
    (live / "postmaster.pid").touch()
    return swap


def test_a_swap_keeps_the_old_cluster_and_runs_the_restored_one(swap: Swap) -> None:
    server = swap.carry_out({"old", "restored"})
    assert swap.versions() == {"main": "restored", "main.before-then": "old"}
    assert (server.runs, server.stops) == (True, 1)


@pytest.mark.parametrize("refused", ["main", "main.holdfast-restore-ready"])
def test_the_old_cluster_runs_again_when_a_folder_cannot_be_renamed(swap: Swap, monkeypatch: pytest.MonkeyPatch, refused: str) -> None:
    rename = os.rename

    def refuse(old: str, new: str) -> None:
        if os.path.basename(old) == refused:
            raise OSError(16, "Device or resource busy", old)
        rename(old, new)

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(WebopsError, match=r"could not take the place .* Device or resource busy: .* The old one runs again\."):
        swap.carry_out({"old", "restored"})
    assert swap.versions() == {"main": "old", swap.restored.name: "restored"}
    assert (swap.live / "postmaster.pid").exists()


def test_the_old_cluster_runs_again_when_the_restored_one_does_not_start(swap: Swap) -> None:
    with pytest.raises(WebopsError, match=r"no start The old one runs again\.") as caught:
        swap.carry_out({"old"})
    assert caught.value.hint == f"The restored one lies in {swap.restored}."
    assert swap.versions() == {"main": "old", swap.restored.name: "restored"}
    assert (swap.live / "postmaster.pid").exists()


def test_it_is_said_where_the_old_cluster_lies_when_that_does_not_start_either(swap: Swap) -> None:
    with pytest.raises(WebopsError, match="The old one does not run: ") as caught:
        swap.carry_out(())
    assert caught.value.hint == f"It lies in {swap.live}."
    assert swap.versions()["main"] == "old"


def test_without_an_old_cluster_nothing_is_put_back(swap: Swap) -> None:
    for name in ("postmaster.pid", "VERSION"):
        (swap.live / name).unlink()
    swap.live.rmdir()
    with pytest.raises(WebopsError, match="The restored cluster did not start: ") as caught:
        swap.carry_out((), kept=False)
    assert caught.value.hint == f"It lies in {swap.live}."
    assert swap.versions() == {"main": "restored"}
