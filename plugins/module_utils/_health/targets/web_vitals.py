# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind web_vitals: the page that a browser opens, and which browser. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Request, read_request


@dataclasses.dataclass(frozen=True)
class WebVitalsTarget:
    """Without a `browser` the usual names of Chromium are tried."""

    request: Request
    browser: t.Optional[str]


def read(options: t.Mapping[str, t.Any]) -> WebVitalsTarget:
    return WebVitalsTarget(read_request({**options, "ca_file": None, "client_cert": None, "client_key": None}), options["browser"])


def secrets(target: WebVitalsTarget) -> t.Iterable[str]:
    return target.request.secrets()
