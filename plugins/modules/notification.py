#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: notification
short_description: Tell people and programs what happened to a portal
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Sends events to Slack, e-mail, PagerDuty and signed webhooks, to all channels at the same time, each with its own deadline.
  - All events of one call that a channel wants to hear become one message.
  - A channel that cannot be reached never fails the task. It is listed in RV(unreached), with the reason in RV(deliveries) and in a
    warning. Wrong options do fail it.
  - With O(store) it remembers what each channel was told, in the one small object C(<portal>/notifications.json). Then an open
    incident is told once and not with every run, its end is told to the channels that know of it, and no channel gets more messages
    than O(rate_limit) allows. What was withheld is listed in the next message. Without O(store), everything is told every time.
  - Secrets in the facts (values under names like C(password), passwords in URLs) are masked before anything is sent.
extends_documentation_fragment:
  - holdfast.webops.store
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Nothing is sent and nothing is remembered; RV(deliveries) says what would be sent.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
options:
  portal:
    description: Name of the portal.
    type: str
    required: true
  environment:
    description: Its environment, such as V(production).
    type: str
    default: ""
  store:
    description:
      - Where to remember what was told; usually the store of the ledger.
      - Left out, nothing is remembered, and nothing is withheld.
    required: false
  channels:
    description:
      - Where to tell it. Names must differ. An option that belongs to another kind of channel is an error.
      - The proxy settings of the environment are not used.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the channel is called in the result and in the memory.
        type: str
        required: true
      kind:
        description:
          - V(slack) posts a message of blocks to an incoming webhook.
          - V(email) hands a mail in plain text to a mail server.
          - V(pagerduty) sends to the Events API v2. It takes incidents only, see O(events[].state).
          - V(webhook) posts JSON, signed as Standard Webhooks 1.0 says with the headers C(webhook-id), C(webhook-timestamp) and
            C(webhook-signature), which is C(v1,) and the base64 of HMAC-SHA256 over C(<id>.<timestamp>.<body>).
        type: str
        required: true
        choices: [slack, email, pagerduty, webhook]
      severities:
        description:
          - The severities that it wants to hear of; all of them when not given.
          - The end of an incident that it knows of it hears always.
        type: list
        elements: str
        choices: [info, warning, error, critical]
      ca_file:
        description: File with certificates (PEM) to trust instead of the system's, on the host that sends.
        type: path
      url:
        description:
          - Address for V(slack) and V(webhook). It is a secret and masked everywhere.
          - For V(pagerduty) the address of another region; V(https://events.pagerduty.com/v2/enqueue) when not given.
        type: str
      signing_key:
        description:
          - The key that signs, for V(webhook). Base64 behind C(whsec_), as Standard Webhooks writes it, or any other text of at least
            24 bytes.
        type: str
      routing_key:
        description: The integration key of a service, for V(pagerduty).
        type: str
      host:
        description: The mail server, for V(email).
        type: str
      port:
        description: Its port, for V(email). V(587) with O(channels[].encryption=starttls), V(465) with V(implicit), V(25) with V(none).
        type: int
      encryption:
        description:
          - How the mail server is spoken to, for V(email). V(starttls) when not given; a server that does not offer it gets nothing.
          - V(implicit) is TLS from the first byte.
        type: str
        choices: [starttls, implicit, none]
      username:
        description: User at the mail server, for V(email).
        type: str
      password:
        description: Password at the mail server, for V(email). It is never sent unencrypted.
        type: str
      sender:
        description: Address that the mail comes from, for V(email).
        type: str
      recipients:
        description: Addresses that it goes to, for V(email).
        type: list
        elements: str
  events:
    description: What happened.
    type: list
    elements: dict
    required: true
    suboptions:
      event:
        description:
          - Its name, a topic and what became of it, such as V(deploy.failed).
          - Of the topics V(deploy), V(roll_back), V(back_up), V(restore), V(rehearse) and V(check) the message shows the facts that
            matter; of any other one the first ten plain values.
        type: str
        required: true
      severity:
        description: How bad it is.
        type: str
        required: true
        choices: [info, warning, error, critical]
      state:
        description:
          - V(message) is said and done with.
          - V(open) begins an incident, or says that it goes on. For PagerDuty it is a trigger.
          - V(acknowledged) says that somebody is at it, V(resolved) that it is over. PagerDuty hears both, whatever the severity.
        type: str
        default: message
        choices: [message, open, acknowledged, resolved]
      incident:
        description:
          - Which incident it belongs to; the topic when not given. With portal and environment it becomes the dedup key
            C(holdfast/<portal>/<environment>/<incident>).
        type: str
      routine:
        description:
          - For O(events[].state=resolved). The good end is the usual case, so only channels that were told of the beginning hear of it.
          - Without O(store) only PagerDuty hears of it.
        type: bool
        default: false
      summary:
        description: The title. Left out, it is the template of the event.
        type: str
      facts:
        description:
          - The result that it is about, as a role or module of this collection returns it.
          - C(reason) or C(summary) in it is told in full, up to 2000 characters.
        type: dict
  templates:
    description:
      - Titles by the name of their event, in place of the built-in ones. V(${release.version}) stands for a fact, V($$) for a dollar sign;
        a fact that is not there reads V(unknown).
    type: dict
  link:
    description: Address of the run, which the message shows.
    type: str
  rate_limit:
    description: The most messages that a channel gets. It does not hold for V(pagerduty), which joins events by itself.
    type: dict
    suboptions:
      messages:
        description: How many.
        type: int
        default: 20
      seconds:
        description: Within how many seconds.
        type: int
        default: 3600
  repeat_after:
    description:
      - An incident that stays open is told again after this many seconds, or as soon as it becomes more severe.
      - V(0) tells it every time.
    type: int
    default: 3600
  timeout:
    description:
      - How long one channel may take, in seconds, with all attempts. Up to four are made, when the other side cannot be reached, is
        overloaded (it may say for how long) or fails.
    type: float
    default: 15.0
seealso:
  - name: Standard Webhooks
    description: The signature, with libraries that verify it in many languages.
    link: https://www.standardwebhooks.com
"""

EXAMPLES = r"""
- name: Tell of a failed deploy
  holdfast.webops.notification:
    portal: shop
    environment: production
    store: s3://holdfast-ledger/production
    channels:
      - name: ops
        kind: slack
        url: "{{ vault_slack_webhook }}"
      - name: on-call
        kind: pagerduty
        routing_key: "{{ vault_pagerduty_key }}"
        severities: [error, critical]
      - name: management
        kind: email
        host: mail.example.org
        username: portal
        password: "{{ vault_mail_password }}"
        sender: portal@example.org
        recipients: [it@example.org]
        severities: [critical]
    events:
      - event: deploy.failed
        severity: error
        state: open
        facts:
          version: "1.2.0"
          reason: The new slot answered 500.

- name: Tell of its end; PagerDuty resolves the incident
  holdfast.webops.notification:
    portal: shop
    environment: production
    store: s3://holdfast-ledger/production
    channels: "{{ portal_notify_channels }}"
    events:
      - event: deploy.succeeded
        severity: info
        state: resolved
        facts: "{{ portal_deploy_result }}"
"""

RETURN = r"""
deliveries:
  description: What became of it, one entry for each channel, in their order.
  returned: success
  type: list
  elements: dict
  contains:
    channel:
      description: Name of the channel.
      type: str
      sample: ops
    kind:
      description: Its kind.
      type: str
      sample: slack
    status:
      description:
        - V(sent), V(would_send) in check mode, V(failed), V(withheld) by the rate limit, or V(nothing_to_say).
      type: str
      sample: sent
    reason:
      description: Why it failed, was withheld or had nothing to say, in a sentence. V(null) when it was sent.
      type: str
      sample: hooks.slack.com:443 answered 404 no_service.
    events:
      description: The names of the events that it was or would have been told.
      type: list
      elements: str
      sample: [deploy.failed]
    attempts:
      description: How often it was tried; V(0) when nothing was sent.
      type: int
      sample: 1
    incidents:
      description: For V(pagerduty), the dedup keys and what was done to them.
      type: list
      elements: dict
      sample: [{"key": "holdfast/shop/production/deploy", "action": "trigger"}]
    title:
      description: Title of the message, V(null) where there was none.
      type: str
      sample: "shop (production): Deploy of 1.2.0 failed"
    text:
      description: The whole message as plain text, V(null) where there was none.
      type: str
      sample: "[error] Deploy of 1.2.0 failed\nThe new slot answered 500.\nVersion: 1.2.0"
reached:
  description: Names of the channels that were told, in check mode of those that would be.
  returned: success
  type: list
  elements: str
  sample: [ops, on-call]
unreached:
  description: Names of the channels that could not be told.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._notify.arguments import argument_spec
from ansible_collections.holdfast.webops.plugins.module_utils._notify.telling import notify


def main() -> None:
    run_module(notify, argument_spec=argument_spec(), supports_check_mode=True)


if __name__ == "__main__":
    main()
