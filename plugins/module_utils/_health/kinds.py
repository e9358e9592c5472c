# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of checks: of each its options, its figures, and the two modules that read its options and look at its target.

Adding a kind is adding an entry here, a file in targets/ and one in probes/. Those are imported only when a check is of
the kind; the import statements stand in functions because Ansible packs for a target what it finds in import statements.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Finding

Options = t.Mapping[str, t.Any]
# What a figure's limits mean: too much of it is bad, or too little.
MOST, LEAST = "over", "under"
# A page keeps the texts of six connections, a browser needs some hundred MB and a processor.
PAGES, BROWSERS = 8, 2
Limits = t.Mapping[str, t.Mapping[str, float]]


@dataclasses.dataclass(frozen=True)
class Parts:
    """The code of a kind. `read` is pure: options to target, or InputError. `look` looks once, and may be late.

    `prepare` finds before any check runs what no look could mend: a missing library, an option that the library refuses.
    `secrets` are what a target could echo and what is not an option as it stands.
    """

    read: t.Callable[[Options], t.Any]
    look: t.Callable[[t.Any, Deadline, Clock], Finding]
    prepare: t.Callable[[t.Any], None] = lambda _target: None
    secrets: t.Callable[[t.Any], t.Iterable[str]] = lambda _target: ()


@dataclasses.dataclass(frozen=True)
class Kind:
    """`figures` maps each figure to MOST or LEAST, `thresholds` are those that hold when a check gives none for the figure.

    A kind that is not `harmless` changes something while it looks, and is skipped in check mode. `at_once` is how many
    checks may be under way at a time, where that is fewer than of other kinds.
    """

    name: str
    options: tuple[str, ...]
    required: tuple[str, ...]
    figures: t.Mapping[str, str]
    parts: t.Callable[[], Parts]
    thresholds: Limits = dataclasses.field(default_factory=dict)
    harmless: bool = True
    at_once: t.Optional[int] = None


def _http() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import web_answer as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import web_answer as target

    return Parts(target.read, probe.look, probe.prepare, target.secrets)


def _security_headers() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import security_headers as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import security_headers as target

    return Parts(target.read, probe.look, probe.prepare, target.secrets)


def _tls() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import tls as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import tls as target

    return Parts(target.read, probe.look, probe.prepare)


def _dns() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import dns as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import dns as target

    return Parts(target.read, probe.look, probe.prepare)


def _tcp() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import tcp as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import tcp as target

    return Parts(target.read, probe.look)


def _postgres() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import postgres as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import postgres as target

    return Parts(target.read, probe.look, probe.prepare)


def _supabase() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import supabase as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import supabase as target

    return Parts(target.read, probe.look, secrets=target.secrets)


def _storage() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import storage as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import store as target

    return Parts(target.read_storage, probe.look, probe.prepare)


def _backup() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import backup as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import store as target

    return Parts(target.read_backup, probe.look, probe.prepare)


def _backup_policies() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import backup_policies as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import store as target

    return Parts(target.read_policies, probe.look, probe.prepare)


def _rehearsal() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import rehearsal as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import store as target

    return Parts(target.read_rehearsal, probe.look, probe.prepare)


def _page() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import page as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import page as target

    return Parts(target.read, probe.look, probe.prepare, target.secrets)


def _web_vitals() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import web_vitals as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import web_vitals as target

    return Parts(target.read, probe.look, probe.prepare, target.secrets)


def _smtp() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import smtp as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import smtp as target

    return Parts(target.read, probe.look, probe.prepare, target.secrets)


def _command() -> Parts:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.probes import command as probe
    from ansible_collections.holdfast.webops.plugins.module_utils._health.targets import command as target

    return Parts(target.read, probe.look, secrets=target.secrets)


_TLS = ("validate_certs", "ca_file", "client_cert", "client_key")
_WEB = ("url", "headers", "secret_headers", "follow_redirects", *_TLS)
_STORE = ("store", "store_options")
_JUDGED = ("method", "expect_status", "expect_body", "expect_regex", "expect_json", "expect_query", "expect_headers")
_VERSION = ("expect_version", "version_from")


