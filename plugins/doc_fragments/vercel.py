# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of every module that talks to Vercel."""

from __future__ import annotations


class ModuleDocFragment:
    """How to reach a project on Vercel."""

    DOCUMENTATION = r"""
requirements:
  - requests (Python library)
notes:
  - Vercel's rate limits are waited for as long as the task has time, and everything that can be sent twice without harm is repeated
    after lost connections and errors of the server. What cannot, such as a promotion, is only sent again after looking whether it happened.
  - Proxies and certificates are taken from the environment (E(HTTPS_PROXY), E(NO_PROXY), E(REQUESTS_CA_BUNDLE)).
options:
  project:
    description: Name or id (C(prj_...)) of the project.
    type: str
    required: true
  token:
    description:
      - Token for Vercel's API. Not given, E(VERCEL_TOKEN) on the host that runs the module is used.
      - A token that is limited to the project's team is enough.
    type: str
  team:
    description:
      - Id (C(team_...)) or slug of the team that owns the project. It goes with every request.
      - Empty, the token's own scope counts.
    type: str
    default: ""
  api_url:
    description:
      - Where the API is. Change it to rehearse on a local stand-in.
      - Plain V(http://) is refused unless it is this machine, because the token would be readable on the way.
    type: str
    default: https://api.vercel.com
  request_timeout:
    description: How many seconds one request may wait for its answer.
    type: float
    default: 30
"""
