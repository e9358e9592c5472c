# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of every module that runs something of a portal on a host."""

from __future__ import annotations


class ModuleDocFragment:
    """C(holdfast.webops.supervisor) is the portal on this host, and what runs its programs."""

    DOCUMENTATION = r"""
options:
  root:
    description: Home of the portal on this host, an absolute path without blanks.
    type: path
    required: true
  portal:
    description: Name of the portal.
    type: str
    required: true
  supervisor:
    description:
      - What runs the programs of the portal. V(auto) is systemd where it manages the host, else supervisord.
      - With systemd, root gets system units and another user gets user units; for these, say C(loginctl enable-linger USER) once.
      - A supervisord must run already and include C(*.conf) of O(supervisor_conf_dir).
    type: str
    choices: [auto, systemd, supervisord]
    default: auto
  supervisor_socket:
    description: Unix socket of supervisord.
    type: path
    default: /var/run/supervisor.sock
  supervisor_conf_dir:
    description: Folder from which supervisord includes C(*.conf).
    type: path
    default: /etc/supervisor/conf.d
  supervisorctl:
    description: The program supervisorctl, by path or by name.
    type: path
    default: supervisorctl
"""
