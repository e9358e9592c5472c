#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: supabase_bucket
short_description: Have the right storage buckets on Supabase
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Brings the storage buckets of a project to what the task lists, in one task, through the project's own storage API. What is not
    given of a bucket stays as it is; a new one gets Supabase's defaults.
  - A bucket that holds objects is never removed unless the task says so twice, with O(buckets[].state=absent) and O(delete_objects=true).
extends_documentation_fragment:
  - holdfast.webops.supabase
attributes:
  check_mode:
    description: Can run in check mode and says what it would do, without changing anything.
    support: full
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: full
options:
  buckets:
    description: The buckets.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the bucket, which is also its id.
        type: str
        required: true
      public:
        description: Whether everybody who has an address may read. V(false) for a new bucket.
        type: bool
      file_size_limit:
        description:
          - The largest file, in bytes or as V(50MB) (powers of 1024). An empty text means the project's limit.
        type: str
      allowed_mime_types:
        description: The types of files that it takes, such as V(image/png) or V(image/*). An empty list means all.
        type: list
        elements: str
      state:
        description: Whether it shall be there.
        type: str
        choices: [present, absent]
        default: present
  delete_objects:
    description: Whether a bucket that shall be absent may be emptied first. Its objects are gone for good then.
    type: bool
    default: false
  service_key:
    description:
      - The project's secret key (C(sb_secret_...)), or its C(service_role) key. Not given, E(SUPABASE_SERVICE_ROLE_KEY) is used, and
        without that the module asks the Management API for it with O(access_token).
    type: str
  project_url:
    description: Where the project's own services are. Change it for a custom domain, or to rehearse on a local stand-in.
    type: str
    default: https://<project_ref>.supabase.co
  wait_timeout:
    description: How many seconds the whole task may take.
    type: float
    default: 120
seealso:
  - module: holdfast.webops.supabase_project
"""

EXAMPLES = r"""
- name: The buckets of the portal
  holdfast.webops.supabase_bucket:
    project_ref: abcdefghijklmnopqrst
    access_token: "{{ vault_supabase_token }}"
    buckets:
      - name: application-documents
        public: false
        file_size_limit: 10MB
        allowed_mime_types: [application/pdf, image/jpeg, image/png]
      - name: user-avatars
        public: true
        file_size_limit: 2MB
        allowed_mime_types: [image/*]
      - name: system-assets
        public: true
"""

RETURN = r"""
buckets:
  description: The buckets that the task lists, as they are now (in check mode, as a real run would leave them). V(null) for absent ones.
  returned: success
  type: dict
  sample: {user-avatars: {public: true, file_size_limit: 2097152, allowed_mime_types: [image/*]}}
unlisted:
  description: The names of buckets that the project has and the task does not list.
  returned: success
  type: list
  elements: str
  sample: [old-uploads]
"""

from ansible.module_utils.common.parameters import env_fallback

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.bucketing import reconcile
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import ARGUMENTS


def main() -> None:
    run_module(
        reconcile,
        argument_spec={
            **ARGUMENTS,
            "buckets": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "public": {"type": "bool"},
                    "file_size_limit": {"type": "str"},
                    "allowed_mime_types": {"type": "list", "elements": "str"},
                    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
                },
            },
            "delete_objects": {"type": "bool", "default": False},
            "service_key": {"type": "str", "no_log": True, "fallback": (env_fallback, ["SUPABASE_SERVICE_ROLE_KEY"])},
            "project_url": {"type": "str", "default": "https://<project_ref>.supabase.co"},
            "wait_timeout": {"type": "float", "default": 120},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
