# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which backups a policy keeps. Pure: a function of what there is, the policy and the moment."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

# Rule -> the period that a moment belongs to. Of each period the newest backup is kept. Weeks are those of ISO 8601.
PERIODS: dict[str, t.Callable[[datetime.datetime], str]] = {
    "keep_hourly": lambda at: at.strftime("%Y-%m-%d %H"),
    "keep_daily": lambda at: at.strftime("%Y-%m-%d"),
    "keep_weekly": lambda at: "{}-W{:02}".format(*at.isocalendar()[:2]),
    "keep_monthly": lambda at: at.strftime("%Y-%m"),
    "keep_yearly": lambda at: at.strftime("%Y"),
}
RULES = ("keep_last", "keep_days", *PERIODS)


@dataclasses.dataclass(frozen=True)
class Held:
    """One backup as a policy sees it. `sound_in` are the stores that have an undamaged copy.

    `known`: whether its manifest could be read; what cannot be judged is never removed.
    """

    id: str
    at: datetime.datetime
    sound_in: frozenset[str]
    proven: bool = False
    known: bool = True


@dataclasses.dataclass(frozen=True)
class Decision:
    """Why a backup is kept, in sentences; none means that it may go."""

    id: str
    reasons: tuple[str, ...]

    @property
    def kept(self) -> bool:
        return bool(self.reasons)


def check_policy(given: t.Mapping[str, t.Any]) -> dict[str, int]:
    """The rules that were given. InputError when there is none, or a number makes no sense."""
    policy = {rule: int(given[rule]) for rule in RULES if given.get(rule) is not None}
    if not policy:
        raise InputError(
            "The policy is empty: it would keep next to nothing.",
            hint=f"Set one of {', '.join(RULES)}, for example keep_days: 30.",
        )
    for rule, number in policy.items():
        if number < 1:
            raise InputError(f"{rule} is {number}.", hint="Give a number above 0, or leave it out.")
    return policy


def plan(held: t.Sequence[Held], policy: t.Mapping[str, int], now: datetime.datetime) -> list[Decision]:
    """A decision for each backup, the newest first.

    Whatever the policy says, these stay: the newest undamaged one of every store, the newest proven one, what cannot be read,
    and what is younger than now allows. Damaged backups count for no rule but keep_days.
    """
    ordered = sorted(held, key=lambda one: (one.at, one.id), reverse=True)
    sound = [one for one in ordered if one.known and one.sound_in]
    reasons: dict[str, list[str]] = {one.id: [] for one in ordered}
    for rule, number in policy.items():
        for backup_id, reason in _kept_by(rule, number, ordered, sound, now):
            reasons[backup_id].append(reason)
    for backup_id, reason in _always(ordered, sound, now):
        reasons[backup_id].append(reason)
    return [Decision(one.id, tuple(reasons[one.id])) for one in ordered]


def _kept_by(
    rule: str, number: int, ordered: t.Sequence[Held], sound: t.Sequence[Held], now: datetime.datetime
) -> t.Iterator[tuple[str, str]]:
    if rule == "keep_days":
        oldest = now - datetime.timedelta(days=number)
        yield from ((one.id, f"keep_days: {number}") for one in ordered if one.at >= oldest)
    elif rule == "keep_last":
        yield from ((one.id, f"keep_last: {number}") for one in sound[:number])
    else:
        yield from ((backup_id, f"{rule}: {number} ({period})") for period, backup_id in _newest_of_periods(PERIODS[rule], sound)[:number])


def _newest_of_periods(period_of: t.Callable[[datetime.datetime], str], sound: t.Sequence[Held]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for one in sound:
        found.setdefault(period_of(one.at.astimezone(datetime.timezone.utc)), one.id)
    return list(found.items())


def _newest_in(store: str, sound: t.Sequence[Held]) -> str:
    return next(one.id for one in sound if store in one.sound_in)


def _always(ordered: t.Sequence[Held], sound: t.Sequence[Held], now: datetime.datetime) -> t.Iterator[tuple[str, str]]:
    yield from ((one.id, "its manifest cannot be read, so nobody can judge it") for one in ordered if not one.known)
    yield from ((one.id, "it is of the future; compare the clocks of the hosts") for one in ordered if one.at > now)
    for store in sorted({store for one in sound for store in one.sound_in}):
        yield _newest_in(store, sound), f"the newest undamaged one in {store}"
    proven = next((one for one in sound if one.proven), None)
    if proven is not None:
        yield proven.id, "the newest proven one"