def _most(*figures: str) -> dict[str, str]:
    return dict.fromkeys(figures, MOST)


_ALL = (
    Kind(
        "http",
        (*_WEB, *_JUDGED, *_VERSION),
        ("url",),
        _most("connect_ms", "first_byte_ms", "total_ms", "body_bytes", "redirects"),
        _http,
    ),
    Kind(
        "security_headers",
        (*_WEB, "policy"),
        ("url", "policy"),
        _most("total_ms", "redirects"),
        _security_headers,
    ),
    Kind(
        "tls",
        ("host", "port", "server_name", "ca_file", "client_cert", "client_key", "expect_names", "minimum_protocol"),
        ("host",),
        {**_most("connect_ms", "handshake_ms"), "days_left": LEAST},
        _tls,
        {"days_left": {"warn": 21, "fail": 7}},
    ),
    Kind(
        "dns",
        ("host", "port", "record_type", "nameserver", "expect_records", "only_expected"),
        ("host",),
        {**_most("query_ms", "ttl_s"), "records": LEAST},
        _dns,
    ),
    Kind("tcp", ("host", "port"), ("host", "port"), _most("connect_ms"), _tcp),
    Kind(
        "postgres",
        ("database_url", "query", "expect_value"),
        ("database_url",),
        {
            **_most("connect_ms", "query_ms", "connections_used", "connections_used_percent", "replication_lag_s", "replication_lag_bytes"),
            **_most("oldest_transaction_s", "wraparound_percent", "database_bytes", "disk_used_percent"),
            "connections_allowed": LEAST,
        },
        _postgres,
    ),
    Kind(
        "supabase",
        (
            "project",
            "api_url",
            "access_token",
            "services",
            "project_url",
            "api_key",
            "endpoints",
            "rest_table",
            "validate_certs",
            "ca_file",
        ),
        (),
        {**_most("slowest_ms"), "services": LEAST, "healthy_services": LEAST},
        _supabase,
    ),
    Kind("storage", _STORE, ("store",), _most("write_ms", "read_ms", "delete_ms"), _storage, harmless=False),
    Kind(
        "backup",
        (*_STORE, "portal", "require_proof"),
        ("store", "portal"),
        {**_most("newest_hours", "proven_hours"), "backups": LEAST},
        _backup,
        {"newest_hours": {"fail": 26}, "proven_hours": {"fail": 192}},
    ),
    Kind(
        "backup_policies",
        (*_STORE, "portal", "policies"),
        ("store", "portal", "policies"),
        _most("late", "doubtful"),
        _backup_policies,
    ),
    Kind("rehearsal", (*_STORE, "portal"), ("store", "portal"), _most("good_days"), _rehearsal, {"good_days": {"fail": 35}}),
    Kind("page", _WEB, ("url",), _most("total_ms", "page_bytes", "requests"), _page, {"total_ms": {"fail": 2000}}, at_once=PAGES),
    Kind(
        "web_vitals",
        ("url", "headers", "secret_headers", "validate_certs", "browser"),
        ("url",),
        _most("lcp_ms", "cls", "inp_ms", "fid_ms", "images_without_alt", "fields_without_label", "skipped_headings"),
        _web_vitals,
        {"lcp_ms": {"fail": 2500}, "cls": {"fail": 0.1}, "inp_ms": {"fail": 200}, "fid_ms": {"fail": 100}},
        at_once=BROWSERS,
    ),
    Kind(
        "smtp",
        ("host", "port", "encryption", "username", "password", *_TLS),
        ("host",),
        _most("connect_ms", "total_ms"),
        _smtp,
    ),
    Kind(
        "command",
        ("command", "expect_rc", "expect_body", "expect_regex", "environment"),
        ("command",),
        _most("total_ms"),
        _command,
        harmless=False,
    ),
)

KINDS: t.Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
