# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one client of RDS, by boto3: what is asked of AWS, and what its answers mean. It decides nothing else.

Lost connections, errors of the server and throttling are repeated by botocore (retry mode `standard`).
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import email.utils
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted_options import checked_times
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._core.pacing import Pauses
from ansible_collections.holdfast.webops.plugins.module_utils._rds.failures import TAKEN, AbsentError, AwsError, explained
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import Instance, read_instance
from ansible_collections.holdfast.webops.plugins.module_utils._rds.names import check_instance

Raw = t.Mapping[str, t.Any]

ARGUMENTS: dict[str, t.Any] = {
    "db_instance_identifier": {"type": "str", "required": True},
    "region": {"type": "str"},
    "profile": {"type": "str"},
    "access_key_id": {"type": "str"},
    "secret_access_key": {"type": "str", "no_log": True},
    "session_token": {"type": "str", "no_log": True},
    "endpoint": {"type": "str"},
}
TRIES = 8
SETTINGS = {"connect_timeout": 10, "read_timeout": 60, "retries": {"mode": "standard", "max_attempts": TRIES}}
# Pauses between looks, in seconds: what is waited for takes minutes.
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 1.0, 15.0, 1.5


@dataclasses.dataclass
class Rds:
    """RDS in one region. `name` is the instance that the task is about."""

    boto: t.Any
    name: str
    clock: Clock
    deadline: Deadline
    _ahead: datetime.timedelta = datetime.timedelta(0)

    @property
    def region(self) -> str:
        return str(self.boto.meta.region_name)

    @property
    def now(self) -> datetime.datetime:
        """AWS's clock, as far as its last answer told it."""
        return self.clock.now() + self._ahead

    def ask(self, what: str, operation: str, **given: t.Any) -> Raw:
        """One answer. `operation` is boto3's name of it; AbsentError for what is not there, AwsError for any other no."""
        errors = need("botocore.exceptions")
        try:
            answer = getattr(self.boto, operation)(**given)
        except errors.ClientError as exc:
            raise explained(what, exc.operation_name, exc.response.get("Error", {})) from exc
        except errors.BotoCoreError as exc:
            raise WebopsError(f"AWS could not be asked to {what}: {exc}", hint="Look at the network, region and endpoint.") from exc
        self._hear_time(answer)
        return t.cast("Raw", answer)

    def order(self, what: str, operation: str, **given: t.Any) -> None:
        """Have something made, which it may be already: an answer that was lost is no news, so whoever orders has to look."""
        try:
            self.ask(what, operation, **given)
        except AwsError as exc:
            if exc.code not in TAKEN:
                raise

    def all(self, what: str, operation: str, key: str, **given: t.Any) -> list[Raw]:
        """All pages of a list."""
        found: list[Raw] = []
        marker: dict[str, str] = {}
        while True:
            answer = self.ask(what, operation, **given, **marker)
            found += answer.get(key) or []
            if not answer.get("Marker"):
                return found
            marker = {"Marker": str(answer["Marker"])}

    def takes(self, operation: str, given: Raw) -> dict[str, t.Any]:
        """Without what this version of boto3 does not know yet."""
        known = self.boto.meta.service_model.operation_model(operation).input_shape.members
        return {name: value for name, value in given.items() if name in known}

    def instance(self, name: str) -> t.Optional[Instance]:
        """None where there is none of that name. Without a name AWS would show all."""
        if not name:
            return None
        try:
            answer = self.ask(f"show the instance {name}", "describe_db_instances", DBInstanceIdentifier=name)
        except AbsentError:
            return None
        return read_instance(answer["DBInstances"][0]) if answer.get("DBInstances") else None

    def instances(self) -> list[Instance]:
        """All of the region."""
        return [read_instance(raw) for raw in self.all("list the instances", "describe_db_instances", "DBInstances")]

    def tag(self, instance: Instance, tags: t.Mapping[str, str]) -> None:
        """Add these tags, or change them."""
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        self.ask(f"tag {instance.name}", "add_tags_to_resource", ResourceName=instance.arn, Tags=pairs)

    def within(self, seconds: float) -> Rds:
        """The same with a deadline of its own, to clean up after the task's has passed."""
        return dataclasses.replace(self, deadline=Deadline(self.clock, seconds))

    def pauses(self) -> Pauses:
        """Between looks, until the deadline."""
        return Pauses(self.clock, self.deadline, FIRST_PAUSE, GROWTH, LONGEST_PAUSE)

    def _hear_time(self, answer: Raw) -> None:
        said = (answer.get("ResponseMetadata") or {}).get("HTTPHeaders", {}).get("date")
        with contextlib.suppress(TypeError, ValueError, IndexError):
            self._ahead = email.utils.parsedate_to_datetime(said) - self.clock.now()


def open_rds(call: Call, clock: Clock) -> Rds:
    """A client for one task; nothing is sent yet. What AWS's own chain found is masked from now on."""
    params = call.params
    checked_times(params, ("wait_timeout",))
    name = check_instance("db_instance_identifier", params["db_instance_identifier"])
    _check_keys(params)
    errors = need("botocore.exceptions")
    try:
        session = need("boto3").Session(
            profile_name=params["profile"],
            region_name=params["region"] or os.environ.get("AWS_REGION"),
            aws_access_key_id=params["access_key_id"],
            aws_secret_access_key=params["secret_access_key"],
            aws_session_token=params["session_token"],
        )
        _mask(call, session)
        boto = session.client("rds", endpoint_url=params["endpoint"], config=need("botocore.config").Config(**SETTINGS))
    except errors.NoRegionError as exc:
        raise InputError("region is missing, and neither AWS_REGION nor a profile names one.", hint="Give region.") from exc
    except (errors.BotoCoreError, ValueError) as exc:
        raise InputError(f"AWS cannot be asked like this: {exc}", hint="Look at profile, region and endpoint.") from exc
    return Rds(boto, name, clock, Deadline(clock, params["wait_timeout"]))


def _check_keys(params: Raw) -> None:
    given = {name for name in ("access_key_id", "secret_access_key") if params[name]}
    if len(given) == 1 or (params["session_token"] and not given):
        raise InputError(
            f"{', '.join(sorted(given)) or 'session_token'} is given alone.",
            hint="Give access_key_id and secret_access_key together, and session_token with temporary ones; or none, for AWS's own chain.",
        )
    if given and params["profile"]:
        raise InputError("profile and access_key_id are both given.", hint="Give one of them.")


def _mask(call: Call, session: t.Any) -> None:
    found = session.get_credentials()
    if found is None:
        raise NotFoundError(
            "AWS's ordinary chain has no credentials on this machine.",
            hint="Give access_key_id and secret_access_key, a profile, or the machine a role.",
        )
    now = found.get_frozen_credentials()
    for secret in filter(None, (now.secret_key, now.token)):
        call.mask(secret)
