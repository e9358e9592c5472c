"""The state of the local RDS: instances, snapshots, groups, events, and how to find things in them."""

from __future__ import annotations

import collections
import itertools
import re
import secrets
import string
import threading
import typing as t

from tests.emulators.faults import Rules
from tests.emulators.rds.database import Database
from tests.emulators.rds.door import Door
from tests.emulators.rds.errors import RdsError, instance_exists, invalid, no_instance, no_snapshot
from tests.emulators.rds.faults import OF_REQUESTS, OF_TRANSITIONS
from tests.emulators.rds.instance import DEFAULT_OPTIONS, DEFAULT_PARAMETERS, Instance, Snapshot, now
from tests.emulators.rds.settings import Settings

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.emulators.rds.wire import Parameters

REGION = "eu-central-1"
DEFAULT_GROUP, PORTAL_GROUP = "sg-0defa0170c0a10000", "sg-09047a10c0a100000"
IDENTIFIER = re.compile(r"^[a-z](?!.*--)[a-z0-9-]{0,62}(?<!-)$")
SNAPSHOT = re.compile(r"^[a-z](?!.*--)[a-z0-9-]{0,254}(?<!-)$")
LETTERS = string.ascii_uppercase + string.digits


class World:
    """All state. Requests come in threads: every action of the API holds the lock, and so does whatever ends in the background."""

    def __init__(self, home: Path, first_port: int = 0) -> None:
        """From `first_port` on the names get ports, in the order in which they first appear; without it any that are free."""
        self.home, self.region = home, REGION
        self._ports = itertools.count(first_port) if first_port else itertools.repeat(0)
        self.lock = threading.RLock()
        self.instances: dict[str, Instance] = {}
        self.retained: dict[str, Instance] = {}
        """Deleted ones whose automated backups were kept, by their resource."""
        self.snapshots: dict[str, Snapshot] = {}
        self.doors: dict[str, Door] = {}
        self.events: collections.deque[Parameters] = collections.deque(maxlen=1000)
        self.notes: collections.deque[str] = collections.deque(maxlen=100)
        self.password = secrets.token_hex(16)
        """The service's own, in every database."""
        self.forget()

    def forget(self) -> None:
        """Settings, faults and groups as at the start."""
        self.settings = Settings()
        self.faults = Rules(OF_REQUESTS, OF_TRANSITIONS)
        self.parameter_groups: dict[str, Parameters] = {DEFAULT_PARAMETERS: {}}
        self.security_groups = {DEFAULT_GROUP, PORTAL_GROUP}
        self.option_groups = {DEFAULT_OPTIONS}

    def note(self, text: str) -> None:
        """For whoever wonders why something failed."""
        self.notes.append(text)

    def tell(self, source: Instance | Snapshot, message: str, *categories: str) -> None:
        """An event, as DescribeEvents shows it."""
        kind = "db-instance" if isinstance(source, Instance) else "db-snapshot"
        row = {"SourceIdentifier": source.identifier, "SourceType": kind, "SourceArn": source.arn, "Message": message}
        self.events.append({**row, "EventCategories": list(categories), "Date": now()})

    # --- finding ---

    def instance(self, identifier: str) -> Instance:
        """By name or ARN."""
        name = identifier.rpartition(":")[2].lower()
        found = self.instances.get(name)
        if found is None:
            raise no_instance(identifier)
        return found

    def snapshot(self, identifier: str) -> Snapshot:
        """By name or ARN; the names of automated ones begin with `rds:`."""
        name = re.sub(r"^arn:aws:rds:[^:]*:[^:]*:snapshot:", "", identifier).lower()
        found = self.snapshots.get(name)
        if found is None:
            raise no_snapshot(identifier)
        return found

    def by_resource(self, resource: str) -> Instance:
        found = next((one for one in self.instances.values() if one.resource == resource), None) or self.retained.get(resource)
        if found is None:
            raise RdsError("DBInstanceAutomatedBackupNotFound", f"There is no automated backup of {resource}.", status=404)
        return found

    def by_backup(self, arn: str) -> Instance:
        """Whose automated backup it is."""
        every = [*self.instances.values(), *self.retained.values()]
        found = next((one for one in every if one.backup_arn == arn), None)
        if found is None:
            raise RdsError("DBInstanceAutomatedBackupNotFound", f"There is no automated backup {arn}.", status=404)
        return found

    # --- names ---

    def free_name(self, wanted: str, parameter: str) -> str:
        """As it is kept: in small letters; RdsError when it is none, or somebody's."""
        name = checked(wanted, parameter, IDENTIFIER)
        if name in self.instances:
            raise instance_exists()
        return name

    def door(self, name: str) -> Door:
        """The address of whoever has this name; it stays the same for as long as we run."""
        with self.lock:
            if name not in self.doors:
                self.doors[name] = Door(next(self._ports), lambda: self._behind(name))
            return self.doors[name]

    def _behind(self, name: str) -> int | None:
        found = self.instances.get(name)
        if found is None or (self.settings.default_group_is_closed and set(found.security_groups) == {DEFAULT_GROUP}):
            return None
        return found.database.port

    # --- making ---

    def new_database(self) -> tuple[str, Database]:
        """A resource's name, and its database in a folder of its own."""
        resource = "db-" + "".join(secrets.choice(LETTERS) for _letter in range(26))
        return resource, Database(self.home / resource, self.password)

    def add(self, instance: Instance) -> None:
        self.instances[instance.identifier] = instance
        self.door(instance.identifier)


def checked(wanted: str, parameter: str, pattern: re.Pattern[str]) -> str:
    """A new name in small letters."""
    name = wanted.lower()
    if not pattern.match(name):
        raise invalid(
            f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, "
            "digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        )
    return name
