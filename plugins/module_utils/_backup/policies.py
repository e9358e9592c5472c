# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an inventory wants backed up, when, where to, and what is alarming: `portal_backup_policies`. Pure."""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.limits import CONFIGURATION, DATABASE, KINDS, OBJECTS, Limits
from ansible_collections.holdfast.webops.plugins.module_utils._backup.naming import bucket_name
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.calendar import Calendar, read_calendar

RULES = ("last", "hourly", "daily", "weekly", "monthly", "yearly", "days")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
_ITS_OWN = {
    DATABASE: ("prove", "max_age"),
    OBJECTS: ("sources", "prove", "max_age"),
    CONFIGURATION: ("source", "git", "max_age"),
}
_COMMON = ("kind", "schedule", "jitter", "timeout", "destinations", "keep", "alerts")
_SOURCE = ("name", "paths", "exclude", "inventories", "settings", "secrets")
# Where nothing else is said: a day, and two hours for the run itself, as portal_monitor has it; and eight days for a proof.
_NESTED = ("calendar", "limits", "keep", "destinations", "source", "sources", "git")
SLACK_HOURS, UNSCHEDULED_HOURS, PROOF_HOURS = 2.0, 26.0, 192.0
Given = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Policy:
    """One policy. `destinations` None are those of the database; `calendar` None is run by hand alone; times are in seconds.

    `source` is what of the configuration, `sources` are the buckets of objects, each a `name` and a `source`.
    """

    name: str
    kind: str
    calendar: t.Optional[Calendar]
    jitter: int
    timeout: int
    destinations: t.Optional[t.Sequence[Given]]
    keep: Given
    prove: bool
    max_age: t.Optional[int]
    source: Given
    sources: t.Sequence[Given]
    git: t.Optional[Given]
    limits: Limits

    def as_dict(self) -> dict[str, t.Any]:
        """Plain data for a role; `keep` has the names of backup_retention's options."""
        shown = {name: value for name, value in vars(self).items() if name not in _NESTED}
        keep = {name if name == "grace" else f"keep_{name}": value for name, value in self.keep.items()}
        places = {"destinations": self.destinations, "source": dict(self.source), "sources": list(self.sources), "git": self.git}
        return {**shown, **places, "keep": keep, "schedule": self.calendar.text if self.calendar else None, "limits": vars(self.limits)}


