# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All channels at once, each over by its deadline, none in the way of another."""

from __future__ import annotations

import dataclasses
import functools
import json
import multiprocessing
import multiprocessing.pool
import typing as t
import uuid

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._notify import mail, pagerduty, slack, webhook
from ansible_collections.holdfast.webops.plugins.module_utils._notify.attempts import NotDeliveredError, deliver
from ansible_collections.holdfast.webops.plugins.module_utils._notify.channels import Channel, HttpChannel, MailChannel, signing_bytes
from ansible_collections.holdfast.webops.plugins.module_utils._notify.posting import Post, post
from ansible_collections.holdfast.webops.plugins.module_utils._notify.wording import Message

MOST_AT_ONCE = 16
# Seconds that a delivery may need beyond its deadline to say so; then it is left behind.
GRACE = 1.0

Attempt = t.Callable[[Deadline], None]


@dataclasses.dataclass(frozen=True)
class Delivery:
    """How it ended. `attempts` counts those of its most often tried part; `reason` is None when all of it arrived."""

    attempts: int
    reason: t.Optional[str] = None


def send_all(outgoing: t.Sequence[tuple[Channel, Message]], seconds: float, clock: Clock) -> list[Delivery]:
    """Send each message to its channel, concurrently; the deliveries are in the order of the messages.

    The threads are daemons: one that hangs in the resolver keeps neither the others nor the process.
    """
    if not outgoing:
        return []
    pool = multiprocessing.pool.ThreadPool(min(len(outgoing), MOST_AT_ONCE))
    waves = -(-len(outgoing) // MOST_AT_ONCE)
    overall = Deadline(clock, waves * (seconds + GRACE))
    try:
        running = [pool.apply_async(_send, (channel, message, seconds, clock)) for channel, message in outgoing]
        return [_ended(each, overall, seconds) for each in running]
    finally:
        pool.terminate()


def _ended(running: multiprocessing.pool.AsyncResult[Delivery], overall: Deadline, seconds: float) -> Delivery:
    try:
        return running.get(overall.remaining())
    except multiprocessing.TimeoutError:
        return Delivery(1, f"It did not end within {seconds:g} s, probably in the resolution of a name.")


def _send(channel: Channel, message: Message, seconds: float, clock: Clock) -> Delivery:
    deadline = Deadline(clock, seconds)
    tried, reasons = 0, []
    for attempt in attempts_of(channel, message, clock):
        try:
            tried = max(tried, deliver(functools.partial(attempt, deadline), deadline, clock))
        except NotDeliveredError as exc:
            tried = max(tried, exc.tried)
            reasons.append(exc.reason[:1].upper() + exc.reason[1:] + ".")
        except UnicodeError:  # from the resolver: a label of more than 63 characters, for example
            tried = max(tried, 1)
            reasons.append("The name of its host is none that can be looked up.")
    return Delivery(tried, " ".join(dict.fromkeys(reasons)) or None)


def attempts_of(channel: Channel, message: Message, clock: Clock) -> list[Attempt]:
    """What has to be sent for a message, each part as something that sends it once: one part, or one for each incident."""
    identity = f"msg_{uuid.uuid4().hex}"
    target = channel.target
    if isinstance(target, MailChannel):
        letter = mail.mail(message, target, identity, clock.now())
        return [lambda deadline: mail.send(letter, target, channel.ca_file, deadline)]
    if channel.kind == "pagerduty":
        return [_posting(channel, target, _json(event), clock) for event in pagerduty.payloads(message, target.key)]
    if channel.kind == "webhook":
        content = webhook.body(message, clock.now())
        return [lambda deadline: _post_signed(channel, target, content, identity, deadline, clock)]
    return [_posting(channel, target, _json(slack.payload(message)), clock)]


def _posting(channel: Channel, target: HttpChannel, content: bytes, clock: Clock) -> Attempt:
    return lambda deadline: post(Post(target.location, content, {}, channel.ca_file), deadline, clock)


def _post_signed(channel: Channel, target: HttpChannel, content: bytes, identity: str, deadline: Deadline, clock: Clock) -> None:
    """Signed anew in each attempt: a receiver refuses what was signed minutes ago."""
    signature = webhook.headers(identity, clock.now(), content, signing_bytes(target.key, channel.name))
    post(Post(target.location, content, signature, channel.ca_file), deadline, clock)


def _json(content: t.Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()
