# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where it is told: from the options of a task to channels, or to a sentence that says which option is wrong."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import os
import re
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Location, location_of
from ansible_collections.holdfast.webops.plugins.module_utils._notify.arguments import OF_KIND
from ansible_collections.holdfast.webops.plugins.module_utils._notify.events import SEVERITIES

PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"
PORTS = {"starttls": 587, "implicit": 465, "none": 25}
SHORTEST_KEY = 24  # bytes; what Standard Webhooks asks for
_ADDRESS = re.compile(r"[^\s@<>,;\x00-\x1f]+@[^\s@<>,;\x00-\x1f]+")


@dataclasses.dataclass(frozen=True)
class HttpChannel:
    """A place that takes JSON by POST. `key` signs (webhook) or routes (pagerduty) it."""

    location: Location
    key: str = ""


@dataclasses.dataclass(frozen=True)
class MailChannel:
    """A mail server, and from whom to whom."""

    host: str
    port: int
    encryption: str
    username: str
    password: str
    sender: str
    recipients: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Channel:
    """One place to tell. `severities` are those that it wants to hear of."""

    name: str
    kind: str
    severities: tuple[str, ...]
    ca_file: t.Optional[str]
    target: t.Union[HttpChannel, MailChannel]

    @property
    def is_for_incidents(self) -> bool:
        """Whether it keeps incidents by itself, and takes nothing else."""
        return self.kind == "pagerduty"


def channels_from(options: t.Sequence[t.Mapping[str, t.Any]]) -> tuple[Channel, ...]:
    """Every channel of a task, in its order."""
    channels = tuple(_channel(each) for each in options)
    names = [channel.name for channel in channels]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"Two channels are named '{name}'.", hint="Give each channel a name of its own.")
    return channels


def secrets_of(channel: Channel) -> t.Iterator[str]:
    """What must not be shown, as it may come back in an answer: keys, and the path of an address that is a secret."""
    target = channel.target
    if isinstance(target, MailChannel):
        yield target.password
        return
    yield target.key
    if channel.kind != "pagerduty":
        parts = [target.location.path, *target.location.path.split("/")]
        yield from (part for part in parts if len(part) >= 12)


def _channel(options: t.Mapping[str, t.Any]) -> Channel:
    name, kind = options["name"], options["kind"]
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", name):
        raise InputError(f"A channel is named '{name}'.", hint="Use up to 64 letters, digits, dots, dashes and underscores.")
    _refuse_options_of_other_kinds(options)
    severities = tuple(SEVERITIES if options["severities"] is None else options["severities"])
    if not severities:
        raise InputError(f"The channel '{name}' wants no severity.", hint=f"Give some of {', '.join(SEVERITIES)}, or remove the channel.")
    if options["ca_file"] and not os.path.isfile(options["ca_file"]):
        raise InputError(
            f"The ca_file '{options['ca_file']}' of the channel '{name}' is no file.", hint="Name a file with certificates in PEM."
        )
    return Channel(name, kind, severities, options["ca_file"] or None, TARGETS[kind](options))


def _refuse_options_of_other_kinds(options: t.Mapping[str, t.Any]) -> None:
    kind = options["kind"]
    own = OF_KIND[kind]
    for other, spec in OF_KIND.items():
        for option in spec:
            if option not in own and options.get(option) is not None:
                raise InputError(
                    f"The channel '{options['name']}' is of kind {kind}, but has the option {option}, which belongs to kind {other}.",
                    hint=f"Remove {option}, or make it a channel of kind {other}.",
                )


def _slack(options: t.Mapping[str, t.Any]) -> HttpChannel:
    return HttpChannel(_location(options, options["url"]))


def _webhook(options: t.Mapping[str, t.Any]) -> HttpChannel:
    key = options["signing_key"]
    signing_bytes(key, options["name"])
    return HttpChannel(_location(options, options["url"]), key)


def _pagerduty(options: t.Mapping[str, t.Any]) -> HttpChannel:
    key = options["routing_key"]
    if not re.fullmatch(r"[A-Za-z0-9]{32}", key):
        raise InputError(
            f"The routing_key of the channel '{options['name']}' is not 32 letters and digits.",
            hint="Copy the integration key of a service's Events API v2 integration.",
        )
    return HttpChannel(_location(options, options["url"] or PAGERDUTY_URL), key)


def signing_bytes(key: str, name: str) -> bytes:
    """The key as bytes: what follows whsec_ is base64 (Standard Webhooks), anything else is taken as it is."""
    try:
        raw = base64.b64decode(key[len("whsec_") :], validate=True) if key.startswith("whsec_") else key.encode()
    except (binascii.Error, ValueError):
        raise InputError(f"The signing_key of the channel '{name}' is no base64 behind whsec_.", hint="Copy it again.") from None
    if len(raw) < SHORTEST_KEY:
        raise InputError(
            f"The signing_key of the channel '{name}' is shorter than {SHORTEST_KEY} bytes.",
            hint='Make one with: echo "whsec_$(openssl rand -base64 32)"',
        )
    return raw


def _location(options: t.Mapping[str, t.Any], url: str) -> Location:
    try:
        parts = urllib.parse.urlsplit(url)
        if parts.username is not None:
            raise ValueError("it holds a user, which is not sent")
        return location_of(parts)
    except ValueError as exc:
        # The address itself is not quoted: it is a secret.
        raise InputError(
            f"The url of the channel '{options['name']}' cannot be used: {exc}.", hint="Write it as https://host/path."
        ) from None


def _email(options: t.Mapping[str, t.Any]) -> MailChannel:
    name, encryption = options["name"], options["encryption"] or "starttls"
    if (options["username"] is None) != (options["password"] is None):
        raise InputError(f"The channel '{name}' has only one of username and password.", hint="Give both, or neither.")
    if options["password"] is not None and encryption == "none":
        raise InputError(f"The channel '{name}' would send its password unencrypted.", hint="Set encryption to starttls or implicit.")
    if not options["host"].strip():
        raise InputError(f"The host of the channel '{name}' is empty.", hint="Name the mail server.")
    port = PORTS[encryption] if options["port"] is None else options["port"]
    if not 1 <= port <= 65535:
        raise InputError(f"The port of the channel '{name}' is {port}.", hint="Give a number from 1 to 65535.")
    _check_addresses(name, options["sender"], options["recipients"])
    return MailChannel(
        options["host"].strip(),
        port,
        encryption,
        options["username"] or "",
        options["password"] or "",
        options["sender"],
        tuple(options["recipients"]),
    )


def _check_addresses(name: str, sender: str, recipients: t.Sequence[str]) -> None:
    if not recipients:
        raise InputError(f"The recipients of the channel '{name}' are empty.", hint="Give at least one address.")
    for option, address in (("sender", sender), *(("recipients", each) for each in recipients)):
        if not _ADDRESS.fullmatch(address) or not address.isascii():
            raise InputError(f"'{address}' in {option} of the channel '{name}' is no mail address.", hint="Write it as name@example.org.")


TARGETS: t.Mapping[str, t.Callable[[t.Mapping[str, t.Any]], t.Union[HttpChannel, MailChannel]]] = {
    "slack": _slack,
    "webhook": _webhook,
    "pagerduty": _pagerduty,
    "email": _email,
}
