# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: monitor_probes
short_description: Turn the checks of portals into probes of blackbox_exporter
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Makes a module and a target of blackbox_exporter from every check that it can do, which are those of kind C(http), C(tcp),
    C(tls), C(dns) and, for the port alone, C(postgres).
  - What a probe does not see of its check, and checks that cannot be probed, are notes. They are left to
    M(holdfast.webops.health_check).
options:
  _input:
    description:
      - The variables of the portals. C(portal_name), C(portal_environment), C(portal_url), C(portal_checks) and C(portal_router_metrics)
        are read, and nothing else.
    type: list
    elements: dict
    required: true
  database_checks:
    description: Names of checks that are about the database, beside those of kind C(postgres).
    type: list
    elements: str
    default: [database, database_health]
"""

EXAMPLES = r"""
- name: See what will be probed
  ansible.builtin.debug:
    msg: "{{ groups['portals'] | map('extract', hostvars) | holdfast.webops.monitor_probes }}"
"""

RETURN = r"""
_value:
  description: The probes.
  type: dict
  contains:
    modules:
      description: The modules of blackbox_exporter, by name.
      type: dict
      sample: {shop_production_app: {timeout: 10s, prober: http, http: {valid_status_codes: [200]}}}
    targets:
      description: What is probed, with C(target), C(module) and C(labels).
      type: list
      elements: dict
      sample: [{target: "https://shop.example.org/", module: shop_production_app, labels: {portal: shop, check: app}}]
    routers:
      description: Where routers show their metrics, with C(target) and C(labels).
      type: list
      elements: dict
      sample: [{target: "web1:8404", labels: {portal: shop, environment: production}}]
    notes:
      description: What is not probed, in sentences.
      type: list
      elements: str
      sample: ["shop (production): 'uploads' is not probed: kind storage is for health_check."]
"""


def monitor_probes(hosts: t.Any, database_checks: t.Any = ("database", "database_health")) -> dict[str, t.Any]:
    """Plain data in and out; whatever makes no sense is an error of the filter."""
    from ansible_collections.holdfast.webops.plugins.module_utils._monitor.portals import VARIABLES, portals_from
    from ansible_collections.holdfast.webops.plugins.module_utils._monitor.probes import probes_of

    try:
        portals = portals_from([{name: plain(host[name]) for name in VARIABLES if name in host} for host in hosts])
        routers = [{"target": portal.router_metrics, "labels": portal.labels} for portal in portals if portal.router_metrics]
        return {**probes_of(portals, plain(list(database_checks))).as_dict(), "routers": routers}
    except WebopsError as exc:
        raise AnsibleFilterError(f"holdfast.webops.monitor_probes: {exc}") from exc


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"monitor_probes": monitor_probes}
