# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Move the users of this portal back to the other slot, when there is no controller that could.

    roll-back --check                     say what would happen, and change nothing
    roll-back --reason "orders fail"      do it

It belongs to the router whose folder it lies in; with several routers, run it on each. The order is that of slot_router: the
maps on disk first, then the running router, then the router is asked what it holds. It refuses where the other slot is not
healthy, and where a contract migration has made its code unfit for the database. From then on a controller that
slept through it is refused (the file `fence`), and the next run of the playbooks finds what was done (`roll-backs.jsonl`).

Python 3.9 or newer, nothing else.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import dataclasses
import datetime
import fcntl
import io
import json
import os
import pathlib
import pwd
import re
import socket
import sys
import tempfile
import time
import typing as t

SLOTS = ("blue", "green")
LOCK_SECONDS = 30.0
ANSWER_SECONDS = 10.0
RECORDS = "roll-backs.jsonl"


class RefusedError(Exception):
    """A sentence that says why nothing was done, or what is left to do."""


class DoneError(Exception):
    """A sentence that says that there is nothing to do."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """All traffic goes from one slot to the other; `percent` is what the first one has now."""

    from_slot: str
    to_slot: str
    percent: int
    forced: bool


def other(slot: str) -> str:
    return SLOTS[1 - SLOTS.index(slot)]


class Router:
    """The folder of one router, and its control socket."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.slots = self.read("slots.map")
        self.release = self.read("release.map")
        self.socket = self.control_socket()

    def read(self, name: str) -> dict[str, str]:
        try:
            lines = (self.folder / name).read_text().splitlines()
        except FileNotFoundError:
            raise RefusedError(f"{self.folder} holds no {name}: no router was ever provisioned here.") from None
        return dict(line.split(" ", 1) for line in lines if " " in line and not line.startswith("#"))

    def control_socket(self) -> str:
        """As the configuration of the router names it."""
        found = re.search(r"^\s*stats socket (\S+)", (self.folder / "haproxy.cfg").read_text(), re.MULTILINE)
        if not found:
            raise RefusedError(f"{self.folder}/haproxy.cfg names no control socket.")
        return found.group(1)

    def ask(self, command: str) -> str:
        """One command to the running router, its whole answer."""
        try:
            with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as connection:
                connection.settimeout(ANSWER_SECONDS)
                connection.connect(self.socket)
                connection.sendall(f"{command}\n".encode())
                return b"".join(iter(lambda: connection.recv(65536), b"")).decode("utf-8", "replace").strip("\n ")
        except PermissionError:
            raise RefusedError(f"This user may not use {self.socket}. Run this as root, or as the user who runs the router.") from None
        except OSError as exc:
            raise RefusedError(f"No router answers on {self.socket} ({exc.strerror or exc}). Start it, then run this again.") from None

    def weights(self) -> dict[str, int]:
        green = int(self.slots.get("green_pct", "0"))
        return {"blue": 100 - green, "green": green}

    def healthy(self, slot: str) -> tuple[int, int]:
        """How many servers of a slot the running router finds healthy, and of how many."""
        rows = csv.DictReader(io.StringIO(self.ask("show stat").partition("# ")[2]))
        own = [row["status"] for row in rows if row["pxname"] == f"slot_{slot}" and row["svname"].partition("-")[0] == slot]
        return sum(status.startswith("UP") for status in own), len(own)

    def held(self, name: str) -> dict[str, str]:
        """A map as the running router holds it."""
        lines = self.ask(f"show map {self.folder}/{name}").splitlines()
        return dict(line.split(" ", 2)[1:] for line in lines if line.startswith("0x"))

    def fence(self) -> int:
        """The highest fencing number that has been here."""
        path = self.folder / "fence"
        text = path.read_text().strip() if path.exists() else "0"
        if not text.isdigit():
            raise RefusedError(f"{path}: '{text}' is not a number. Write the fencing number of the lease into it.")
        return int(text)

    def last_record(self) -> dict[str, t.Any] | None:
        """What this script did last."""
        path = self.folder / RECORDS
        lines = path.read_text().splitlines() if path.exists() else []
        return dict(json.loads(lines[-1])) if lines else None

    def move(self, to_slot: str) -> None:
        """Disk first, then the router, then proof."""
        slots = {**self.slots, "green_pct": str(100 * (to_slot == "green"))}
        release = {**self.release, "live": to_slot}
        release.pop("closed", None)
        for name, table in (("release.map", release), ("slots.map", slots)):
            write(self.folder / name, "".join(f"{key} {value}\n" for key, value in table.items()))
        self.ask(f"set map {self.folder}/release.map live {to_slot}")
        if "closed" in self.release:
            self.ask(f"del map {self.folder}/release.map closed")
        self.ask(f"set map {self.folder}/slots.map green_pct {slots['green_pct']}")
        if self.held("slots.map") != slots or self.held("release.map") != release:
            raise RefusedError("The maps on disk are changed, but the router does not show it: restart it, and it reads them.")


