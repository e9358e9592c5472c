# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of health_check; which of them belong to which kind of check stands in kinds.py."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.limits import POLICY
from ansible_collections.holdfast.webops.plugins.module_utils._health.kinds import KINDS
from ansible_collections.holdfast.webops.plugins.module_utils._health.reports import OPTIONS as REPORTS
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import store_arguments

Spec = dict[str, t.Any]

COMMON: Spec = {
    "name": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True, "choices": list(KINDS)},
    "critical": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 10.0},
    "retries": {"type": "int", "default": 0},
    "warn_over_ms": {"type": "float"},
    "fail_over_ms": {"type": "float"},
    "thresholds": {"type": "dict"},
    "groups": {"type": "list", "elements": "str", "default": []},
}

# A name means the same in every kind that has it. None has a default here: what is set shows which kind was meant.
OF_KINDS: Spec = {
    "url": {"type": "str"},
    "method": {"type": "str", "choices": ["GET", "HEAD", "OPTIONS"]},
    "headers": {"type": "dict"},
    "secret_headers": {"type": "dict", "no_log": True},
    "follow_redirects": {"type": "bool"},
    "validate_certs": {"type": "bool"},
    "ca_file": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "expect_status": {"type": "list", "elements": "int"},
    "expect_body": {"type": "str"},
    "expect_regex": {"type": "str"},
    "expect_json": {"type": "dict"},
    "expect_query": {"type": "dict"},
    "expect_headers": {"type": "dict"},
    "expect_version": {"type": "str"},
    "version_from": {"type": "str"},
    "policy": {"type": "dict"},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "server_name": {"type": "str"},
    "expect_names": {"type": "list", "elements": "str"},
    "minimum_protocol": {"type": "str", "choices": ["TLSv1.2", "TLSv1.3"]},
    "record_type": {"type": "str", "choices": ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"]},
    "nameserver": {"type": "str"},
    "expect_records": {"type": "list", "elements": "str"},
    "only_expected": {"type": "bool"},
    "database_url": {"type": "str", "no_log": True},
    "query": {"type": "str"},
    "expect_value": {"type": "raw"},
    "project": {"type": "str"},
    "api_url": {"type": "str"},
    "access_token": {"type": "str", "no_log": True},
    "services": {
        "type": "list",
        "elements": "str",
        "choices": ["auth", "db", "db_postgres_user", "pg_bouncer", "pooler", "realtime", "rest", "storage"],
    },
    "project_url": {"type": "str"},
    "api_key": {"type": "str", "no_log": True},
    "endpoints": {"type": "list", "elements": "str", "choices": ["auth", "realtime", "rest", "storage"]},
    "rest_table": {"type": "str"},
    **store_arguments(required=False),
    "portal": {"type": "str"},
    "require_proof": {"type": "bool"},
    "policies": {"type": "list", "elements": "dict", "options": POLICY},
    "browser": {"type": "path"},
    "encryption": {"type": "str", "choices": ["implicit", "none", "starttls"]},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "command": {"type": "list", "elements": "str"},
    "expect_rc": {"type": "list", "elements": "int"},
    "environment": {"type": "dict", "no_log": True},
}


def checks_arguments(*, required: bool) -> Spec:
    """The checks, and where those are meant that give a path: the same options in every module that looks."""
    of_kinds = [("kind", kind.name, list(kind.required)) for kind in KINDS.values()]
    return {
        "checks": {"type": "list", "elements": "dict", "required": required, "options": {**COMMON, **OF_KINDS}, "required_if": of_kinds},
        "base_url": {"type": "str"},
        "headers": {"type": "dict"},
        "secret_headers": {"type": "dict", "no_log": True},
    }


def argument_spec() -> Spec:
    """The argument specification of health_check."""
    return {
        **checks_arguments(required=True),
        "wait_until_healthy": {"type": "bool", "default": False},
        "wait_timeout": {"type": "float", "default": 60.0},
        "interval": {"type": "float", "default": 1.0},
        "consecutive": {"type": "int", "default": 1},
        "fail_on": {"type": "str", "default": "critical", "choices": ["critical", "degraded", "never"]},
        "groups": {"type": "list", "elements": "str", "default": []},
        "reports": {"type": "dict", "options": REPORTS},
    }
