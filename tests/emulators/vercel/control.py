"""The emulator's own door, `/__emulator/`: faults, settings, the clock, what was asked, and starting anew."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import json
import typing as t

from tests.emulators.faults import UnknownFaultError
from tests.emulators.vercel import storage_api
from tests.emulators.vercel.call import Answer
from tests.emulators.vercel.errors import bad_request, not_found
from tests.emulators.vercel.records import Token
from tests.emulators.vercel.world import TEAM, TOKEN, World

if t.TYPE_CHECKING:
    from tests.emulators.vercel.storage import Body

REMEMBERED = 100_000
# What a project's git link says besides where the repository is.
NEW_LINK: t.Final = {"deployHooks": [], "gitCredentialId": "", "productionBranch": "main"}


class Witness(t.Protocol):
    """Looks at every answer of the API."""

    def saw(self, method: str, pattern: str, answer: Answer) -> None:
        """`pattern` is the route's, without version."""

    def violations(self) -> list[str]:
        """What was wrong with the answers seen since the last time somebody asked."""


class Control:
    """Keeps what outlives a reset: the log and the witness."""

    def __init__(self, world: World, witness: Witness | None = None) -> None:
        self.world = world
        self._witness = witness
        self._numbers = itertools.count(1)
        self._log: collections.deque[dict[str, t.Any]] = collections.deque(maxlen=REMEMBERED)

    def log(self, plane: str, method: str, host: str, path: str, status: int) -> None:
        """Neither bodies nor queries: they hold secrets. Status 0 is a connection that was cut."""
        if plane != "control":
            row = {"n": next(self._numbers), "plane": plane, "method": method, "host": host, "path": path, "status": status}
            self._log.append(row)

    def saw(self, method: str, pattern: str, answer: Answer) -> None:
        if self._witness is not None:
            self._witness.saw(method, pattern, answer)

    def answer(self, method: str, name: str, query: dict[str, str], body: Body) -> Answer:
        handler = getattr(self, f"_{method.lower()}_{name.split('/')[0]}", None)
        if handler is None:
            raise not_found(f"The emulator's door has no {method} {name}.")
        raw = body.read()
        try:
            return Answer(200, handler({**query, **(json.loads(raw) if raw.strip() else {})}))
        except (KeyError, ValueError) as exc:
            raise bad_request(f"{name}: missing or wrong: {exc}") from exc

    # --- faults ---

    def _get_faults(self, given: dict[str, t.Any]) -> t.Any:
        return {"faults": self.world.faults.described()}

    def _post_faults(self, given: dict[str, t.Any]) -> t.Any:
        try:
            return self.world.faults.add(**given).described()
        except (UnknownFaultError, TypeError) as exc:
            raise bad_request(str(exc)) from exc

    def _delete_faults(self, given: dict[str, t.Any]) -> t.Any:
        """All, or the one with this `id`."""
        if "id" in given:
            self.world.faults.drop(int(given["id"]))
        else:
            self.world.faults.drop()
        return {"faults": self.world.faults.described()}

    # --- settings and time ---

    def _get_settings(self, given: dict[str, t.Any]) -> t.Any:
        return dataclasses.asdict(self.world.settings)

    def _patch_settings(self, given: dict[str, t.Any]) -> t.Any:
        try:
            self.world.settings.change(given)
        except (KeyError, TypeError, ValueError) as exc:
            known = ", ".join(field.name for field in dataclasses.fields(self.world.settings))
            raise bad_request(f"{exc}: the settings are {known}") from exc
        return dataclasses.asdict(self.world.settings)

    def _post_clock(self, given: dict[str, t.Any]) -> t.Any:
        """Push the time on by `seconds`; everything due happens."""
        self.world.clock.push_on(float(given["seconds"]))
        self.world.clock.catch_up()
        return {"now": self.world.clock.now}

    # --- what tests look at and set up ---

    def _get_requests(self, given: dict[str, t.Any]) -> t.Any:
        """Those after number `after`."""
        after = int(given.get("after", 0))
        return {"requests": [row for row in self._log if row["n"] > after]}

    def _delete_requests(self, given: dict[str, t.Any]) -> t.Any:
        self._log.clear()
        return {"requests": []}

    def _get_violations(self, given: dict[str, t.Any]) -> t.Any:
        """What the published descriptions of the API say against the answers given; null when nobody looks."""
        return {"violations": self._witness.violations() if self._witness is not None else None}

    def _post_tokens(self, given: dict[str, t.Any]) -> t.Any:
        """{"secret", "teams": [ids], "projects": [names] or null}."""
        made = Token(str(given["secret"]), list(given.get("teams") or [TEAM]), given.get("projects"))
        self.world.tokens[made.secret] = made
        return dataclasses.asdict(made)

    def _patch_teams(self, given: dict[str, t.Any]) -> t.Any:
        """{"id", "plan": hobby | pro | enterprise}."""
        team = self.world.teams.get(str(given.get("id", TEAM)))
        if team is None:
            raise not_found("There is no such team.")
        team.plan = str(given["plan"])
        return dataclasses.asdict(team)

    def _patch_domains(self, given: dict[str, t.Any]) -> t.Any:
        """{"name", "verified"}: as if its DNS had or had not been set."""
        project = self.world.projects.get(self.world.domains.get(str(given["name"]), ""))
        if project is None:
            raise not_found("There is no such domain.")
        project.domains[given["name"]].verified = bool(given["verified"])
        return {}

    def _patch_projects(self, given: dict[str, t.Any]) -> t.Any:
        """{"name", "link"}: as if it had been connected with a git repository."""
        found = next((one for one in self.world.projects.values() if given.get("name") in (one.id, one.name)), None)
        if found is None:
            raise not_found("There is no such project.")
        found.link = {**NEW_LINK, **given["link"]} if given.get("link") else None
        return {}

    def _post_stores(self, given: dict[str, t.Any]) -> t.Any:
        """{"name", "access"}: a blob store, with the token that the platform shows in its pages only."""
        store = storage_api.make_store(self.world, TEAM, str(given.get("name", "store")), str(given.get("access", "private")))
        return {"id": store.id, "token": store.token, "host": store.host}

    def _patch_stores(self, given: dict[str, t.Any]) -> t.Any:
        """{"id", "suspended"}."""
        store = self.world.stores.by_id.get(str(given["id"]).removeprefix("store_"))
        if store is None:
            raise not_found("There is no such store.")
        store.suspended = bool(given["suspended"])
        return {}

    def _post_reset(self, given: dict[str, t.Any]) -> t.Any:
        """Everything anew but the log."""
        self.world = World(self.world.home)
        self.world.files.forget()
        return {"token": TOKEN, "team": TEAM}

    def _get_ready(self, given: dict[str, t.Any]) -> t.Any:
        return {"token": TOKEN, "team": TEAM}
