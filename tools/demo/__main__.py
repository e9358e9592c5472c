"""`make demo`, `make demo-up`, `make demo-down`."""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from tools.demo.console import Console
from tools.demo.playbook import CHECKOUT
from tools.demo.story import DISASTER, Story, failed_requests, write_record
from tools.embedded import lifecycle, lock, supervision
from tools.embedded.errors import EmbeddedError
from tools.embedded.home import Home, require_furnished
from tools.embedded.ports import Ports, port_base

LONGEST_SECONDS = 300
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("action", choices=("run", "up", "down"))
    parser.add_argument("--home", default=str(CHECKOUT / ".demo"), help="folder of the environment (default: .demo)")
    parser.add_argument("--port-base", help="first of six ports on loopback (default: HOLDFAST_PORT_BASE or 18400)")
    parser.add_argument("--rate", type=int, default=250, help="requests per second (default: %(default)s)")
    return parser.parse_args()


def begin(home: Home, ports: Ports, console: Console, rate: int) -> Story:
    """Clean servers and fresh artefacts."""
    console.say("Starting PostgreSQL, S3 and the supervisor on loopback, and building three releases of the example portal ...")
    subprocess.run(
        [sys.executable, str(CHECKOUT / "examples" / "portal" / "build.py"), "all"], check=True, cwd=CHECKOUT, stdout=subprocess.DEVNULL
    )
    lifecycle.up(home, ports)
    return Story(home, ports, console, rate)


def run(home: Home, ports: Ports, console: Console, rate: int) -> int:
    began = time.monotonic()
    story = begin(home, ports, console, rate)
    chapters: tuple[Callable[[], None], ...] = (
        story.provision, story.first_release, story.users_arrive, story.second_release, story.bad_release,
        story.take_migration_back, story.way_back, story.back_up, story.disaster, story.everything_again, story.no_order_is_lost,
        story.rehearse,
    )  # fmt: skip
    try:
        for tell in chapters:
            tell()
            if not story.chapters[-1].kept and tell in (story.provision, story.first_release):
                break
    finally:
        report = story.load.stop()
        lifecycle.down(home)
    write_record(home.path / "report.json", story.chapters, report)
    return summarise(home, console, story, report, time.monotonic() - began)


def summarise(home: Home, console: Console, story: Story, report: dict[str, Any], seconds: float) -> int:
    disaster = next((chapter for chapter in story.chapters if chapter.title == DISASTER), None)
    outside, inside = failed_requests(story.load, disaster)
    console.say()
    console.table(("step", "seconds", "outcome"), [(c.title, f"{c.ended - c.began:.1f}", c.outcome) for c in story.chapters])
    console.say(
        f"\n  {report.get('sent', 0)} requests, {outside} failed outside the deliberate drop, {inside} inside it, {seconds:.0f} s in all."
    )
    lines = report.get("websockets") or {"echoes": 0, "cut": 0, "failures": []}
    console.say(f"  {lines['echoes']} words came back over websockets, {lines['cut']} websockets cut, {len(lines['failures'])} failed.")
    console.say(f"  report {home.path / 'report.json'}\n  ledger {home.path / 'ledger'}\n  logs   {home.log}")
    for page in story.rehearsals()[-1:]:
        console.say(f"  rehearsal {page}")
    console.say("\n  Try next:\n    make demo-up                                  # the same portal, left running")
    console.say(
        "    ansible-doc -t role holdfast.webops.portal_deploy\n    make demo PORT_BASE=19000                      # on other ports"
    )
    served = outside == 0 and bool(report.get("ok")) and bool(lines["echoes"]) and not lines["cut"] and not lines["failures"]
    whole = all(chapter.kept for chapter in story.chapters) and served and seconds <= LONGEST_SECONDS
    (console.kept if whole else console.broken)("every promise was kept" if whole else "a promise was broken; the lines marked ✘ say which")
    return 0 if whole else 1


def bring_up(home: Home, ports: Ports, console: Console, rate: int) -> int:
    story = begin(home, ports, console, rate)
    try:
        story.provision()
        story.first_release()
        story.users_arrive()
        story.second_release()
    finally:
        story.load.stop()
    marker(home).touch()
    console.say(f"\n  The portal serves at {story.url}; `make demo-down` ends it. Try:")
    console.say(f"    . .venv/bin/activate; export HOLDFAST_HOME={home.path} HOLDFAST_PORT_BASE={ports.base}")
    console.say("    ansible-playbook -i inventories/local holdfast.webops.check")
    return 0 if all(chapter.kept for chapter in story.chapters) else 1


def act(chosen: argparse.Namespace, console: Console) -> int:
    home = Home.at(chosen.home)
    if chosen.action == "down" and not home.path.exists():
        return 0
    home.path.mkdir(parents=True, exist_ok=True)
    with lock.held(home):
        if chosen.action == "down":
            lifecycle.down(home)
            marker(home).unlink(missing_ok=True)
            return 0
        wipe(home)
        tell = run if chosen.action == "run" else bring_up
        try:
            return tell(home, Ports(port_base(chosen.port_base)), console, chosen.rate)
        except BaseException:
            # Wherever it was interrupted, also between the start of the servers and the first chapter.
            supervision.stop(home)
            raise


def wipe(home: Home) -> None:
    """End what a killed demo left running and forget its data; the lock stays ours."""
    left = [entry for entry in home.path.iterdir() if entry != home.lock]
    if not left:
        return
    require_furnished(home)
    if marker(home).exists() and supervision.is_running(home):
        raise EmbeddedError(f"`make demo-up` left a portal running in {home.path}; end it first with `make demo-down`.")
    lifecycle.down(home)
    for entry in left:
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


def marker(home: Home) -> Path:
    """Stands while somebody plays with the environment of `make demo-up`."""
    return home.path / "demo-up"


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """The first signal ends the story; those that follow must not end the cleaning up."""
    for number in INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    for number in INTERRUPTS:
        # nohup means what it says; SIGINT is ignored merely because a shell started this in the background.
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interrupt)
    try:
        return act(arguments(), Console())
    except EmbeddedError as exc:
        print(f"demo: {exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: interrupted; everything that it started was stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