class _Reader:
    """Reads one policy, and remembers everything that is wrong with it."""

    def __init__(self, name: str, given: Given, usual: Given) -> None:
        self.name, self.given, self.usual = name, given, usual
        self.problems: list[str] = []

    def wrong(self, text: str) -> None:
        self.problems.append(f"portal_backup_policies: {self.name}: {text}")

    def policy(self) -> t.Optional[Policy]:
        """None where anything is wrong."""
        kind = self.given.get("kind")
        if kind not in KINDS:
            self.wrong(f"kind is '{kind}'; it may be {', '.join(KINDS)}." if kind else f"kind is missing; it may be {', '.join(KINDS)}.")
            return None
        self._known("", self.given, (*_COMMON, *_ITS_OWN[kind]))
        calendar, jitter = self._calendar(), self._number("jitter", 300, least=0)
        usual = self.usual if kind == DATABASE else {}
        prove = self._yes_or_no("prove", bool(usual.get("prove", False)))
        policy = Policy(
            name=self.name,
            kind=kind,
            calendar=calendar,
            jitter=jitter,
            timeout=self._number("timeout", 14400, least=60),
            destinations=self._destinations(kind),
            keep=self._keep(usual),
            prove=prove,
            max_age=self._number("max_age", usual.get("max_age"), least=0),
            source=self._source(kind),
            sources=self._buckets(kind),
            git=self._mapping("git", None),
            limits=self._limits(calendar, jitter, prove=prove),
        )
        return None if self.problems else policy

    def _calendar(self) -> t.Optional[Calendar]:
        schedule = self.given.get("schedule")
        if schedule in (None, ""):
            return None
        try:
            return read_calendar(str(schedule))
        except InputError as exc:
            self.wrong(f"schedule: {exc}")
            return None

    def _number(self, name: str, usual: t.Optional[float], *, least: float, within: t.Optional[Given] = None) -> t.Any:
        value = (self.given if within is None else within).get(name)
        if value is None:
            return usual
        number = _as_number(value)
        if number is None or number < least:
            self.wrong(f"{name} is '{value}'; give a number, {least:g} or more.")
            return usual
        return int(number) if number == int(number) and not isinstance(usual, float) else number

    def _yes_or_no(self, name: str, usual: bool) -> bool:
        value = self.given.get(name)
        if value is not None and not isinstance(value, bool):
            self.wrong(f"{name} is '{value}'; give true or false.")
        return usual if value is None else bool(value)

    def _mapping(self, name: str, usual: t.Any) -> t.Any:
        value = self.given.get(name)
        if value is not None and not isinstance(value, dict):
            self.wrong(f"{name} must be a dictionary.")
            return usual
        return usual if value is None else value

    def _destinations(self, kind: str) -> t.Optional[list[Given]]:
        found = self.given.get("destinations")
        if found is None:
            return None
        if not isinstance(found, list) or not all(isinstance(each, dict) and each.get("store") for each in found):
            self.wrong("destinations must be a list of stores, such as [{store: s3://bucket/prefix}].")
            return None
        if not found and not (kind == CONFIGURATION and self.given.get("git")):
            self.wrong("destinations is empty; a backup needs at least one store.")
        stores = [str(each["store"]).rstrip("/") for each in found]
        for store in sorted({store for store in stores if stores.count(store) > 1 and not _endpoints_differ(found, store)}):
            self.wrong(f"destinations names {store} twice; one copy is enough there.")
        return found

    def _keep(self, usual: Given) -> Given:
        keep = self._mapping("keep", None)
        if keep is None:
            asked = (usual.get("keep") or {}).items()
            return {name[5:] if name.startswith("keep_") else name: int(value) for name, value in asked if value is not None}
        self._known("keep: ", keep, (*RULES, "grace"))
        if not any(keep.get(rule) for rule in RULES):
            self.wrong(f"keep names no rule; give at least one of {', '.join(RULES)}.")
        return {rule: self._number(rule, 0, least=0, within=keep) for rule in keep if rule in (*RULES, "grace")}

    def _source(self, kind: str) -> Given:
        source = self._mapping("source", {})
        if kind == CONFIGURATION:
            if not source:
                self.wrong("source is missing; it says what to back up.")
            self._known("source: ", source, _SOURCE)
        return t.cast("Given", source)

    def _buckets(self, kind: str) -> list[Given]:
        found = self.given.get("sources")
        if kind != OBJECTS:
            return []
        if not isinstance(found, list) or not found or not all(isinstance(each, dict) and each.get("store") for each in found):
            self.wrong("sources must be a list of buckets, such as [{store: s3://uploads}].")
            return []
        named: list[Given] = [
            {
                "name": str(each.get("name") or bucket_name(str(each["store"]))),
                "source": {option: value for option, value in each.items() if option != "name"},
            }
            for each in found
        ]
        names = [each["name"] for each in named]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.wrong(f"sources has two of the name {name}; give each a name of its own.")
        return named

    def _limits(self, calendar: t.Optional[Calendar], jitter: int, *, prove: bool) -> Limits:
        given = self._mapping("alerts", {})
        self._known("alerts: ", given, [field.name for field in dataclasses.fields(Limits)])
        late = (calendar.longest_gap + jitter) / 3600 + SLACK_HOURS if calendar else UNSCHEDULED_HOURS
        limits = Limits(
            late_hours=self._number("late_hours", late, least=0, within=given) or None,
            proof_hours=(self._number("proof_hours", PROOF_HOURS, least=0, within=given) or None) if prove else None,
            grew=self._number("grew", Limits.grew, least=0, within=given),
            shrank=self._number("shrank", Limits.shrank, least=0, within=given),
            of_last=self._number("of_last", Limits.of_last, least=1, within=given),
        )
        if limits.grew and limits.grew <= 1:
            self.wrong(f"alerts: grew is {limits.grew:g}; it is a multiple of the usual size, such as 3.")
        if limits.shrank >= 1:
            self.wrong(f"alerts: shrank is {limits.shrank:g}; it is a part of the usual size, such as 0.5.")
        return limits

    def _known(self, place: str, given: Given, known: t.Sequence[str]) -> None:
        for name in sorted(set(given) - set(known)):
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it may have {', '.join(known)}."
            self.wrong(f"{place}'{name}' is not known; {hint}")


