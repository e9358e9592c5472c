# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From channels to receivers and routes of Alertmanager, with each secret in a file of its own. Pure.

What a channel is stands in notify's arguments: the same list in the inventory serves both. Alertmanager cannot sign, so a channel
of kind webhook is a note.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._notify.arguments import COMMON, OF_KIND, REQUIRED_OF_KIND
from ansible_collections.holdfast.webops.plugins.module_utils._notify.channels import Channel, HttpChannel, MailChannel, channels_from

Settings = dict[str, t.Any]

REQUIRED = {kind: ("name", *options) for _key, kind, options in REQUIRED_OF_KIND}

PLACE = "{{ with .CommonLabels.portal }}{{ . }} ({{ $.CommonLabels.environment }}): {{ end }}"
TITLE = PLACE + "{{ .CommonLabels.alertname }} {{ .Status }}"
TEXT = "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ end }}"


@dataclasses.dataclass
class Receivers:
    """`receivers` and `routes` of Alertmanager, `secrets` by the name of their file, and `notes` for a person."""

    receivers: list[Settings] = dataclasses.field(default_factory=list)
    routes: list[Settings] = dataclasses.field(default_factory=list)
    secrets: dict[str, str] = dataclasses.field(default_factory=dict)
    notes: list[str] = dataclasses.field(default_factory=list)

    def as_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


def channels_of(given: t.Sequence[t.Mapping[str, t.Any]]) -> tuple[Channel, ...]:
    """The channels as an inventory writes them; ca_file is a file of the monitor's host, so it is not looked at here."""
    known = [*COMMON, *(option for spec in OF_KIND.values() for option in spec)]
    for entry in given:
        strangers = sorted(set(entry) - set(known))
        if strangers:
            raise InputError(
                f"The channel '{entry.get('name')}' has the unknown option {strangers[0]}.", hint=f"There are {', '.join(known)}."
            )
        if entry.get("kind") not in OF_KIND:
            raise InputError(f"The channel '{entry.get('name')}' has no known kind.", hint=f"Give one of {', '.join(OF_KIND)}.")
        for option in REQUIRED[entry["kind"]]:
            if not entry.get(option):
                raise InputError(f"The channel '{entry.get('name')}' lacks {option}.", hint=f"A channel of kind {entry['kind']} needs it.")
    channels = channels_from([{**dict.fromkeys(known), **entry, "ca_file": None} for entry in given])
    return tuple(dataclasses.replace(channel, ca_file=entry.get("ca_file")) for channel, entry in zip(channels, given))


def receivers_of(channels: t.Sequence[Channel], folder: str) -> Receivers:
    """Everything about these channels; the files of their secrets are in `folder`."""
    found = Receivers()
    for channel in channels:
        obstacle = _obstacle(channel)
        if obstacle:
            found.notes.append(f"The channel '{channel.name}' gets no alerts: {obstacle}.")
            continue
        build = BUILDERS[channel.kind]
        key, config, secret = build(channel, f"{folder}/{channel.name}")
        if secret:
            found.secrets[channel.name] = secret
        found.receivers.append({"name": channel.name, key: [{"send_resolved": True, **config}]})
        found.routes.append({"receiver": channel.name, "matchers": [f'severity=~"{"|".join(channel.severities)}"'], "continue": True})
    return found


def _obstacle(channel: Channel) -> str:
    if channel.kind not in BUILDERS:
        return f"Alertmanager cannot sign what it sends to a {channel.kind}"
    target = channel.target
    if isinstance(target, MailChannel) and target.encryption == "implicit" and target.port != 465:
        return "Alertmanager speaks implicit TLS on port 465 only"
    return ""


def _slack(channel: Channel, file: str) -> tuple[str, Settings, str]:
    target = t.cast(HttpChannel, channel.target)
    return "slack_configs", {"api_url_file": file, "title": TITLE, "text": TEXT, **_over_http(channel)}, str(target.location)


def _pagerduty(channel: Channel, file: str) -> tuple[str, Settings, str]:
    target = t.cast(HttpChannel, channel.target)
    config = {"routing_key_file": file, "url": str(target.location), "description": TITLE, "severity": "{{ .CommonLabels.severity }}"}
    return "pagerduty_configs", {**config, **_over_http(channel)}, target.key


def _email(channel: Channel, file: str) -> tuple[str, Settings, str]:
    target = t.cast(MailChannel, channel.target)
    host = f"[{target.host}]" if ":" in target.host else target.host
    config: Settings = {
        "to": ", ".join(target.recipients),
        "from": target.sender,
        "smarthost": f"{host}:{target.port}",
        "require_tls": target.encryption == "starttls",
        "headers": {"Subject": TITLE},
        "html": "",
        "text": TEXT,
    }
    if target.username:
        config.update({"auth_username": target.username, "auth_password_file": file})
    if channel.ca_file:
        config["tls_config"] = {"ca_file": channel.ca_file}
    return "email_configs", config, target.password


def _over_http(channel: Channel) -> Settings:
    return {"http_config": {"tls_config": {"ca_file": channel.ca_file}}} if channel.ca_file else {}


BUILDERS: t.Mapping[str, t.Callable[[Channel, str], tuple[str, Settings, str]]] = {
    "slack": _slack,
    "pagerduty": _pagerduty,
    "email": _email,
}