def write(path: pathlib.Path, text: str) -> None:
    """Complete or not at all, and durable; with the owner and the mode of the file that it replaces."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            with contextlib.suppress(FileNotFoundError):
                before = path.stat()
                os.fchmod(file.fileno(), before.st_mode & 0o777)
                if os.geteuid() == 0:
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as exc:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise RefusedError(f"{path} could not be written: {exc.strerror}.") from None
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def plan(router: Router, *, force: bool) -> Plan:
    """Where the users go; RefusedError where going there would make it worse."""
    refuse_to_go_forth(router)
    weights = router.weights()
    settled = next((slot for slot in SLOTS if weights[slot] == 100), None)
    # In the middle of a rollout the live slot is the one that had all traffic last.
    to_slot = other(settled) if settled else router.release.get("live", "blue")
    from_slot = other(to_slot)
    closed = router.release.get("closed") == to_slot and weights[to_slot] == 0
    if closed and not force:
        raise RefusedError(
            f"A contract migration ran, or may have run, since {to_slot} was live: its code does not fit the database any more. Deploy a"
            " release that mends what is wrong, or restore the database first. --even-though-contracted goes back all the same."
        )
    up, of = router.healthy(to_slot)
    if not up:
        raise RefusedError(
            f"The router finds {to_slot} not healthy (0 of {of}). Start it, for example with systemctl, then run this again."
        )
    return Plan(from_slot, to_slot, weights[from_slot], closed)


def refuse_to_go_forth(router: Router) -> None:
    """Run twice, by somebody who is not sure whether the first time worked, it must not bring the bad release back."""
    last = router.last_record()
    if last and router.weights()[last["to_slot"]] == 100 and last["fence"] == router.fence():
        raise DoneError(f"{last['to_slot']} has all the users since {last['at']}, when {last['by']} moved them. Nothing was changed.")


def raise_fence(router: Router) -> int:
    """A controller that had the lease before is refused from now on."""
    raised = router.fence() + 1
    write(router.folder / "fence", f"{raised}\n")
    return raised


def record(router: Router, done: Plan, fence: int, reason: str) -> None:
    """What the next run of a playbook finds, and writes into the ledger."""
    now = datetime.datetime.now(datetime.timezone.utc)
    line = {
        "id": f"{now:%Y%m%dT%H%M%SZ}-{fence}",
        "at": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "by": os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name,
        "reason": reason,
        "from_slot": done.from_slot,
        "to_slot": done.to_slot,
        "percent_before": done.percent,
        "fence": fence,
        "forced": done.forced,
    }
    path = router.folder / RECORDS
    before = path.read_text() if path.exists() else ""
    write(path, f"{before}{json.dumps(line, sort_keys=True)}\n")


@contextlib.contextmanager
def locked(folder: pathlib.Path) -> t.Iterator[None]:
    """The lock that slot_router takes."""
    with (folder / ".lock").open("a") as file:
        end = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise RefusedError(f"Another task has been changing this router for {LOCK_SECONDS:g} s. Nothing was changed.") from None
                time.sleep(0.1)
        yield


def run(folder: pathlib.Path, arguments: argparse.Namespace) -> str:
    """The sentence to print."""
    with locked(folder):
        router = Router(folder)
        wanted = plan(router, force=arguments.even_though_contracted)
        way = f"{wanted.from_slot} ({wanted.percent} %) to {wanted.to_slot} (100 %)"
        if arguments.check:
            return f"Would move the users from {way}. Nothing was changed."
        fence = raise_fence(router)
        router.move(wanted.to_slot)
        record(router, wanted, fence, arguments.reason)
    return f"The users were moved from {way}, and the router shows it. The next run of a playbook writes it into the ledger."


def main() -> int:
    parser = argparse.ArgumentParser(prog="roll-back", description="Move the users back to the other slot, without a controller.")
    parser.add_argument("--reason", default="", help="why, for the ledger; needed unless --check is given")
    parser.add_argument("--check", action="store_true", help="say what would happen, and change nothing")
    parser.add_argument("--even-though-contracted", action="store_true", help="go back even after a contract migration")
    arguments = parser.parse_args()
    if not arguments.check and not arguments.reason.strip():
        parser.error("--reason is missing: say why, for the ledger")
    try:
        print(run(pathlib.Path(__file__).resolve().parent, arguments))
    except DoneError as exc:
        print(exc)
    except (RefusedError, PermissionError) as exc:
        print(f"roll-back: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
