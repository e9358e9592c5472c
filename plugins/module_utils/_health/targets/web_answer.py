# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind http: the request, and what its answer must look like. Pure."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.parts import read_pattern, read_text
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Request, read_headers, read_request

Options = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class ExpectedVersion:
    """The version or commit that must be served: in the header `place`, or at a dotted path in the JSON."""

    wanted: str
    where: str
    place: str


@dataclasses.dataclass(frozen=True)
class HttpTarget:
    """`expect_json` maps dotted paths to values, `expect_query` JMESPath expressions."""

    request: Request
    expect_status: tuple[int, ...] = (200,)
    expect_body: t.Optional[str] = None
    expect_regex: t.Optional[re.Pattern[str]] = None
    expect_json: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    expect_query: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    expect_headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    expect_version: t.Optional[ExpectedVersion] = None

    @property
    def needs_json(self) -> bool:
        version = self.expect_version
        return bool(self.expect_json or self.expect_query or (version and version.where == "json"))

    @property
    def needs_body(self) -> bool:
        return bool(self.expect_body or self.expect_regex or self.needs_json)


def read(options: Options) -> HttpTarget:
    """InputError names the option that is wrong."""
    for option in ("expect_json", "expect_query", "expect_headers"):
        if options[option] == {}:
            raise InputError(f"The {option} of the check '{options['name']}' is empty, so it expects nothing.", hint="Leave it out.")
    target = HttpTarget(
        request=read_request(options),
        expect_status=_statuses(options),
        expect_body=read_text(options, "expect_body"),
        expect_regex=read_pattern(options),
        expect_json={str(path): value for path, value in (options["expect_json"] or {}).items()},
        expect_query={str(expression): value for expression, value in (options["expect_query"] or {}).items()},
        expect_headers=read_headers(options["name"], "expect_headers", options["expect_headers"]),
        expect_version=_version(options),
    )
    if target.request.method == "HEAD" and target.needs_body:
        raise InputError(f"The check '{options['name']}' expects a body, but an answer to HEAD has none.", hint="Use the method GET.")
    return target


def secrets(target: HttpTarget) -> t.Iterable[str]:
    return target.request.secrets()


def _statuses(options: Options) -> tuple[int, ...]:
    name, statuses = options["name"], options["expect_status"]
    if statuses is None:
        return (200,)
    if not statuses:
        raise InputError(f"The expect_status of the check '{name}' is empty.", hint="Give at least one status, such as 200.")
    for status in statuses:
        if not 100 <= status <= 599:
            raise InputError(f"The expect_status of the check '{name}' holds {status}.", hint="Give numbers from 100 to 599.")
    return tuple(statuses)


def _version(options: Options) -> t.Optional[ExpectedVersion]:
    name, wanted, source = options["name"], options["expect_version"], options["version_from"]
    if wanted is None:
        if source is not None:
            raise InputError(f"The check '{name}' says version_from, but expects no version.", hint="Set expect_version too.")
        return None
    if not wanted.strip():
        raise InputError(f"The expect_version of the check '{name}' is empty.", hint="Give the version or the commit that must answer.")
    where, _colon, place = (source or "json:version").partition(":")
    if where not in ("header", "json") or not place:
        raise InputError(
            f"The version_from of the check '{name}' is '{source}'.",
            hint="Write header:X-Portal-Version or json:version, with the name of a header or a dotted path.",
        )
    return ExpectedVersion(wanted.strip(), where, place)
