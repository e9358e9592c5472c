"""The emulator's own door, `/__emulator/`: faults, settings, instances, what was asked, and starting anew."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import json
import typing as t

from tests.emulators.faults import UnknownFaultError
from tests.emulators.http_server import Answer
from tests.emulators.rds import changing, signing, states
from tests.emulators.rds.errors import RdsError
from tests.emulators.rds.instance import AVAILABLE
from tests.emulators.rds.lifecycle import begin
from tests.emulators.rds.world import DEFAULT_GROUP, PORTAL_GROUP

if t.TYPE_CHECKING:
    from tests.emulators.rds.instance import Instance
    from tests.emulators.rds.world import World

REMEMBERED = 100_000
Given = dict[str, t.Any]


class Control:
    """Keeps what outlives a reset: the log."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._numbers = itertools.count(1)
        self._log: collections.deque[Given] = collections.deque(maxlen=REMEMBERED)

    def log(self, action: str, name: str, status: int) -> None:
        """No other parameters: they hold secrets. Status 0 is a connection that was cut."""
        self._log.append({"n": next(self._numbers), "action": action, "name": name, "status": status})

    def answer(self, method: str, name: str, query: dict[str, list[str]], raw: bytes) -> Answer:
        handler = getattr(self, f"_{method.lower()}_{name}", None)
        if handler is None:
            return Answer(404, {"message": f"The emulator's door has no {method} {name}."})
        try:
            given = {**{key: values[-1] for key, values in query.items()}, **(json.loads(raw) if raw.strip() else {})}
            return Answer(200, handler(given))
        except (KeyError, TypeError, ValueError, UnknownFaultError, RdsError) as exc:
            return Answer(400, {"message": f"{name}: missing or wrong: {exc}"})

    # --- faults and settings ---

    def _get_faults(self, given: Given) -> t.Any:
        return {"faults": self._world.faults.described()}

    def _post_faults(self, given: Given) -> t.Any:
        """`action` and `instance` choose requests; the rest is as everywhere."""
        chosen = {"method": given.pop("action", "*"), "path": given.pop("instance", "*")}
        return self._world.faults.add(**given, **chosen).described()

    def _delete_faults(self, given: Given) -> t.Any:
        """All, or the one with this `id`."""
        self._world.faults.drop(int(given["id"]) if "id" in given else None)
        return {"faults": self._world.faults.described()}

    def _get_settings(self, given: Given) -> t.Any:
        return dataclasses.asdict(self._world.settings)

    def _patch_settings(self, given: Given) -> t.Any:
        self._world.settings.change(given)
        return dataclasses.asdict(self._world.settings)

    # --- what tests look at ---

    def _get_requests(self, given: Given) -> t.Any:
        """Those after number `after`."""
        after = int(given.get("after", 0))
        return {"requests": [row for row in self._log if row["n"] > after]}

    def _get_notes(self, given: Given) -> t.Any:
        """Why changes of state failed."""
        return {"notes": list(self._world.notes)}

    def _get_ready(self, given: Given) -> t.Any:
        return facts(self._world)

    # --- instances and groups ---

    def _patch_instances(self, given: Given) -> t.Any:
        """{"instance", "status"}: shown in a state without doing anything; what is on its way shows no more."""
        with self._world.lock:
            instance = self._world.instance(given["instance"])
            instance.status, instance.turn = str(given["status"]), None
            return instance_facts(self._world, instance)

    def _post_maintenance(self, given: Given) -> t.Any:
        """{"instance"}: its maintenance window, now: what is pending happens."""
        with self._world.lock:
            instance = self._world.instance(given["instance"])
            instance.require((AVAILABLE,))
            steps = changing.due(self._world, instance)
            if steps:
                begin(self._world, instance, steps, at_once=True)
            return instance_facts(self._world, instance)

    def _post_groups(self, given: Given) -> t.Any:
        """{"parameter", "settings"}: a parameter group with settings of PostgreSQL; {"security"}, {"option"}: groups of these kinds."""
        if "security" in given:
            self._world.security_groups.add(str(given["security"]))
        if "option" in given:
            self._world.option_groups.add(str(given["option"]))
        if "parameter" in given:
            self._world.parameter_groups[str(given["parameter"]).lower()] = dict(given.get("settings", {}))
        return {"security": sorted(self._world.security_groups), "parameter": sorted(self._world.parameter_groups)}

    def _post_reset(self, given: Given) -> t.Any:
        """Everything anew but the log and the ports of names: no instances, no snapshots."""
        self._world.forget()
        with self._world.lock:
            every = [*self._world.instances.values(), *self._world.retained.values()]
        for instance in every:
            if instance.worker is not None:
                instance.worker.join()
            states.remove(self._world, instance)
        with self._world.lock:
            self._world.snapshots.clear()
            self._world.retained.clear()
            self._world.events.clear()
        return facts(self._world)


def facts(world: World) -> Given:
    """What somebody needs to know who wants to use it."""
    groups = {"default_security_group": DEFAULT_GROUP, "security_group": PORTAL_GROUP}
    found = {one.identifier: instance_facts(world, one) for one in list(world.instances.values())}
    keys = {"access_key_id": signing.ACCESS_KEY, "secret_access_key": signing.SECRET_KEY, "region": world.region}
    return {**keys, **groups, "account": signing.ACCOUNT, "instances": found}


def instance_facts(world: World, instance: Instance) -> Given:
    row: Given = {"identifier": instance.identifier, "resource": instance.resource, "status": instance.status, "arn": instance.arn}
    return {**row, "port": world.door(instance.identifier).port, "admin_database_url": instance.database.admin_url}
