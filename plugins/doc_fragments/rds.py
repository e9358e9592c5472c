# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of every module that talks to Amazon RDS."""

from __future__ import annotations


class ModuleDocFragment:
    """How to reach an instance on RDS."""

    DOCUMENTATION = r"""
requirements:
  - boto3 (Python library)
notes:
  - Lost connections, errors of the server and throttling are repeated by boto3 (its retry mode C(standard)).
options:
  db_instance_identifier:
    description: The name of the instance. Capital letters are taken as small ones, as RDS does.
    type: str
    required: true
  region:
    description: Where it is. Left out, E(AWS_REGION), E(AWS_DEFAULT_REGION) or the profile says so.
    type: str
  profile:
    description: The profile in C(~/.aws) whose credentials are used.
    type: str
  access_key_id:
    description:
      - Name of the access key.
      - Left out together with O(secret_access_key), AWS's ordinary chain is used on the host that runs the module (O(profile),
        E(AWS_ACCESS_KEY_ID), E(AWS_PROFILE), the files in C(~/.aws), then the role of a web identity, of the container or of the instance).
    type: str
  secret_access_key:
    description: Secret part of the access key.
    type: str
  session_token:
    description: The token that belongs to a temporary access key. When it ends during a long task, the same task again goes on.
    type: str
  endpoint:
    description: URL of the service, V(https://host) or V(http://host:port). Left out, it is AWS's own. A local stand-in for rehearsals.
    type: str
"""
