# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind page: the page that is loaded with everything it references. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Request, read_request


@dataclasses.dataclass(frozen=True)
class PageTarget:
    """What it may weigh and how long it may take is said by thresholds."""

    request: Request


def read(options: t.Mapping[str, t.Any]) -> PageTarget:
    return PageTarget(read_request(options))


def secrets(target: PageTarget) -> t.Iterable[str]:
    return target.request.secrets()
