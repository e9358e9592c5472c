# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of every module that talks to Supabase's Management API."""

from __future__ import annotations


class ModuleDocFragment:
    """How to reach a project on Supabase."""

    DOCUMENTATION = r"""
requirements:
  - requests (Python library)
notes:
  - Supabase allows 120 requests a minute to each endpoint. Its rate limit is waited for as long as the task has time, and everything that
    can be sent twice without harm is repeated after lost connections and errors of the server.
  - Proxies and certificates are taken from the environment (E(HTTPS_PROXY), E(NO_PROXY), E(REQUESTS_CA_BUNDLE)).
options:
  project_ref:
    description: Reference of the project, the 20 small letters before C(.supabase.co).
    type: str
    required: true
  access_token:
    description:
      - Token for the Management API (C(sbp_...)), from the account's settings under Access Tokens. It is not one of the project's API keys.
      - Not given, E(SUPABASE_ACCESS_TOKEN) on the host that runs the module is used.
    type: str
  api_url:
    description:
      - Where the API is. Change it to rehearse on a local stand-in.
      - Plain V(http://) is refused unless it is this machine, because the token would be readable on the way.
    type: str
    default: https://api.supabase.com
  request_timeout:
    description: How many seconds one request may wait for its answer.
    type: float
    default: 30
"""
