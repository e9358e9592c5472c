"""The local RDS as a server that a test starts, with everything a test does to it."""

from __future__ import annotations

import time
import typing as t
import urllib.parse

import boto3
import botocore.config
import psycopg

from tests.emulators.running import TIMEOUT, Emulator
from tools.embedded import postgres
from tools.embedded.waiting import wait_for

if t.TYPE_CHECKING:
    from pathlib import Path

SETTLED_SECONDS = 180.0
INSTANCE = "portal"
USER, PASSWORD, DATABASE = "portal", "10cal-p0rtal-pass", "portal"
# Nothing leads out of these by itself.
DEAD = frozenset(("failed", "incompatible-restore", "incompatible-network", "storage-full"))


class LocalRds(Emulator):
    """`url`, `region`, `access_key_id` and `secret_access_key` are what the modules want; the rest is for the test."""

    def __init__(self, home: Path, **settings: t.Any) -> None:
        super().__init__("rds", home, (), settings)
        self._settings = settings
        self._client: t.Any = None
        self.region = self.access_key_id = self.secret_access_key = self.account = ""
        self.default_security_group = self.security_group = ""

    def take(self, facts: dict[str, t.Any]) -> None:
        self._client = None
        for name in ("url", "region", "access_key_id", "secret_access_key", "account", "default_security_group", "security_group"):
            setattr(self, name, facts[name])

    @property
    def environment(self) -> dict[str, str]:
        """For the `aws` command and for whatever reads the environment as boto3 does."""
        keys = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}
        return {**keys, "AWS_DEFAULT_REGION": self.region, "AWS_ENDPOINT_URL_RDS": self.url, "AWS_EC2_METADATA_DISABLED": "true"}

    def client(self, *, retries: int = 1, **given: t.Any) -> t.Any:
        """boto3's client; `given` replaces its keys, region, endpoint or settings. It asks once, unless told otherwise."""
        if retries == 1 and not given:
            self._client = self._client or self._new_client(1, {})
            return self._client
        return self._new_client(retries, given)

    def _new_client(self, retries: int, given: dict[str, t.Any]) -> t.Any:
        settings = {"connect_timeout": 30, "read_timeout": TIMEOUT, "parameter_validation": given.pop("parameter_validation", True)}
        config = botocore.config.Config(retries={"total_max_attempts": retries, "mode": "standard"}, **settings)
        usual = {"region_name": self.region, "endpoint_url": self.url, "config": config}
        keys = {"aws_access_key_id": self.access_key_id, "aws_secret_access_key": self.secret_access_key}
        return boto3.session.Session().client("rds", **{**usual, **keys, **given})

    # --- its own door ---

    def reset(self) -> None:
        """As just started: no instances and snapshots, no faults, the settings it was started with."""
        self.control("POST", "reset")
        self.settle(**self._settings)

    def put_into(self, status: str, identifier: str = INSTANCE) -> None:
        """Show an instance in a state without doing anything."""
        self.control("PATCH", "instances", instance=identifier, status=status)

    def asked(self, after: int = 0) -> list[dict[str, t.Any]]:
        """What was asked of it so far: n, action, name (of the instance), status (0 for a connection that was cut)."""
        return list(self.control("GET", "requests", after=after)["requests"])

    # --- instances ---

    def create(self, identifier: str = INSTANCE, **given: t.Any) -> str:
        """An instance that is available; returns its URL as the master. `given` is CreateDBInstance's."""
        usual = {"DBInstanceClass": "db.t4g.micro", "Engine": "postgres", "AllocatedStorage": 20, "DBName": DATABASE}
        usual |= {"MasterUsername": USER, "MasterUserPassword": PASSWORD, "VpcSecurityGroupIds": [self.security_group]}
        self.client().create_db_instance(DBInstanceIdentifier=identifier, **{**usual, **given})
        self.wait_until("available", identifier)
        return self.database_url(identifier)

    def database_url(self, identifier: str = INSTANCE, *, user: str = USER, password: str = PASSWORD, database: str = DATABASE) -> str:
        """The address that belongs to this name, whoever has it now."""
        port = self.describe(identifier)["Endpoint"]["Port"]
        return postgres.url(port, urllib.parse.quote(password, safe=""), user=user, database=database)

    def describe(self, identifier: str = INSTANCE) -> dict[str, t.Any]:
        (row,) = self.client().describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
        return dict(row)

    def status(self, identifier: str = INSTANCE) -> str:
        """Empty when there is no such instance."""
        found = self.control("GET", "ready")["instances"].get(identifier)
        return str(found["status"]) if found else ""

    def wait_until(self, status: str = "available", identifier: str = INSTANCE) -> None:
        """Until the instance is in this state (empty: gone); one that nothing leads out of ends the wait."""
        seen = ""

        def missing() -> str | None:
            nonlocal seen
            seen = self.status(identifier)
            return None if seen == status else f"it is {seen or 'not there'}"

        def why_hopeless() -> str | None:
            return f"it is {seen}: {self.control('GET', 'notes')['notes']}" if seen in DEAD else None

        wait_for(missing, what=f"{identifier} {status}", seconds=SETTLED_SECONDS, is_hopeless=why_hopeless)


def execute(url: str, statement: str) -> list[tuple[t.Any, ...]]:
    """Run a statement in a connection of its own; its rows."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def next_second() -> int:
    """The first whole second from now on, once it is over: what was committed before is in it, what comes is not."""
    second = int(time.time()) + 1
    while time.time() < second + 1:
        time.sleep(0.01)
    return second
