"""The demo: a portal's life on this machine, under load, with every promise looked at."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tools.demo.console import Console
from tools.demo.playbook import CHECKOUT, Played, Player
from tools.embedded import credentials, postgres
from tools.embedded.home import Home
from tools.embedded.ports import Ports
from tools.load.background import BackgroundLoad
from tools.load.records import Acknowledged, lost_orders, read_failures, read_orders
from tools.load.tally import outside

BUILD = CHECKOUT / "build" / "portal"
BACKUP = "Back up and prove"
DISASTER = "Drop a table, restore"
WEBSOCKETS = 10
NEWEST_OF_1_1 = "20260302090200"


@dataclass
class Chapter:
    """One line of the table at the end. `began` and `ended` are seconds since the epoch."""

    title: str
    began: float
    ended: float = 0.0
    outcome: str = ""
    promises: list[tuple[bool, str]] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        return all(kept for kept, _text in self.promises)


class Story:
    """Tells the chapters in order and remembers how each ended."""

    def __init__(self, home: Home, ports: Ports, console: Console, rate: int) -> None:
        self.chapters: list[Chapter] = []
        self.url = f"http://127.0.0.1:{ports.router}"
        self.load = BackgroundLoad(self.url, home.path / "load.json", rate=rate, websockets=WEBSOCKETS)
        self._player = Player(home, ports, console.step)
        self._rehearsals = home.path / "rehearsals"
        self._console = console
        self._ports = ports
        admin_url = postgres.url(ports.postgres, credentials.read(home.secrets, "postgres_admin_password"))
        self._database_url = admin_url.rpartition("/")[0] + "/shop"

    def provision(self) -> None:
        with self._chapter("Provision", "Database and owner, router, two empty slots.") as chapter:
            self._expect_success(chapter, self._player.play("provision"))

    def first_release(self) -> None:
        with self._chapter("Deploy 1.0", "The first release goes to an idle slot, is looked at there, and gets the traffic.") as chapter:
            self._expect_success(chapter, self._deploy("1.0"))
            self._expect_version(chapter, "1.0")

    def users_arrive(self) -> None:
        self.load.start()
        self.load.wait_until(sent=50)
        self._console.say(
            f"    Users arrive at {self.url}: lists, orders, uploads, slow requests, websockets; from here on every answer counts."
        )

    def second_release(self) -> None:
        title = "Deploy 1.1 with migrations"
        with self._chapter(title, "Expand the schema, 10 % of the users, look, 50 %, look, all, then contract the schema.") as chapter:
            self._expect_success(chapter, self._deploy("1.1"))
            self._expect_version(chapter, "1.1")

    def bad_release(self) -> None:
        with self._chapter("Deploy 1.2", "Healthy when one looks, slow as soon as users come. The analysis has to see it.") as chapter:
            played = self._deploy("1.2")
            self._promise(chapter, not played.worked and "abort" in played.complaint, f"it was seen and undone: {played.complaint}", played)
            self._expect_version(chapter, "1.1")

    def take_migration_back(self) -> None:
        title = "Take 1.2's migration back"
        with self._chapter(
            title, "Its index stayed, for it harms nobody. But 1.1 knows nothing of it, and shall be deployable."
        ) as chapter:
            self._promise(chapter, self._has_index_of_1_2(), "the index is there")
            self._expect_success(chapter, self._migrate("1.2", portal_migrate_state="rolled_back", portal_migrate_to=NEWEST_OF_1_1))
            self._promise(chapter, not self._has_index_of_1_2(), "the index is gone")
            self._expect_version(chapter, "1.1")

    def way_back(self) -> None:
        title = "Roll back to 1.0"
        with self._chapter(title, "1.1 has removed a column that 1.0 needs; moving traffic back would break every order.") as chapter:
            played = self._player.play("roll_back", portal_roll_back_to="1.0")
            self._promise(chapter, not played.worked and "refused" in played.complaint, f"refused: {played.complaint}", played)
            self._expect_version(chapter, "1.1")

    def back_up(self) -> None:
        title = "Back up and prove"
        with self._chapter(
            title, "One read of the database, encrypted, to disk and S3; restored into a scratch database and compared."
        ) as chapter:
            self._expect_success(chapter, self._player.play("back_up"))

    def disaster(self) -> None:
        with self._chapter(DISASTER, "Somebody drops the table of orders. Failed requests in this chapter are on purpose.") as chapter:
            with psycopg.connect(self._database_url, autocommit=True) as connection:
                connection.execute("drop table orders cascade")
            self._console.step("dropped: orders")
            self._expect_success(chapter, self._restore())
            # The last requests that met the missing table may still be on their way.
            time.sleep(1)

    def everything_again(self) -> None:
        title = "Everything a second time"
        with self._chapter(title, "The same commands again find nothing to do.") as chapter:
            again: dict[str, Callable[[], Played]] = {
                "provision": lambda: self._player.play("provision"),
                "deploy": lambda: self._deploy("1.1"),
                "migrate": lambda: self._migrate("1.1"),
                "back_up": lambda: self._player.play("back_up", portal_back_up_max_age=3600),
                "restore": self._restore,
                "check": lambda: self._player.play("check"),
            }
            for name, play in again.items():
                played = play()
                text = f"{name}: changed={played.changed} {played.complaint}".strip()
                self._promise(chapter, played.worked and played.changed == 0, text, played)

    def no_order_is_lost(self) -> None:
        """Compare what the portal accepted with what the database holds now."""
        title = "Look for every order"
        with self._chapter(title, "What was accepted before the backup and after the restore must be there.") as chapter:
            wanted = kept_for_good(read_orders(self.load.report), self.named(BACKUP), self.named(DISASTER))
            try:
                lost = lost_orders(self._database_url, wanted)
            except psycopg.Error as exc:
                self._promise(chapter, False, f"the orders cannot be read: {exc}")
                return
            self._promise(
                chapter, not lost and bool(wanted), f"{len(wanted) - len(lost)} of {len(wanted)} accepted orders are in the database"
            )

    def rehearse(self) -> None:
        title = "Rehearse the bad day"
        with self._chapter(
            title, "The newest backup into scratch space, questions to it, and the hours and minutes that recovery would take."
        ) as chapter:
            played = self._player.play("rehearse")
            self._expect_success(chapter, played)
            self._promise(chapter, bool(self.rehearsals()), "its report is written")

    def rehearsals(self) -> list[Path]:
        """The reports, the newest last."""
        return sorted(self._rehearsals.glob("*.html"), key=lambda page: page.stat().st_mtime)

    def named(self, title: str) -> Chapter:
        """The chapter of that title, told already."""
        return next(chapter for chapter in self.chapters if chapter.title == title)

    def _restore(self) -> Played:
        return self._player.play("restore", portal_restore_backup="latest_proven", portal_restore_confirm="shop")

    def _migrate(self, version: str, **variables: str) -> Played:
        return self._player.play("migrate", portal_migrate_dir=migrations_dir(version), **variables)

    def _has_index_of_1_2(self) -> bool:
        with psycopg.connect(self._database_url, autocommit=True) as connection:
            found = connection.execute("select to_regclass('orders_customer_email') is not null").fetchone()
        return found == (True,)

    def _deploy(self, version: str) -> Played:
        return self._player.play(
            "deploy",
            portal_deploy_version=version,
            portal_deploy_artifact=str(BUILD / f"portal-{version}.tar.gz"),
            portal_deploy_migrations_dir=migrations_dir(version),
        )

    @contextmanager
    def _chapter(self, title: str, why: str) -> Iterator[Chapter]:
        chapter = Chapter(title, time.time())
        self.chapters.append(chapter)
        self._console.chapter(len(self.chapters), title, why)
        try:
            yield chapter
        finally:
            chapter.ended = time.time()
        chapter.outcome = "as promised" if chapter.kept else "BROKEN"

    def _expect_success(self, chapter: Chapter, played: Played) -> None:
        self._promise(chapter, played.worked, played.complaint or "done", played)

    def _expect_version(self, chapter: Chapter, version: str) -> None:
        serving = serving_version(self._ports.router)
        self._promise(chapter, serving == version, f"users get {serving}")

    def _promise(self, chapter: Chapter, kept: bool, text: str, played: Played | None = None) -> None:
        chapter.promises.append((kept, text))
        if kept:
            self._console.kept(text)
        else:
            self._console.broken(f"{text}{f' (see {played.log})' if played else ''}")


def migrations_dir(version: str) -> str:
    return str(BUILD / version / "supabase" / "migrations")


def serving_version(port: int) -> str:
    """The version in the header of the public address; the error's text where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return str(connection.getresponse().getheader("X-Portal-Version", "no version"))
    except OSError as exc:
        return str(exc)
    finally:
        connection.close()


def failed_requests(load: BackgroundLoad, disaster: Chapter | None) -> tuple[int, int]:
    """Failed requests outside and inside the chapter in which they are on purpose."""
    failures = read_failures(load.report) if load.report.exists() else []
    unexplained = outside(failures, [(disaster.began, disaster.ended)] if disaster else [])
    return len(unexplained), len(failures) - len(unexplained)


def kept_for_good(orders: list[Acknowledged], backup: Chapter, disaster: Chapter) -> list[Acknowledged]:
    """The accepted orders that must be in the database: from before the backup, and from after the restore."""
    return [order for order in orders if order.at < backup.began or order.at > disaster.ended]


def write_record(path: Path, chapters: list[Chapter], report: dict[str, Any]) -> None:
    """The whole story as JSON, for whoever wants to compare runs."""
    told = [
        {"title": chapter.title, "seconds": round(chapter.ended - chapter.began, 1), "kept": chapter.kept, "promises": chapter.promises}
        for chapter in chapters
    ]
    path.write_text(json.dumps({"chapters": told, "requests": {key: report.get(key) for key in ("sent", "ok", "failed")}}, indent=2) + "\n")
