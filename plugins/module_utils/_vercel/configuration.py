# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may stand in a vercel.json: its keys, the shape of their values, and the mistakes that Vercel tells only after an upload.

After https://openapi.vercel.sh/vercel.json and the messages of Vercel's builders. Looks at the content alone, never at files.
"""

from __future__ import annotations

import difflib
import json
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import crontimes

# One sentence about each mistake; a judge gets the place and the value there.
Complaints = t.Iterator[str]
Judge = t.Callable[[str, t.Any], Complaints]

# https://vercel.com/docs/regions
REGIONS = (
    *("arn1", "bom1", "cdg1", "cle1", "cpt1", "dub1", "dxb1", "fra1", "gru1", "hkg1"),
    *("hnd1", "iad1", "icn1", "kix1", "lhr1", "pdx1", "sfo1", "sin1", "syd1", "yul1"),
)
LEAST_MEMORY, MOST_MEMORY, LONGEST_DURATION, MOST_FUNCTIONS = 128, 10_240, 3600, 50
MOST_RULES, MOST_CONDITIONS, LONGEST = 2048, 16, 4096
STATUSES = (301, 302, 303, 307, 308)
# What a vercel.json may have and an inventory should not: it has a place of its own.
ELSEWHERE = {
    "alias": "domains are the project's, see vercel_domain, and move by vercel_promote",
    "build": "environment variables are the project's, see vercel_env",
    "env": "environment variables are the project's, see vercel_env",
    "name": "the project is named by the option project",
    "scope": "the team is named by the option team",
}
# The older kind of routing takes the place of the newer one as a whole.
ROUTING = ("rewrites", "redirects", "headers", "cleanUrls", "trailingSlash")
ABOUT = "See https://vercel.com/docs/project-configuration/vercel-json."
# Of several mistakes, so many are named.
NAMED = 5
# How alike a wrong key and the one that was meant are, of 1.
NEAR = 0.8
# How much of a wrong value is shown.
EXCERPT = 40


def check(configuration: t.Mapping[str, t.Any]) -> None:
    """InputError names the mistakes in a configuration."""
    found = [*_keys(configuration)]
    if found:
        more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
        raise InputError(f"configuration: {'; '.join(found[:NAMED])}{more}.", hint=ABOUT)


def check_together(whole: t.Mapping[str, t.Any]) -> None:
    """The same for what only shows when the configuration lies over the directory's own vercel.json."""
    other = next((name for name in ROUTING if name in whole), None)
    if "routes" in whole and other:
        raise InputError(f"configuration: vercel.json would hold both routes and {other}, of which Vercel takes one.", hint=_OWN)
    if "functions" in whole and "builds" in whole:
        raise InputError("configuration: vercel.json would hold both functions and builds, of which Vercel takes one.", hint=_OWN)


_OWN = "What the configuration does not name stays as it is in the directory's own vercel.json."


def _keys(configuration: t.Mapping[str, t.Any]) -> Complaints:
    for name, value in _named(configuration):
        if name in ELSEWHERE:
            yield f"{name} cannot be set here: {ELSEWHERE[name]}"
        elif name not in KEYS:
            yield f"{name} is no key of vercel.json{_meant(name, KEYS)}"
        else:
            yield from KEYS[name](name, value)


def _named(value: t.Mapping[t.Any, t.Any]) -> t.Iterator[tuple[str, t.Any]]:
    """YAML's keys may be numbers; those of JSON are texts."""
    return ((str(name), inner) for name, inner in value.items())


def _meant(name: str, known: t.Iterable[str]) -> str:
    """For a name that is only written otherwise, the right one."""
    plain = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.replace("_", "").lower(), plain, 1, NEAR)
    return f", write {plain[near[0]]}" if near else ""


