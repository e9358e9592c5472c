# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of a task to checks that can be run, or to a sentence that says which option is wrong. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.kinds import KINDS, Kind
from ansible_collections.holdfast.webops.plugins.module_utils._health.thresholds import Threshold, read_thresholds

# Seconds. What takes longer is no look.
DAY = 86_400
MOST_RETRIES = 1000

_ALL_OPTIONS = frozenset(option for kind in KINDS.values() for option in kind.options)
OF_OTHER_KINDS: t.Mapping[str, tuple[str, ...]] = {kind.name: tuple(sorted(_ALL_OPTIONS - {*kind.options})) for kind in KINDS.values()}


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing to look at. `timeout` is for one attempt, in seconds; `retries` are further attempts after a failed one."""

    name: str
    kind: str
    critical: bool
    timeout: float
    retries: int
    warn_over_ms: t.Optional[float]
    fail_over_ms: t.Optional[float]
    target: t.Any
    groups: tuple[str, ...] = ()
    thresholds: tuple[Threshold, ...] = ()


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """Where checks of URLs are meant that give a path instead of a URL, and the headers that go with them, and with no others."""

    base_url: t.Optional[str] = None
    headers: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    secret_headers: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)

    def place(self, options: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
        """The options of a check with its path made a URL; other checks as they are."""
        path = options.get("url") or ""
        if "url" not in KINDS[options["kind"]].options or not path.startswith("/"):
            return options
        if not self.base_url:
            raise InputError(f"The url of the check '{options['name']}' is the path {path}, but base_url is not set.", hint="Set base_url.")
        if "?" in self.base_url or "#" in self.base_url:
            raise InputError("The base_url holds a query or a fragment.", hint="Write it as https://host[:port][/path].")
        return {
            **options,
            "url": self.base_url.rstrip("/") + path,
            "headers": {**self.headers, **(options["headers"] or {})},
            "secret_headers": {**self.secret_headers, **(options["secret_headers"] or {})},
        }


def checks_from(options: t.Sequence[t.Mapping[str, t.Any]], surroundings: Surroundings = Surroundings()) -> tuple[Check, ...]:
    """Every check of a task, sorted by name. Raises InputError before anything is contacted."""
    if not options:
        raise InputError("The option checks is empty.", hint="Give at least one check: healthy without a look would mean nothing.")
    checks = tuple(sorted((_check(surroundings.place(each)) for each in options), key=lambda check: check.name))
    for one, other in zip(checks, checks[1:]):
        if one.name == other.name:
            raise InputError(f"Two checks are named '{one.name}'.", hint="Give each check a name of its own.")
    return checks


def _check(options: t.Mapping[str, t.Any]) -> Check:
    name, kind = options["name"], KINDS[options["kind"]]
    if not name.strip():
        raise InputError("A check has an empty name.", hint="Name it after what it looks at.")
    _refuse_options_of_other_kinds(options, kind)
    _refuse_impossible_numbers(options)
    return Check(
        name=name,
        kind=kind.name,
        critical=options["critical"],
        timeout=options["timeout"],
        retries=options["retries"],
        warn_over_ms=options["warn_over_ms"],
        fail_over_ms=options["fail_over_ms"],
        target=kind.parts().read(options),
        groups=_groups(name, options["groups"]),
        thresholds=read_thresholds(name, kind, options["thresholds"], options["timeout"]),
    )


def _groups(name: str, groups: t.Sequence[str]) -> tuple[str, ...]:
    if not all(group.strip() for group in groups):
        raise InputError(f"The check '{name}' is in a group with an empty name.", hint="Name it after what it tests, such as smoke.")
    return tuple(groups)


def _refuse_options_of_other_kinds(options: t.Mapping[str, t.Any], kind: Kind) -> None:
    for option in OF_OTHER_KINDS[kind.name]:
        if options.get(option) is not None:
            owners = [other.name for other in KINDS.values() if option in other.options]
            word = "kind" if len(owners) == 1 else "kinds"
            raise InputError(
                f"The check '{options['name']}' is of kind {kind.name}, but has the option {option}, which belongs to {word} "
                f"{', '.join(owners)}.",
                hint=f"Remove {option}, or make it a check of kind {' or '.join(owners)}.",
            )


def _refuse_impossible_numbers(options: t.Mapping[str, t.Any]) -> None:
    name, warn, fail = options["name"], options["warn_over_ms"], options["fail_over_ms"]
    # Written so that what is not a number is refused too.
    if not 0 < options["timeout"] <= DAY:
        raise InputError(f"The timeout of the check '{name}' is {options['timeout']:g} s.", hint=f"Give seconds above 0, at most {DAY}.")
    if not 0 <= options["retries"] <= MOST_RETRIES:
        raise InputError(f"The retries of the check '{name}' are {options['retries']}.", hint=f"Give 0 to {MOST_RETRIES}.")
    for option in ("warn_over_ms", "fail_over_ms"):
        if options[option] is not None and not options[option] > 0:
            raise InputError(f"The {option} of the check '{name}' is {options[option]:g}.", hint="Give milliseconds above 0.")
    if warn is not None and fail is not None and warn >= fail:
        raise InputError(
            f"The check '{name}' warns over {warn:g} ms and fails over {fail:g} ms, so that it could never warn.",
            hint="Make warn_over_ms smaller than fail_over_ms.",
        )
    if fail is not None and fail >= options["timeout"] * 1000:
        raise InputError(
            f"The check '{name}' fails over {fail:g} ms, but is given up after its timeout of {options['timeout']:g} s.",
            hint="Make fail_over_ms smaller than the timeout.",
        )
