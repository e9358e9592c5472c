# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster of its own from a physical backup: files, recovery to the target, a look into it. The live one is not touched.

It archives nothing: what it would archive is kept in its folder until it takes the live one's place.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import shutil
import signal
import subprocess
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, find_program, stop
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.client import PgBackRest
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster, answers, ask, query
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.target import Choice
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.scratch_server import namespace

SHUTDOWN = 300.0  # seconds
CONFIG = "holdfast_scratch.conf"
_RECOVERY = re.compile(r"^\s*(restore_command|recovery_target\w*)\s*=", re.MULTILINE)
_DATABASES = "SELECT json_agg(datname ORDER BY datname) FROM pg_database WHERE datallowconn AND NOT datistemplate"
# Without hot_standby nobody gets in before the end, and the settings of the live server need not be repeated.
_SETTINGS: t.Final = {
    "listen_addresses": "",
    "hot_standby": "off",
    "archive_mode": "on",
    "archive_command": "",
    "ssl": "off",
    "logging_collector": "off",
    "autovacuum": "off",
    "shared_preload_libraries": "",
    "external_pid_file": "",
}


@dataclasses.dataclass(frozen=True)
class Fresh:
    """The scratch cluster: what it runs as, and what is in it."""

    cluster: Cluster
    databases: list[str]
    checks: list[dict[str, t.Any]]


def fetch(backrest: PgBackRest, cluster: Cluster, choice: Choice, place: str, *, jobs: int, timeout: float) -> None:
    """The files of the backup in a new folder, told how far to recover."""
    owner = os.stat(cluster.config_dir if not os.path.isdir(cluster.data_dir) else cluster.data_dir)
    os.mkdir(place, 0o700)
    os.chown(place, owner.st_uid, owner.st_gid)
    action = () if choice.words == ("--type=default",) else ("--target-action=promote",)
    where = (f"--pg1-path={place}", f"--repo={choice.copy.repository}", f"--set={choice.copy.label}")
    tablespaces = f"--tablespace-map-all={place}/holdfast_tablespaces"
    backrest.check(*where, tablespaces, f"--process-max={jobs}", *choice.words, *action, "restore", timeout=timeout)


@contextlib.contextmanager
def running(commands: Commands, clock: Clock, cluster: Cluster, place: str, folder: str, deadline: Deadline) -> t.Iterator[Cluster]:
    """Let it recover on a socket of its own, in `folder`; CommandError with PostgreSQL's reason where it cannot. It is shut down after."""
    log = os.path.join(folder, "log")
    for path, text in ((os.path.join(folder, "hba"), "local all all trust\n"), (os.path.join(place, CONFIG), "")):
        write_atomic(path, text.encode(), mode=0o644)
    prepared = cluster.settings.get("max_prepared_transactions", "0")
    settings = {
        **_SETTINGS,
        "config_file": os.path.join(place, CONFIG),
        "hba_file": os.path.join(folder, "hba"),
        "unix_socket_directories": folder,
        "max_prepared_transactions": prepared,
        "port": "5432",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    scratch = dataclasses.replace(cluster, name="", data_dir=place, socket_dir=folder, port=5432)
    with open(log, "wb") as said:
        child = commands.start([*_mortal(cluster), cluster.program("postgres"), "-D", place, *options], stderr=said, cwd="/")
    try:
        _wait(commands, clock, scratch, child, log, deadline)
        yield scratch
        _shut_down(child)
    finally:
        stop(child)


def _mortal(cluster: Cluster) -> list[str]:
    """As the owner, and shut down by the kernel when this task dies. A cluster of root's own runs in a user namespace."""
    own = namespace() if os.geteuid() == 0 and not cluster.prefix else ()
    return [*own, *(cluster.prefix[:-1] or (find_program("setpriv"),)), "--pdeathsig", "INT", "--"]


def _wait(commands: Commands, clock: Clock, scratch: Cluster, child: subprocess.Popen[bytes], log: str, deadline: Deadline) -> None:
    def ready() -> bool:
        if child.poll() is not None:
            raise CommandError(
                f"The restored cluster did not reach the target: {_reason(log)}", hint="Nothing of the live one was touched."
            )
        return answers(commands, scratch)

    wait_until(lambda: ready() or None, clock=clock, timeout=deadline.remaining(), interval=0.1, what="the restored cluster to recover")


def _reason(log: str) -> str:
    lines = (read_if_there(log) or b"").decode("utf-8", "replace").splitlines()
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
    return (fatal or lines or ["it said nothing"])[-1].strip()


def _shut_down(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGINT)
    try:
        child.wait(SHUTDOWN)
    except subprocess.TimeoutExpired as exc:
        raise WebopsError(f"The restored cluster did not shut down within {SHUTDOWN:g} s.") from exc


def look_into(commands: Commands, scratch: Cluster, checks: t.Sequence[t.Mapping[str, t.Any]]) -> Fresh:
    """Its databases, and the questions of the site; WebopsError for an answer that is not the expected one."""
    databases = list(ask(commands, scratch, _DATABASES) or [])
    answered = [_answer(commands, scratch, check) for check in checks]
    for one in answered:
        if not one["passed"]:
            raise WebopsError(
                f"The check '{one['name']}' of the restored cluster gave '{one['found']}' instead of '{one['expected']}'.",
                hint="Choose another target. Nothing of the live cluster was touched.",
            )
    return Fresh(scratch, databases, answered)


def _answer(commands: Commands, scratch: Cluster, check: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    found = query(commands, scratch, check["query"], database=check["database"])
    passed = check["expect"] is None or found == check["expect"]
    return {"name": check["name"], "found": found, "expected": check["expect"], "passed": passed}


def forget_recovery(place: str) -> None:
    """Take out what told this cluster how far to recover: a later recovery would believe it."""
    path = os.path.join(place, "postgresql.auto.conf")
    text = (read_if_there(path) or b"").decode()
    kept = "".join(line for line in text.splitlines(keepends=True) if not _RECOVERY.match(line))
    before = os.stat(path)
    write_atomic(path, kept.encode(), mode=0o600)
    os.chown(path, before.st_uid, before.st_gid)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(place, CONFIG))


def throw_away(commands: Commands, cluster: Cluster, place: str) -> None:
    """Remove a scratch cluster, also one whose task was killed."""
    if os.path.exists(os.path.join(place, "postmaster.pid")):
        commands.run(cluster.as_owner(cluster.program("pg_ctl"), "stop", "-D", place, "-m", "immediate", "-w"), timeout=60.0, cwd="/")
    if os.path.isdir(place):
        shutil.rmtree(place)