def _as_number(value: t.Any) -> t.Optional[float]:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and not isinstance(value, bool) else None


def _endpoints_differ(destinations: t.Sequence[Given], store: str) -> bool:
    """The same bucket at two servers is two places."""
    where = [(each.get("endpoint"), each.get("account")) for each in destinations if str(each["store"]).rstrip("/") == store]
    return len(set(where)) == len(where)


def read_policies(given: t.Any, usual: Given) -> tuple[list[Policy], list[str]]:
    """The policies, and a sentence for everything that is wrong. `usual` is what a database's policy does not say: keep, prove, max_age."""
    if not isinstance(given, dict):
        return [], ["portal_backup_policies must be a dictionary: the name of each policy, and what it says."]
    policies, problems = [], []
    for name, said in given.items():
        if not _NAME.fullmatch(str(name)):
            problems.append(f"portal_backup_policies: '{name}' cannot be the name of a policy; use lower-case letters, digits, - and _.")
        elif not isinstance(said, dict):
            problems.append(f"portal_backup_policies: {name}: it must be a dictionary with kind and more.")
        else:
            reader = _Reader(str(name), said, usual)
            policy = reader.policy()
            problems += reader.problems
            policies += [policy] if policy else []
    return policies, problems


def choose_policies(policies: t.Sequence[Policy], only: t.Any) -> tuple[list[Policy], list[str]]:
    """Those that are named, all of them when none is, and a sentence for each name that is none."""
    names = re.findall(r"[\w-]+", only if isinstance(only, str) else " ".join(map(str, only or ())))
    known = [policy.name for policy in policies]
    there = f"there are {', '.join(known)}" if known else "there are none"
    problems = [f"portal_back_up_only: there is no policy {name}; {there}." for name in names if name not in known]
    return [policy for policy in policies if not names or policy.name in names], problems


def watched(policies: t.Iterable[Policy]) -> list[dict[str, t.Any]]:
    """What is judged, as backup_status takes it; without anything secret. Each bucket by itself."""
    return [
        {"policy": policy.name, "kind": policy.kind, "part": part, **vars(policy.limits)}
        for policy in policies
        for part in ([str(bucket["name"]) for bucket in policy.sources] or [""])
    ]


def timers(policies: t.Iterable[Given], portal: str, command: t.Sequence[str]) -> list[dict[str, t.Any]]:
    """Schedules for host_schedule: the command, for each policy (as its as_dict gives it) that has a schedule."""
    return [
        {
            "name": f"holdfast-backup-{portal}-{policy['name']}",
            "description": f"Back up {portal}: {policy['name']}",
            "command": [*command, "--extra-vars", f"portal_back_up_only={policy['name']}"],
            "calendar": policy["schedule"],
            "jitter": policy["jitter"],
            "timeout": policy["timeout"],
        }
        for policy in policies
        if policy["schedule"]
    ]


def without_places(given: t.Any) -> t.Any:
    """The policies without what only a backup needs. On the host of a check, the keys of clouds need not even be defined."""
    if not isinstance(given, dict):
        return given
    return {name: _without_places(said) if isinstance(said, dict) else said for name, said in given.items()}


def _without_places(said: Given) -> dict[str, t.Any]:
    found = {key: None if key in ("destinations", "git", "source", "sources") else said[key] for key in said}
    if said.get("kind") == CONFIGURATION:
        found["source"] = {"name": "main"}
    if said.get("kind") == OBJECTS:
        found["sources"] = [{key: bucket[key] for key in ("name", "store") if key in bucket} for bucket in said.get("sources") or ()]
    return found


def checks(given: t.Any, usual: Given, portal: str, ledger: Given) -> list[dict[str, t.Any]]:
    """The check of the policies, for health_check; none where there are no policies or no ledger. `ledger` is store and store_options.

    InputError for policies that make no sense.
    """
    policies, problems = read_policies(given, usual)
    if problems:
        raise InputError(" ".join(problems))
    if not policies or not ledger.get("store"):
        return []
    return [
        {"name": "backup_policies", "kind": "backup_policies", "critical": False, "portal": portal, **ledger, "policies": watched(policies)}
    ]
