"""Base backups and the archive of the write-ahead log of a cluster: what a recovery to a moment or to a named point is made from.

After every recovery in place the cluster goes on in a new timeline. A moment is looked for in the timeline that was the cluster's at that
moment: so a recovery can be taken back, too. A recovery elsewhere leaves the cluster as it is.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
import shlex
import shutil
import subprocess
import time
import typing as t

from tools.embedded import postgres
from tools.embedded.errors import EmbeddedError
from tools.embedded.privilege import unprivileged
from tools.embedded.waiting import last_lines, wait_for

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.emulators.postgres.cluster import Cluster

PATIENCE = 120.0
PAUSE = 0.01


@dataclasses.dataclass
class Backup:
    """`moment`: when it was complete, in seconds since the epoch. A logical one has no timeline."""

    id: int
    moment: float
    timeline: int
    is_physical: bool = True


@dataclasses.dataclass
class Era:
    """From `since` on the cluster was in this timeline."""

    timeline: int
    since: float


class Archive:
    """Of one cluster; lies beside it."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._logs, self._bases, self._dumps = (cluster.home / name for name in ("wal", "base", "dumps"))
        self._record = cluster.home / "archive.json"
        self.backups: list[Backup] = []
        self._eras: list[Era] = []

    def prepare(self) -> None:
        for folder in (self._logs, self._bases, self._dumps):
            folder.mkdir(exist_ok=True)
            postgres.give_to_server(folder)
        if self._record.exists():
            kept = json.loads(self._record.read_text(encoding="utf-8"))
            self.backups = [Backup(**row) for row in kept["backups"]]
            self._eras = [Era(**row) for row in kept["eras"]]

    @property
    def command(self) -> str:
        """archive_command: a segment is there as a whole or not at all."""
        return f"cp %p {_shell(self._logs)}/%f.part && mv {_shell(self._logs)}/%f.part {_shell(self._logs)}/%f"

    # --- making ---

    def back_up(self) -> Backup:
        """A base backup, now. It ends with the first whole second that a recovery can go back to, so that no window is empty."""
        if not self._eras:
            self._eras.append(Era(self._timeline(), time.time()))
        number = self._next()
        self.copy_to(self._bases / str(number))
        made = self._added(Backup(number, time.time(), self._timeline()))
        while time.time() < math.ceil(made.moment):
            time.sleep(PAUSE)
        return made

    def copy_to(self, folder: Path) -> None:
        """The cluster as it is now: what is in the folder starts by itself, without any archive."""
        _postgres("pg_basebackup", "-d", self._cluster.admin_url, "-D", str(folder), "-X", "fetch", "-c", "fast", "--no-sync")

    def dump(self) -> Backup:
        """A logical backup, as plans have them whose projects have no physical ones."""
        number = self._next()
        _postgres("pg_dump", "-d", self._cluster.admin_url, "-Fc", "-f", str(self._dumps / f"{number}.dump"))
        return self._added(Backup(number, time.time(), 0, is_physical=False))

    def flush(self) -> float:
        """Archive all that was committed so far; returns until when, in seconds since the epoch.

        A transaction of our own comes last: a recovery to a moment ends at the first commit after it, and fails without one.
        """
        moment = time.time()
        self._cluster.query("SELECT pg_logical_emit_message(true, 'emulator', 'flush')")
        ((name,),) = self._cluster.query("SELECT pg_walfile_name(pg_switch_wal())")
        archived = self._logs / str(name)
        wait_for(lambda: None if archived.exists() else "not there", what=f"the archive of {name}", seconds=PATIENCE)
        return moment

    def mark(self, label: str) -> float:
        """Write a named restore point and archive it; returns when."""
        self._cluster.query("SELECT pg_create_restore_point(%s)", label)
        return self.flush()

    # --- what there is ---

    def physical(self) -> list[Backup]:
        return [one for one in self.backups if one.is_physical]

    def earliest(self) -> int | None:
        """The first whole second that a recovery can go back to."""
        moments = [one.moment for one in self.physical()]
        return math.ceil(min(moments)) if moments else None

    def latest(self, *, is_active: bool) -> int:
        """The last one: of an active project whatever is committed is archived for it, of another it is what was archived before."""
        if is_active and self._cluster.missing() is None:
            return int(self.flush())
        return int(max((path.stat().st_mtime for path in self._logs.iterdir()), default=0))

    # --- recovering ---

    def to_moment(self, moment: int) -> None:
        """Bring the cluster back to what it was at this second."""
        self._recover_in_era(moment, _at(moment))

    def to_mark(self, label: str, moment: float) -> None:
        """The same to a named restore point that was written then."""
        self._recover_in_era(moment, {"recovery_target_name": label})

    def to_backup(self, backup: Backup) -> None:
        """The same to the end of a base backup."""
        self._recover(backup, {"recovery_target": "immediate"})

    def elsewhere(self, moment: float, other: Cluster) -> None:
        """Make another cluster, which has no data yet, what this one was at this moment; it is not started."""
        backup, target = self._way_to(moment, _at(moment))
        self._unpack(backup, target, other.data_dir)

    def folder_of(self, backup: Backup) -> Path:
        """Of a physical one: a cluster that starts by itself, as it was when the backup was complete."""
        return self._bases / str(backup.id)

    def forget(self) -> None:
        """All backups."""
        for backup in self.physical():
            shutil.rmtree(self.folder_of(backup), ignore_errors=True)
        self.backups, self._eras = [], []
        self._keep()

    def _recover_in_era(self, moment: float, target: dict[str, str]) -> None:
        self._recover(*self._way_to(moment, target))

    def _way_to(self, moment: float, target: dict[str, str]) -> tuple[Backup, dict[str, str]]:
        """The backup to begin with, and where to end."""
        era = max((one for one in self._eras if one.since <= moment), key=lambda one: one.since, default=self._eras[0])
        bases = [one for one in self.physical() if one.timeline == era.timeline]
        before = [one for one in bases if one.moment <= moment]
        if before:
            return before[-1], target
        # In the instant between a recovery and the base backup that ends it, when nobody had changed anything.
        return bases[0], {"recovery_target": "immediate"}

    def _recover(self, backup: Backup, target: dict[str, str]) -> None:
        """The old cluster is kept until the new one answers, and comes back, stopped, when it does not."""
        cluster = self._cluster
        if cluster.missing() is None:
            self.flush()
        cluster.stop()
        old = cluster.data_dir.with_name("data.old")
        shutil.rmtree(old, ignore_errors=True)
        cluster.data_dir.rename(old)
        try:
            self._unpack(backup, target, cluster.data_dir)
            cluster.launch()
        except (EmbeddedError, OSError):
            cluster.stop()
            shutil.rmtree(cluster.data_dir, ignore_errors=True)
            old.rename(cluster.data_dir)
            raise
        shutil.rmtree(old)
        self._eras.append(Era(self._timeline(), time.time()))
        self.back_up()

    def _unpack(self, backup: Backup, target: dict[str, str], data: Path) -> None:
        run("cp", "-a", str(self.folder_of(backup)), str(data))
        wanted = {"restore_command": f"cp {_shell(self._logs)}/%f %p", "recovery_target_timeline": str(backup.timeline)}
        wanted |= {**target, "recovery_target_action": "promote"}
        (data / "postgresql.auto.conf").write_text("".join(f"{name} = '{value}'\n" for name, value in wanted.items()), encoding="utf-8")
        (data / "recovery.signal").touch()
        postgres.give_to_server(data / "recovery.signal")

    def _timeline(self) -> int:
        ((name,),) = self._cluster.query("SELECT pg_walfile_name(pg_current_wal_lsn())")
        return int(str(name)[:8], 16)

    def _next(self) -> int:
        return max((one.id for one in self.backups), default=0) + 1

    def _added(self, backup: Backup) -> Backup:
        self.backups.append(backup)
        self._keep()
        return backup

    def _keep(self) -> None:
        kept = {"backups": [dataclasses.asdict(one) for one in self.backups], "eras": [dataclasses.asdict(one) for one in self._eras]}
        self._record.write_text(json.dumps(kept), encoding="utf-8")


def run(*argv: str) -> None:
    """A program, as the user that the server runs as; EmbeddedError when it fails."""
    done = subprocess.run([*unprivileged(), *argv], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode != 0:
        raise EmbeddedError(f"{argv[0]} failed: {last_lines(done.stderr)}")


def _postgres(program: str, *arguments: str) -> None:
    run(str(postgres.bin_dir() / program), *arguments)


def _at(moment: float) -> dict[str, str]:
    return {"recovery_target_time": datetime.datetime.fromtimestamp(moment, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")}


def _shell(path: Path) -> str:
    return shlex.quote(str(path)).replace("%", "%%")
