# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind security_headers: the URL, and the policy that its headers must carry out. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Request, read_headers, read_request

SECTIONS = ("absent", "cors", "csp", "headers", "hsts", "permissions")


@dataclasses.dataclass(frozen=True)
class Hsts:
    """`max_age` in seconds is the least that is allowed."""

    max_age: int
    include_subdomains: bool = False
    preload: bool = False


@dataclasses.dataclass(frozen=True)
class Cors:
    """Who may call from another origin, how, and whether with cookies. `foreign` origins must not."""

    origins: tuple[str, ...]
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    credentials: bool = False


@dataclasses.dataclass(frozen=True)
class Policy:
    """What is not given is not looked at. Directives and features map to the sources and origins that they must allow, no others."""

    hsts: t.Optional[Hsts] = None
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    permissions: t.Mapping[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    csp: t.Mapping[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    cors: t.Optional[Cors] = None
    absent: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class SecurityHeadersTarget:
    request: Request
    policy: Policy


def read(options: t.Mapping[str, t.Any]) -> SecurityHeadersTarget:
    """InputError names the part of the policy that is wrong."""
    policy = read_policy(options["name"], options["policy"])
    return SecurityHeadersTarget(read_request(options), policy)


def read_policy(name: str, given: t.Any) -> Policy:
    """The same, for the policy of the check `name`."""
    _known(name, "policy", given, SECTIONS)
    if not any(given.values()):
        raise InputError(f"The policy of the check '{name}' is empty.", hint=f"Give at least one of {', '.join(SECTIONS)}.")
    policy = Policy(
        hsts=_hsts(name, given.get("hsts")),
        headers=read_headers(name, "policy.headers", _mapping(name, "headers", given.get("headers"))),
        permissions=_sources(name, "permissions", given.get("permissions")),
        csp=_sources(name, "csp", given.get("csp")),
        cors=_cors(name, given.get("cors")),
        absent=_words(name, "absent", given.get("absent")),
    )
    for header in policy.absent:
        if header.lower() in {each.lower() for each in policy.headers}:
            raise InputError(
                f"The policy of the check '{name}' wants the header {header} and wants it absent.", hint="Remove one of the two."
            )
    return policy


def secrets(target: SecurityHeadersTarget) -> t.Iterable[str]:
    return target.request.secrets()


def _known(name: str, where: str, given: t.Any, allowed: t.Sequence[str]) -> None:
    if not isinstance(given, dict):
        raise InputError(f"The {where} of the check '{name}' is no mapping.", hint=f"It may have {', '.join(allowed)}.")
    for key in given:
        if key not in allowed:
            raise InputError(f"The {where} of the check '{name}' has '{key}'.", hint=f"It may have {', '.join(allowed)}.")


def _mapping(name: str, section: str, given: t.Any) -> dict[str, t.Any]:
    if given is not None and not isinstance(given, dict):
        raise InputError(f"The policy.{section} of the check '{name}' is no mapping.", hint="Write it as name: value.")
    return dict(given or {})


def _words(name: str, section: str, given: t.Any) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(word, str) and word.strip() for word in given):
        raise InputError(f"The policy.{section} of the check '{name}' is no list of texts.", hint="Write it as [one, two].")
    return tuple(word.strip() for word in given)


def _sources(name: str, section: str, given: t.Any) -> dict[str, frozenset[str]]:
    mapping = _mapping(name, section, given)
    return {str(key).lower(): frozenset(_words(name, f"{section}.{key}", value or [])) for key, value in mapping.items()}


def _flag(name: str, where: str, value: t.Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"The policy.{where} of the check '{name}' is '{value}'.", hint="Write true or false.")
    return value


def _hsts(name: str, given: t.Any) -> t.Optional[Hsts]:
    if given is None:
        return None
    _known(name, "policy.hsts", given, ("max_age", "include_subdomains", "preload"))
    age = given.get("max_age")
    if isinstance(age, bool) or not isinstance(age, int) or age < 0:
        raise InputError(f"The policy.hsts.max_age of the check '{name}' is '{age}'.", hint="Give seconds, such as 31536000 for a year.")
    flags = [_flag(name, f"hsts.{key}", given.get(key, False)) for key in ("include_subdomains", "preload")]
    return Hsts(age, *flags)


def _cors(name: str, given: t.Any) -> t.Optional[Cors]:
    if given is None:
        return None
    _known(name, "policy.cors", given, ("origins", "methods", "headers", "credentials"))
    origins, methods, headers = (_words(name, f"cors.{key}", given.get(key)) for key in ("origins", "methods", "headers"))
    for origin in origins:
        if "://" not in origin or origin.count("/") != 2:
            raise InputError(f"The policy.cors.origins of the check '{name}' hold '{origin}'.", hint="Write them as https://host[:port].")
    return Cors(origins, methods, headers, _flag(name, "cors.credentials", given.get("credentials", False)))
