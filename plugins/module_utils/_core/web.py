# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place that makes HTTP sessions. Not named http.py: that would shadow the standard library for pylint."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need

if t.TYPE_CHECKING:
    import requests

AGENT = "holdfast.webops"


def session(*, verify: bool | str = True, pool_size: int = 10) -> requests.Session:
    """A session that retries nothing by itself and follows the proxy and CA settings of the environment.

    `verify` is False, True, or the path of a CA bundle; `pool_size` is how many connections it keeps open.
    """
    library = need("requests")
    made: requests.Session = library.Session()
    adapter = library.adapters.HTTPAdapter(pool_connections=pool_size, pool_maxsize=pool_size, max_retries=0)
    made.mount("http://", adapter)
    made.mount("https://", adapter)
    made.verify = verify
    made.headers["User-Agent"] = AGENT
    return made