def shown(value: t.Any) -> str:
    """A wrong value, for a sentence."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}..."


# --- judges ---


def _text(where: str, value: t.Any) -> Complaints:
    if not isinstance(value, str):
        yield f"{where} is {shown(value)}, not a text"
    elif not 0 < len(value) <= LONGEST:
        yield f"{where} has {len(value)} letters, not 1 to {LONGEST}"


def _text_or_null(where: str, value: t.Any) -> Complaints:
    if value is not None:
        yield from _text(where, value)


def _flag(where: str, value: t.Any) -> Complaints:
    if not isinstance(value, bool):
        yield f"{where} is {shown(value)}, neither true nor false"


def _number(least: int, most: int) -> Judge:
    def judge(where: str, value: t.Any) -> Complaints:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            yield f"{where} is {shown(value)}, not a whole number from {least} to {most}"

    return judge


def _one_of(*known: t.Any) -> Judge:
    def judge(where: str, value: t.Any) -> Complaints:
        if value not in known or isinstance(value, bool):
            yield f"{where} is {shown(value)}, not one of {', '.join(map(str, known))}"

    return judge


def _rows(of: Judge, most: int = MOST_RULES) -> Judge:
    def judge(where: str, value: t.Any) -> Complaints:
        if not isinstance(value, list):
            yield f"{where} is {shown(value)}, not a list"
            return
        if len(value) > most:
            yield f"{where} has {len(value)} entries, more than {most}"
        for number, row in enumerate(value):
            yield from of(f"{where}[{number}]", row)

    return judge


def _mapping(where: str, value: t.Any) -> Complaints:
    if not isinstance(value, dict):
        yield f"{where} is {shown(value)}, not a mapping"


def _fields(known: t.Mapping[str, Judge], needed: t.Sequence[str] = ()) -> Judge:
    def judge(where: str, value: t.Any) -> Complaints:
        yield from _mapping(where, value)
        if not isinstance(value, dict):
            return
        yield from (f"{where} has no {name}" for name in needed if name not in value)
        for name, inner in value.items():
            if name in known:
                yield from known[name](f"{where}.{name}", inner)
            else:
                yield f"{where}.{name} is not known; there are {', '.join(known)}"

    return judge


# --- functions and their times ---


def _duration(where: str, value: t.Any) -> Complaints:
    if value != "max":
        yield from (f"{said} of seconds, or max" for said in _number(1, LONGEST_DURATION)(where, value))


def _functions(where: str, value: t.Any) -> Complaints:
    yield from _mapping(where, value)
    if not isinstance(value, dict):
        return
    if not 1 <= len(value) <= MOST_FUNCTIONS:
        yield f"{where} has {len(value)} patterns, not 1 to {MOST_FUNCTIONS}"
    for pattern, settings in _named(value):
        place = f"{where}['{pattern}']"
        if pattern.startswith(("/", "./")):
            yield f"{place}: patterns are relative to the project, without {pattern.partition('/')[0]}/ before them"
        yield from _FUNCTION(place, settings)


def _schedule(where: str, value: t.Any) -> Complaints:
    yield from _text(where, value)
    complaint = crontimes.complaint(value) if isinstance(value, str) else None
    if complaint:
        yield f"{where}: {complaint}"


def _cron_path(where: str, value: t.Any) -> Complaints:
    if not isinstance(value, str) or not re.fullmatch(r"/\S{0,511}", value):
        yield f"{where} is {shown(value)}, not a path that begins with / and has at most 512 letters"


# --- headers, redirects, rewrites ---


def _source(where: str, value: t.Any) -> Complaints:
    if not isinstance(value, str) or not value.startswith("/") or len(value) > LONGEST:
        yield f"{where} is {shown(value)}, not a pattern that begins with /"


def _source_of_redirect(where: str, value: t.Any) -> Complaints:
    """Redirects may name a host, too."""
    if not isinstance(value, str) or not re.match(r"https?://", value):
        yield from _source(where, value)


def _destination(where: str, value: t.Any) -> Complaints:
    if not isinstance(value, str) or not re.match(r"/|https?://|[:$]\w", value) or len(value) > LONGEST:
        yield f"{where} is {shown(value)}, neither a path that begins with / nor an address with https://"


def _destination_of_rewrite(where: str, value: t.Any) -> Complaints:
    """Either an address, or the name of one of the project's services."""
    if not isinstance(value, dict):
        yield from _destination(where, value)
    elif "service" not in value:
        yield f"{where} has no service"


def _header_name(where: str, value: t.Any) -> Complaints:
    if not isinstance(value, str) or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", value):
        yield f"{where} is {shown(value)}, not the name of a header"


