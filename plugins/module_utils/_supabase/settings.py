# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Known settings: what a value may be, how it is written, and when two of them are the same. Pure."""

from __future__ import annotations

import dataclasses
import difflib
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

INT32 = 2_147_483_647
INT16 = 32_767
TRUE, FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}
# PostgreSQL's own units; without one, the number is compared as it stands.
UNITS = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}
TIMES = {"us": 0.001, "ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclasses.dataclass(frozen=True)
class Setting:
    """What one setting takes.

    `kind` is bool, int, number, text, list (a text with commas), amount (a text like 64MB or 8s) or any (a scalar nobody described).
    """

    kind: str
    low: t.Optional[float] = None
    high: t.Optional[float] = None
    choices: tuple[str, ...] = ()
    pattern: str = ""
    nullable: bool = True
    secret: bool = False


Known = t.Mapping[str, Setting]


def checked(place: str, known: Known, given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The values as the API takes them. InputError names the setting; the value too, unless it is a secret."""
    return {name: _value(f"{place}.{name}", known[_known(place, known, str(name))], value) for name, value in given.items()}


def comparable(setting: Setting, value: t.Any) -> t.Any:
    """A value in the one form in which it can be compared; what is empty is not there."""
    if value is None or value == "":
        return None
    if setting.kind == "list":
        return ",".join(sorted(set(_items(str(value)))))
    if setting.kind == "amount":
        return _amount(str(value))
    if setting.kind == "any":
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def shown(setting: Setting, found: t.Any, wanted: t.Any) -> t.Any:
    """What was found, for a comparison with `wanted`: in the words of the task where it means the same."""
    return wanted if comparable(setting, found) == comparable(setting, wanted) else found


def nearest(name: str, names: t.Iterable[str]) -> str:
    """A hint with the nearest known name, or where to find one."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f"Did you mean '{close[0]}'?" if close else ""


def _known(place: str, known: Known, name: str) -> str:
    if name not in known:
        hint = nearest(name, known) or "The names are those of Supabase's Management API."
        raise InputError(f"{place}.{name}: Supabase has no such setting.", hint=hint)
    return name


def _value(place: str, setting: Setting, value: t.Any) -> t.Any:
    if value is None:
        if not setting.nullable:
            raise InputError(f"{place}: it cannot be empty.", hint="Give a value, or leave the setting out.")
        return None
    found = _READERS[setting.kind](place, value)
    _in_range(place, setting, found)
    if setting.choices and found not in setting.choices:
        raise InputError(f"{place}: '{found}' is not one of {', '.join(map(repr, setting.choices))}.", hint="Give one of these.")
    if setting.pattern and not re.search(setting.pattern, str(found)):
        told = "the secret" if setting.secret else f"'{found}'"
        raise InputError(f"{place}: {told} has not the right form.", hint=f"It has to match {setting.pattern}")
    return found


def _in_range(place: str, setting: Setting, found: t.Any) -> None:
    if setting.kind not in {"int", "number"}:
        return
    if (setting.low is not None and found < setting.low) or (setting.high is not None and found > setting.high):
        allowed = f"at least {setting.low}" if setting.high is None else f"from {setting.low or 0:.0f} to {setting.high:.0f}"
        raise InputError(f"{place}: {found} is out of range.", hint=f"Supabase takes numbers {allowed}.")


def _bool(place: str, value: t.Any) -> bool:
    """A text counts too: a template may have made one."""
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text in TRUE | FALSE:
        return text in TRUE
    raise InputError(f"{place}: '{value}' is neither true nor false.", hint="Write true or false.")


def _int(place: str, value: t.Any) -> int:
    try:
        if not isinstance(value, bool) and float(value) == int(float(value)):
            return int(float(value))
    except (TypeError, ValueError, OverflowError):
        pass
    raise InputError(f"{place}: '{value}' is no whole number.", hint="Write digits alone, such as 100.")


def _number(place: str, value: t.Any) -> float:
    try:
        if not isinstance(value, bool):
            number = float(value)
            return int(number) if number == int(number) else number
    except (TypeError, ValueError, OverflowError):
        pass
    raise InputError(f"{place}: '{value}' is no number.", hint="Write it as 8 or 0.5.")


def _text(place: str, value: t.Any) -> str:
    if isinstance(value, (dict, list, bool)):
        raise InputError(f"{place}: it has to be a text.", hint="Put it into quotes.")
    return str(value)


def _list(place: str, value: t.Any) -> str:
    items = value if isinstance(value, list) else _items(_text(place, value))
    with_comma = [item for item in items if "," in str(item)]
    if with_comma:
        raise InputError(f"{place}: '{with_comma[0]}' holds a comma, which separates the entries.", hint="Make two entries of it.")
    return ",".join(str(item).strip() for item in items)


def _scalar(place: str, value: t.Any) -> t.Any:
    if isinstance(value, (dict, list)):
        raise InputError(f"{place}: it has to be a single value.", hint="Give a text or a number.")
    return value


_READERS: dict[str, t.Callable[[str, t.Any], t.Any]] = {
    "bool": _bool,
    "int": _int,
    "number": _number,
    "text": _text,
    "list": _list,
    "amount": _text,
    "any": _scalar,
}


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _amount(text: str) -> str:
    """64MB and 65536kB are one amount, 8s and 8000ms too."""
    found = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*", text)
    if not found:
        return text.strip()
    number, unit = float(found[1]), found[2].lower()
    if unit in UNITS:
        return f"{_shortest(number * UNITS[unit] / 1024)}kB"
    return f"{_shortest(number * TIMES[unit])}ms" if unit in TIMES else text.strip()


def _shortest(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)
