# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the use cases of pg_restore have at hand: the checked request, what is restored, and the server it goes to."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.asking import RestoreRequest, read_request
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup
from ansible_collections.holdfast.webops.plugins.module_utils._backup.choosing import Chosen, choose_for, outlook
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fetching import Arriving, arriving_archive, require_room
from ansible_collections.holdfast.webops.plugins.module_utils._backup.filling import APPLICATION
from ansible_collections.holdfast.webops.plugins.module_utils._backup.loading import RestorePlan, is_streamed
from ansible_collections.holdfast.webops.plugins.module_utils._backup.scratch import private_folder
from ansible_collections.holdfast.webops.plugins.module_utils._backup.shown import described, described_manifest
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import verifier
from ansible_collections.holdfast.webops.plugins.module_utils._backup.telling import Teller
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.databases import at_database
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.failures import server_errors
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.kept_server import kept_elsewhere, kept_server
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client, client_for_restore, find_clients
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.scratch_server import scratch_server, server_programs
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.target import (
    Target,
    check_contents,
    check_server_room,
    read_target,
)

if t.TYPE_CHECKING:
    from psycopg import Connection


@dataclasses.dataclass(frozen=True)
class Server:
    """Where it goes: a connection from which databases are made, what may be done there, and the programs that do it.

    `folder` is where it is noted what is kept, None where nothing is; `began` and `arriving` as in RestorePlan.
    """

    url: str
    admin: Connection[t.Any]
    target: Target
    client: Client
    folder: str | None
    began: float
    arriving: Arriving | None


@dataclasses.dataclass(frozen=True)
class Session:
    """All that a use case needs at hand before it needs a server."""

    call: Call
    request: RestoreRequest
    clock: Clock
    commands: Commands
    deadline: Deadline
    clients: list[Client]
    chosen: Chosen

    @property
    def manifest(self) -> dict[str, t.Any]:
        return self.chosen.manifest

    @property
    def backup(self) -> Backup:
        """The backup in stores; a file has no place for a proof, and asking.py has refused it."""
        if self.chosen.backup is None:
            raise InputError("A file cannot be proven.", hint="Prove a backup in a store.")
        return self.chosen.backup

    def doubted(self, outcome: Outcome) -> Outcome:
        """The same, with a warning of stores that could not be read, and of wrong signatures of copies that are used all the same."""
        doubts = self.chosen.backup.doubts if self.chosen.backup else ()
        return dataclasses.replace(outcome, warnings=(*self.chosen.unread, *doubts, *outcome.warnings))

    @property
    def streamed(self) -> bool:
        """Whether no place on a disk of ours is needed for the archive."""
        return is_streamed(self.chosen.supply.format, self.request.jobs if self.request.into == "new" else 1)

    @contextlib.contextmanager
    def server(self) -> t.Iterator[Server]:
        """Connect, or start a server of our own, and refuse what could not be finished there."""
        request, began = self.request, self.clock.monotonic()
        if not self.streamed:
            require_room(self.chosen.supply, request.scratch_dir)
        with contextlib.ExitStack() as stack:
            stack.enter_context(server_errors("what a restore needs"))
            arriving = stack.enter_context(self._arriving())
            url, folder = stack.enter_context(self._own_server() if request.database_url is None else self._other_server())
            inside = request.database if request.into == "empty" else request.maintenance_database
            admin = stack.enter_context(contextlib.closing(connect(at_database(url, inside), application_name=APPLICATION)))
            if request.database_url is None:
                _create_roles(admin, self.manifest["roles"])
            target = read_target(admin, request.database, self.manifest["owners"])
            check_contents(target, self.manifest)
            check_server_room(target, self.manifest["database"]["size"])
            client = client_for_restore(self.clients, self.manifest["client"]["major"] or 0, target.server_major)
            yield Server(url, admin, target, client, folder, began, arriving)

    def plan(self, server: Server, ownership: tuple[str, ...]) -> RestorePlan:
        """How the archive goes into the server."""
        return RestorePlan(
            self.commands,
            self.clock,
            server.admin,
            self.manifest,
            self.chosen.supply,
            server.url,
            server.client,
            self.request.jobs,
            self.request.scratch_dir,
            ownership,
            self.deadline,
            Teller(self.call.progress, self.clock),
            server.began,
            server.arriving,
        )

    @contextlib.contextmanager
    def _arriving(self) -> t.Iterator[Arriving | None]:
        """What is fetched while a server of our own is being made; one that is there could still refuse."""
        if self.request.database_url is not None or self.streamed or self.call.check_mode:
            yield None
            return
        with arriving_archive(self.commands, self.chosen.supply, self.request.scratch_dir, self.deadline) as archive:
            yield archive

    @contextlib.contextmanager
    def _own_server(self) -> t.Iterator[tuple[str, str | None]]:
        programs, request = server_programs(self.clients, self.manifest["server"]["major"] or 0), self.request
        if self._keeps:
            seconds = request.keep_for or 0.0
            keeping = kept_server(self.commands, self.clock, programs, request.scratch_dir, request.portal, seconds)
            with contextlib.ExitStack() as stack:
                yield stack.enter_context(keeping)
            return
        with (
            private_folder(request.scratch_dir, "server") as folder,
            scratch_server(self.commands, self.clock, programs, folder) as url,
        ):
            yield url, None

    @contextlib.contextmanager
    def _other_server(self) -> t.Iterator[tuple[str, str | None]]:
        url = str(self.request.database_url)
        if not self._keeps:
            yield url, None
            return
        with kept_elsewhere(self.request.scratch_dir, self.request.portal) as folder:
            yield url, folder

    @property
    def _keeps(self) -> bool:
        return bool(self.request.keep_for) and not self.call.check_mode


def session_for(call: Call) -> Session:
    """Check the input and choose what is restored; no server is asked yet."""
    clock, commands = SystemClock(), Commands()
    request = read_request(call.params)
    clients = find_clients(commands, request.pg_bin_dir)
    deadline = Deadline(clock, request.wait_timeout)
    chosen = choose_for(request, verifier(commands, call.params), commands, clients, deadline)
    return Session(call, request, clock, commands, deadline, clients, chosen)


def shown_choice(session: Session) -> dict[str, t.Any]:
    """The documented values `backup` and `plan`, and `rehearsal` where there is none."""
    chosen = session.chosen
    shown = described_manifest(chosen.manifest) if chosen.backup is None else described(chosen.backup)
    return {"backup": shown, "plan": outlook(chosen, session.request, streamed=session.streamed), "rehearsal": None}


def _create_roles(admin: Connection[t.Any], roles: t.Sequence[str]) -> None:
    """Roles that grants and policies name must exist; on a server of our own they are made."""
    sql = need("psycopg.sql")
    present = {name for (name,) in admin.execute("SELECT rolname FROM pg_roles").fetchall()}
    for role in sorted(set(roles) - present):
        admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