def _header_value(where: str, value: t.Any) -> Complaints:
    if not isinstance(value, str):
        yield f"{where} is {shown(value)}, not a text"
    elif re.search(r"[\r\n\0]", value):
        yield f"{where} holds a line end, which no header may (in YAML, write >- instead of |)"


def _matched(where: str, value: t.Any) -> Complaints:
    """A regular expression, or an operator with its operand."""
    if not isinstance(value, dict):
        yield from _text(where, value)


def _condition(where: str, value: t.Any) -> Complaints:
    yield from _CONDITION(where, value)
    if isinstance(value, dict) and "type" in value:
        needed = "value" if value["type"] == "host" else "key"
        if needed not in value:
            yield f"{where} has no {needed}"


def _redirect(where: str, value: t.Any) -> Complaints:
    yield from _REDIRECT(where, value)
    if isinstance(value, dict) and "permanent" in value and "statusCode" in value:
        yield f"{where} has both permanent and statusCode, of which Vercel takes one"


_CONDITION = _fields({"type": _one_of("host", "header", "cookie", "query"), "key": _text, "value": _matched}, ["type"])
_WHEN: dict[str, Judge] = {"has": _rows(_condition, MOST_CONDITIONS), "missing": _rows(_condition, MOST_CONDITIONS)}
_REGIONS = _rows(_one_of(*REGIONS))
_HEADER = _fields({"key": _header_name, "value": _header_value}, ["key", "value"])
_REDIRECT = _fields(
    {
        "source": _source_of_redirect,
        "destination": _destination,
        "permanent": _flag,
        "statusCode": _one_of(*STATUSES),
        "env": _rows(_text),
        **_WHEN,
    },
    ["source", "destination"],
)
_REWRITE = _fields(
    {
        "source": _source,
        "destination": _destination_of_rewrite,
        "statusCode": _number(100, 999),
        "env": _rows(_text),
        "respectOriginCacheControl": _flag,
        "transforms": _rows(_mapping),
        **_WHEN,
    },
    ["source", "destination"],
)
_FUNCTION = _fields(
    {
        "memory": _number(LEAST_MEMORY, MOST_MEMORY),
        "maxDuration": _duration,
        "runtime": _text,
        "architecture": _one_of("x86_64", "arm64"),
        "regions": _REGIONS,
        "functionFailoverRegions": _REGIONS,
        "includeFiles": _text,
        "excludeFiles": _text,
        "supportsCancellation": _flag,
        "maxConcurrency": _number(1, 8192),
        "affinity": _mapping,
        "experimentalTriggers": _rows(_mapping),
    }
)
KEYS: dict[str, Judge] = {
    "$schema": _text,
    "buildCommand": _text_or_null,
    "builds": _rows(_mapping),
    "bulkRedirectsPath": _text_or_null,
    "bunVersion": _text,
    "cleanUrls": _flag,
    "crons": _rows(_fields({"path": _cron_path, "schedule": _schedule}, ["path", "schedule"])),
    "devCommand": _text_or_null,
    "experimentalServiceGroups": _mapping,
    "experimentalServices": _mapping,
    "experimentalServicesV2": _mapping,
    "fluid": _flag,
    "framework": _text_or_null,
    "functionFailoverRegions": _REGIONS,
    "functions": _functions,
    "git": _mapping,
    "github": _mapping,
    "headers": _rows(_fields({"source": _source, "headers": _rows(_HEADER, 1024), **_WHEN}, ["source", "headers"])),
    "ignoreCommand": _text_or_null,
    "images": _mapping,
    "installCommand": _text_or_null,
    "outputDirectory": _text_or_null,
    "passiveRegions": _REGIONS,
    "proxy": _mapping,
    "public": _flag,
    "redirects": _rows(_redirect),
    "regions": _REGIONS,
    "relatedProjects": _rows(_text),
    "rewrites": _rows(_REWRITE),
    "routes": _rows(_mapping),
    "schedules": _rows(_mapping, 100),
    "services": _mapping,
    "trailingSlash": _flag,
    "version": _one_of(2),
    "wildcard": _rows(_mapping),
}
