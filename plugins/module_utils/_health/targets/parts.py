# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a kind of check expects of the text or the place it looks at, read from its options. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

Options = t.Mapping[str, t.Any]


def read_text(options: Options, option: str) -> t.Optional[str]:
    """An option that says what a text must hold: nothing, as of a variable that is not filled, is in every text."""
    text: t.Optional[str] = options[option]
    if text == "":
        raise InputError(f"The {option} of the check '{options['name']}' is empty.", hint="Give a text, or leave the option out.")
    return text


def read_pattern(options: Options) -> t.Optional[re.Pattern[str]]:
    """The option expect_regex, compiled."""
    regex = read_text(options, "expect_regex")
    try:
        return re.compile(regex) if regex else None
    except re.error as exc:
        raise InputError(
            f"The expect_regex '{regex}' of the check '{options['name']}' does not compile: {exc}.",
            hint="Write a Python regular expression.",
        ) from None


def read_host(options: Options) -> str:
    """The option host, which must hold something that can be a name or an address."""
    host = str(options["host"]).strip()
    if not host:
        raise InputError(f"The host of the check '{options['name']}' is empty.", hint="Give a name or an address.")
    if re.search(r"[\s/@?#\x00-\x1f]", host):
        raise InputError(
            f"The host of the check '{options['name']}' is no host name.",
            hint="Give a name or an address alone, without scheme, port or user.",
        )
    return host


def read_port(options: Options, default: int) -> int:
    """The option port, or the usual one of the kind."""
    port = default if options["port"] is None else options["port"]
    if not 1 <= port <= 65535:
        raise InputError(f"The port of the check '{options['name']}' is {port}.", hint="Give a number from 1 to 65535.")
    return int(port)
