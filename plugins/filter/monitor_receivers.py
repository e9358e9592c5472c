# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: monitor_receivers
short_description: Turn channels into receivers of Alertmanager
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Makes a receiver and a route of Alertmanager from every channel that it can serve, and keeps each secret apart, so that it can
    be written into a file of its own.
options:
  _input:
    description: The channels, as O(holdfast.webops.notification#module:channels).
    type: list
    elements: dict
    required: true
  folder:
    description: Absolute path of the folder that will hold the files of the secrets.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: See who will get alerts
  ansible.builtin.debug:
    msg: "{{ (portal_notify_channels | holdfast.webops.monitor_receivers('/etc/prometheus/secrets')).routes }}"
"""

RETURN = r"""
_value:
  description: Receivers, routes and secrets.
  type: dict
  contains:
    receivers:
      description: The receivers, without secrets.
      type: list
      elements: dict
      sample: [{name: ops, slack_configs: [{api_url_file: /etc/prometheus/secrets/ops}]}]
    routes:
      description: One route to each receiver.
      type: list
      elements: dict
      sample: [{receiver: ops, matchers: ['severity=~"error|critical"'], continue: true}]
    secrets:
      description: The content of each file, by its name.
      type: dict
      sample: {}
    notes:
      description: Channels that get no alerts, and why.
      type: list
      elements: str
      sample: []
"""


def monitor_receivers(channels: t.Any, folder: str) -> dict[str, t.Any]:
    """Plain data in and out; whatever makes no sense is an error of the filter."""
    from ansible_collections.holdfast.webops.plugins.module_utils._monitor.receivers import channels_of, receivers_of

    try:
        return receivers_of(channels_of(plain(list(channels))), folder).as_dict()
    except WebopsError as exc:
        raise AnsibleFilterError(f"holdfast.webops.monitor_receivers: {exc}") from exc


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"monitor_receivers": monitor_receivers}
