# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the checks of portals to modules and targets of blackbox_exporter. Pure.

A probe can do less than the check that it comes from: it has no password, reads no JSON and keeps no history. What it cannot
do is a note, and is left to health_check, which the timer runs.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._monitor.portals import WatchedPortal

Check = t.Mapping[str, t.Any]
Settings = dict[str, t.Any]

USUAL_TIMEOUT = 10.0
# What Python's regular expressions know and RE2, which Go uses, does not.
_NOT_RE2 = re.compile(r"\(\?(?:[=!>(#]|<[=!]|P=)|\\[1-9]|[*+?}]\+")


class _NotProbedError(Exception):
    """The check is no probe; the text says why, without a full stop."""


@dataclasses.dataclass
class _Probe:
    """One probe as it is built up; `lacks` says what it does not see of its check."""

    target: str
    settings: Settings
    lacks: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Probes:
    """`modules` by name, `targets` with their labels, and `notes` for a person."""

    modules: dict[str, Settings] = dataclasses.field(default_factory=dict)
    targets: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)

    def as_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


def probes_of(portals: t.Sequence[WatchedPortal], database_checks: t.Collection[str]) -> Probes:
    """Every check that a probe can do. Checks named in `database_checks`, and those of kind postgres, are about the database."""
    probes = Probes()
    for portal in portals:
        for check in portal.checks:
            _add(probes, portal, check, "database" if check["name"] in database_checks or check["kind"] == "postgres" else "application")
    return probes


def _add(probes: Probes, portal: WatchedPortal, check: Check, subject: str) -> None:
    try:
        build = BUILDERS.get(check["kind"])
        if build is None:
            raise _NotProbedError(f"kind {check['kind']} is for health_check")
        probe = build(portal, check)
    except _NotProbedError as exc:
        probes.notes.append(f"{portal}: '{check['name']}' is not probed: {exc}.")
        return
    probes.notes.extend(f"{portal}: the probe of '{check['name']}' {lack}." for lack in probe.lacks)
    name = _unused(_slug(portal.name, portal.environment, str(check["name"])), probes.modules)
    probes.modules[name] = {"timeout": f"{float(check.get('timeout') or USUAL_TIMEOUT):g}s", **probe.settings}
    labels = {
        **portal.labels,
        "check": str(check["name"]),
        "kind": str(check["kind"]),
        "critical": "false" if check.get("critical") is False else "true",
        "subject": subject,
    }
    probes.targets.append({"target": probe.target, "module": name, "labels": labels})


def _slug(*words: str) -> str:
    return "_".join(re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_") for word in words if word)


def _unused(name: str, taken: t.Container[str]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _http(portal: WatchedPortal, check: Check) -> _Probe:
    if check.get("secret_headers"):
        raise _NotProbedError("it needs secret headers")
    if check.get("client_cert"):
        raise _NotProbedError("it needs a client certificate")
    lacks: list[str] = []
    http: Settings = {
        "method": check.get("method") or "GET",
        "valid_status_codes": list(check.get("expect_status") or [200]),
        "body_size_limit": "1MB",
        "tls_config": _tls(check),
    }
    if check.get("headers"):
        http["headers"] = {str(name): str(value) for name, value in check["headers"].items()}
    if check.get("follow_redirects") is False:
        http["follow_redirects"] = False
    if check.get("expect_headers"):
        http["fail_if_header_not_matches"] = [
            {"header": str(name), "regexp": f"^{re.escape(str(value))}$", "allow_missing": False}
            for name, value in check["expect_headers"].items()
        ]
    patterns = _body_patterns(check, lacks)
    if patterns:
        http["fail_if_body_not_matches_regexp"] = patterns
    return _Probe(_address(portal, check), {"prober": "http", "http": http}, lacks)


def _address(portal: WatchedPortal, check: Check) -> str:
    url = str(check.get("url") or "/")
    url = portal.url.rstrip("/") + url if url.startswith("/") else url
    if urllib.parse.urlsplit(url).username is not None:
        raise _NotProbedError("its url holds a user")
    return url


def _tls(check: Check) -> Settings:
    own = {"ca_file": check["ca_file"]} if check.get("ca_file") else {}
    return {"insecure_skip_verify": check.get("validate_certs") is False, **own}


def _body_patterns(check: Check, lacks: list[str]) -> list[str]:
    patterns = [re.escape(check["expect_body"])] if check.get("expect_body") else []
    if check.get("expect_regex"):
        if _NOT_RE2.search(check["expect_regex"]):
            lacks.append("does not look for expect_regex, which RE2 cannot read")
        else:
            patterns.append(check["expect_regex"])
    for path, value in (check.get("expect_json") or {}).items():
        key = str(path).rpartition(".")[2]
        if key.isdigit() or isinstance(value, (dict, list)):
            lacks.append(f"does not look at {path} in the JSON")
        else:
            patterns.append(_json_pattern(key, value))
    lacks.extend(f"does not look at {option}" for option in ("expect_query", "expect_version") if check.get(option))
    return patterns


def _json_pattern(key: str, value: t.Any) -> str:
    """A member of this name and value anywhere in the text: weaker than the path, but it never fails where the path is good."""
    return rf"{re.escape(json.dumps(key))}\s*:\s*{re.escape(json.dumps(value, ensure_ascii=False))}"


def _tcp(_portal: WatchedPortal, check: Check) -> _Probe:
    return _Probe(_joined(check["host"], check["port"]), {"prober": "tcp"})


def _tls_port(_portal: WatchedPortal, check: Check) -> _Probe:
    name = {"server_name": check["server_name"]} if check.get("server_name") else {}
    settings = {"prober": "tcp", "tcp": {"tls": True, "tls_config": {**_tls(check), **name}}}
    return _Probe(_joined(check["host"], check.get("port") or 443), settings)


def _postgres(_portal: WatchedPortal, check: Check) -> _Probe:
    try:
        parts = urllib.parse.urlsplit(str(check["database_url"]))
        host, port = parts.hostname, parts.port or 5432
    except ValueError:
        host, port = None, 0
    if not _is_one_host(host):
        raise _NotProbedError("its database_url names no host and port")
    return _Probe(_joined(str(host), port), {"prober": "tcp"}, ["sees only whether the server takes connections"])


def _is_one_host(host: t.Optional[str]) -> bool:
    """Whether this is one host; libpq also knows lists of hosts and folders of sockets."""
    return bool(host) and not re.search(r"[,/%]", str(host))


def _dns(_portal: WatchedPortal, check: Check) -> _Probe:
    if not check.get("nameserver"):
        raise _NotProbedError("it names no nameserver")
    dns: Settings = {"query_name": check["host"], "query_type": check.get("record_type") or "A", "valid_rcodes": ["NOERROR"]}
    lacks = ["does not look at the records"] if check.get("expect_records") else []
    return _Probe(_joined(check["nameserver"], check.get("port") or 53), {"prober": "dns", "dns": dns}, lacks)


def _joined(host: t.Any, port: t.Any) -> str:
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"


BUILDERS: t.Mapping[str, t.Callable[[WatchedPortal, Check], _Probe]] = {
    "http": _http,
    "tcp": _tcp,
    "tls": _tls_port,
    "postgres": _postgres,
    "dns": _dns,
}
