# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind dns: does the name stand for what it should?"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding, milliseconds
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.dns import DnsTarget, normal

SHOWN = 500
# Seconds that dnspython may sleep between two tries, whatever time is left.
LONGEST_PAUSE = 2.0


def prepare(_target: DnsTarget) -> None:
    need("dns.resolver")


def look(target: DnsTarget, deadline: Deadline, clock: Clock) -> Finding:
    """Ask once; servers that are silent or answer badly are asked again until the deadline, over TCP where UDP is too small."""
    figures: dict[str, t.Any] = {"query_ms": None, "records": None, "ttl_s": None}
    asked = f"the {target.record_type} record of {target.name}"
    started = clock.monotonic()
    exception = need("dns.exception").DNSException
    try:
        resolver = _resolver(target)
        lifetime = _lifetime(deadline.remaining())
        answer = resolver.resolve(target.name, target.record_type, lifetime=lifetime, search=False, raise_on_no_answer=False)
    except exception as exc:
        return Finding("", problems=(_reason(exc, asked, target),), figures=figures)
    figures["query_ms"] = milliseconds(clock.monotonic() - started)
    records = sorted({normal(_text(record)) for record in answer.rrset or ()})
    figures["records"] = len(records)
    figures["ttl_s"] = answer.rrset.ttl if answer.rrset is not None else None
    evidence = Evidence(address=_server(answer), resolved=_addresses(target, records), value=", ".join(records)[:SHOWN])
    seen = f"{target.name} has {target.record_type} {', '.join(records)}"[:SHOWN]
    return Finding(seen, problems=tuple(_problems(target, asked, set(records))), figures=figures, evidence=evidence)


def _lifetime(seconds: float) -> float:
    """How long the resolver may try, so that it ends within `seconds`."""
    return seconds - LONGEST_PAUSE if seconds > 2 * LONGEST_PAUSE else seconds


def _resolver(target: DnsTarget) -> t.Any:
    resolver = need("dns.resolver").Resolver(configure=target.nameserver is None)
    if target.nameserver is not None:
        resolver.nameservers, resolver.port = [target.nameserver], target.port
    return resolver


def _text(record: t.Any) -> str:
    """As zone files write it; the strings of one TXT record are one text (RFC 7208, section 3.3)."""
    strings = getattr(record, "strings", None)
    return str(record.to_text()) if strings is None else b"".join(strings).decode("utf-8", "replace")


def _server(answer: t.Any) -> t.Optional[str]:
    host, port = getattr(answer, "nameserver", None), getattr(answer, "port", None)
    return f"{host}:{port}" if host else None


def _addresses(target: DnsTarget, records: list[str]) -> t.Optional[tuple[str, ...]]:
    return tuple(records) if target.record_type in ("A", "AAAA") else None


def _problems(target: DnsTarget, asked: str, records: set[str]) -> t.Iterator[str]:
    if not records:
        yield f"{target.name} exists, but has no {target.record_type} record"
    elif target.expected - records:
        yield f"{asked} lacks {', '.join(sorted(target.expected - records))}; it is {', '.join(sorted(records))}"[:SHOWN]
    if target.only_expected and records - target.expected:
        yield f"{asked} has {', '.join(sorted(records - target.expected))}, which was not expected"[:SHOWN]


def _reason(exc: Exception, asked: str, target: DnsTarget) -> str:
    errors = need("dns.resolver")
    who = f"{target.nameserver} port {target.port}" if target.nameserver else "the name servers of this host"
    if isinstance(exc, errors.NXDOMAIN):
        return f"the name {target.name} does not exist, says {who}"
    if isinstance(exc, errors.LifetimeTimeout):
        return f"{who} did not answer for {asked} in time"
    if isinstance(exc, errors.NoNameservers):
        return f"{who} could not answer for {asked}: {' '.join(str(exc).split())[:200]}"
    return f"{asked} cannot be asked for: {type(exc).__name__} {' '.join(str(exc).split())[:200]}"
