# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind tls: is the certificate good, for whom, until when, and is no outdated protocol spoken?

Up to three handshakes: one that validates; where that is refused, one that does not, to read the certificate all the
same; and one that offers only protocols that are too old, which must be refused.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import typing as t
import warnings

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._core.lines import Line, open_line, reason_for
from ansible_collections.holdfast.webops.plugins.module_utils._health import trust
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding, milliseconds
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.tls import TlsTarget

if t.TYPE_CHECKING:
    import ssl

PROTOCOLS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


@dataclasses.dataclass(frozen=True)
class _Shown:
    """What a server showed in a handshake: its certificate, and whatever the connection was."""

    address: str
    resolved: tuple[str, ...]
    protocol: str
    subject: str
    issuer: str
    names: tuple[str, ...]
    end: datetime.datetime


def prepare(target: TlsTarget) -> None:
    """A library or a file that is missing."""
    need("cryptography.x509")
    trust.prepare(target.trust)


def look(target: TlsTarget, deadline: Deadline, clock: Clock) -> Finding:
    place = f"{target.host}:{target.port}"
    figures: dict[str, t.Any] = {"connect_ms": None, "handshake_ms": None, "days_left": None}
    try:
        shown, refused = _handshake(target, deadline, clock, figures)
    except OSError as exc:
        return Finding("", problems=(reason_for(exc, place),), figures=figures)
    left = (shown.end - clock.now()).total_seconds() / 86400
    figures["days_left"] = round(left, 1)
    evidence = Evidence(
        address=shown.address,
        resolved=shown.resolved,
        certificate_end=iso(shown.end),
        value=f"{shown.protocol}; subject {shown.subject}; issuer {shown.issuer}; names {', '.join(shown.names)}"[:500],
    )
    problems = [*refused, *_uncovered(target, shown), *_outdated(target, shown, deadline)]
    seen = f"{shown.protocol} with a certificate for {', '.join(target.names)} that ends {iso(shown.end)}, in {left:.0f} days"
    return Finding(seen, problems=tuple(problems), figures=figures, evidence=evidence)


def _handshake(target: TlsTarget, deadline: Deadline, clock: Clock, figures: dict[str, t.Any]) -> tuple[_Shown, list[str]]:
    """The certificate, and why it is not believed if it is not. Raises OSError where it does not come to a certificate."""
    import ssl

    started = clock.monotonic()
    with contextlib.closing(open_line(target.host, target.port, deadline)) as line:
        figures["connect_ms"] = milliseconds(clock.monotonic() - started)
        try:
            shown = _read(line.encrypt(target.names[0], trust.context(target.trust)))
            figures["handshake_ms"] = milliseconds(clock.monotonic() - started - figures["connect_ms"] / 1000)
            return shown, []
        except ssl.SSLCertVerificationError as exc:
            refused = reason_for(exc, f"{target.host}:{target.port}")
    unbelieving = dataclasses.replace(target.trust, validate_certs=False, ca_file=None)
    with contextlib.closing(open_line(target.host, target.port, deadline)) as line:
        return _read(line.encrypt(target.names[0], trust.context(unbelieving))), [refused]


def _read(line: Line) -> _Shown:
    certificate = need("cryptography.x509").load_der_x509_certificate(line.certificate)
    # Newer versions of the library have aware moments, older ones only naive ones.
    end = getattr(certificate, "not_valid_after_utc", None) or certificate.not_valid_after.replace(tzinfo=datetime.timezone.utc)
    return _Shown(
        line.address,
        line.resolved,
        line.protocol or "TLS",
        certificate.subject.rfc4514_string(),
        certificate.issuer.rfc4514_string(),
        _names(certificate),
        end,
    )


def _names(certificate: t.Any) -> tuple[str, ...]:
    x509 = need("cryptography.x509")
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return ()
    return tuple(str(name.value) for name in names if isinstance(name, (x509.DNSName, x509.IPAddress)))


def _uncovered(target: TlsTarget, shown: _Shown) -> t.Iterator[str]:
    """Names beyond the first, which the handshake itself has checked."""
    for name in target.names[1:]:
        if not any(_covers(pattern.lower(), name.lower()) for pattern in shown.names):
            yield f"the certificate is not good for {name}, only for {', '.join(shown.names) or 'no name at all'}"


def _covers(pattern: str, name: str) -> bool:
    """A wildcard stands for one whole label, the leftmost (RFC 6125, section 6.4.3)."""
    return pattern == name or (pattern.startswith("*.") and name.partition(".")[2] == pattern[2:])


def _outdated(target: TlsTarget, shown: _Shown, deadline: Deadline) -> t.Iterator[str]:
    least = PROTOCOLS.index(target.minimum_protocol)
    if shown.protocol in PROTOCOLS and PROTOCOLS.index(shown.protocol) < least:
        yield f"speaks {shown.protocol}, {target.minimum_protocol} is the least that is allowed"
        return
    spoken = None
    # Refused, as it should be.
    with contextlib.suppress(OSError), contextlib.closing(open_line(target.host, target.port, deadline)) as line:
        spoken = line.encrypt(target.names[0], _old(PROTOCOLS[least - 1])).protocol
    if spoken:
        yield f"still speaks {spoken}, {target.minimum_protocol} is the least that is allowed"


def _old(newest: str) -> ssl.SSLContext:
    """What a client of long ago would offer; it validates nothing, because nothing is sent."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():  # that these protocols are outdated is the point
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = getattr(ssl.TLSVersion, newest.replace(".", "_"))
    return context
