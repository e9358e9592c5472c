# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a result is worth telling, as pairs of label and value. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration, as_size

MOST_FACTS = 10  # what one section of a Slack message takes
LONGEST_FACT = 300
NAMED_CHECKS = 5

Facts = t.Mapping[str, t.Any]
Show = t.Callable[[t.Any], str]
Row = tuple[str, str, Show]


def as_text(value: t.Any) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(as_text(each) for each in value) or "none"
    return " ".join(str(value).split())


def as_equality(value: t.Any) -> str:
    """What a proof says."""
    return "restored and found equal" if value else "restored and found different"


def as_alerts(value: t.Any) -> str:
    """What is not as the backup policies want it."""
    return " ".join(f"{alert['name']}: {alert['says']}" for alert in value)


def as_sentences(value: t.Any) -> str:
    """Sentences, one after the other."""
    return " ".join(value)


_BACKUP: tuple[Row, ...] = (
    ("Backup", "backup.id", as_text),
    ("Recovery point", "backup.at", as_text),
    ("Database", "backup.database", as_text),
    ("Size", "backup.size", as_size),
    ("Took", "backup.duration_s", as_duration),
    ("Encrypted", "backup.encrypted", as_text),
    ("Proof", "proof.equal", as_equality),
    ("Rows compared", "proof.rows", as_text),
)

OF_TOPIC: t.Mapping[str, tuple[Row, ...]] = {
    "deploy": (
        ("Version", "release.version", as_text),
        ("Version", "version", as_text),
        ("Release", "release.id", as_text),
        ("Commit", "release.commit", as_text),
        ("Slot", "slot", as_text),
        ("Analysis", "verdict.verdict", as_text),
        ("Schema contracted", "contracted", as_text),
    ),
    "roll_back": (
        ("To", "target.version", as_text),
        ("Release", "target.id", as_text),
        ("Slot", "slot", as_text),
        ("From", "leaves.version", as_text),
        ("Kind", "kind", as_text),
        ("Backup", "recovery.backup.id", as_text),
        ("Lost", "recovery.rpo.lost_s", as_duration),
        ("Instead", "alternatives", as_text),
    ),
    "back_up": (("Alerts", "alerts", as_alerts), *_BACKUP, ("Backups", "lines", as_sentences)),
    "restore": (
        *_BACKUP[:4],
        ("Moment", "physical.moment", as_text),
        ("Replaced database", "restored.replaced_database", as_text),
        ("Old cluster", "physical.kept", as_text),
        ("Took", "restored.duration_s", as_duration),
        ("Took", "physical.duration_s", as_duration),
    ),
    "rehearse": (
        ("Verdict", "verdict", as_text),
        ("Recovered in", "rto.total_s", as_duration),
        ("RTO", "rto.target_s", as_duration),
        ("Would be lost", "rpo.lost_s", as_duration),
        ("RPO", "rpo.target_s", as_duration),
        *_BACKUP[:2],
        ("Findings", "findings", as_sentences),
        ("Report", "report", as_text),
    ),
    "recover": (
        ("Verdict", "verdict", as_text),
        ("Recovered in", "rto.total_s", as_duration),
        ("RTO", "rto.target_s", as_duration),
        ("Lost", "rpo.lost_s", as_duration),
        ("RPO", "rpo.target_s", as_duration),
        ("To confirm", "confirm", as_text),
        *_BACKUP[:2],
        ("Findings", "findings", as_sentences),
        ("Report", "report", as_text),
    ),
    "check": (("Verdict", "verdict", as_text),),
}


def lookup(facts: Facts, path: str) -> t.Any:
    """The value at a dotted path, None where there is none."""
    value: t.Any = facts
    for part in path.split("."):
        if not isinstance(value, t.Mapping) or part not in value:
            return None
        value = value[part]
    return value


def pairs_of(topic: str, facts: Facts) -> tuple[tuple[str, str], ...]:
    """At most ten pairs; of a topic that is not known here, the plain values in their order."""
    if topic not in OF_TOPIC:
        plain = ((name.replace("_", " ").capitalize(), value) for name, value in facts.items() if name not in ("reason", "summary"))
        found = [(label, as_text(value)) for label, value in plain if isinstance(value, (str, int, float)) and value != ""]
    else:
        found = [(label, _shown(show, lookup(facts, path))) for label, path, show in OF_TOPIC[topic]]
        found += _failed_checks(facts)
    named = {label: value for label, value in reversed(found) if value}
    return tuple((label, value[:LONGEST_FACT]) for label, value in reversed(list(named.items())))[:MOST_FACTS]


def _shown(show: Show, value: t.Any) -> str:
    if value is None or value == "":
        return ""
    try:
        return show(value)
    except (TypeError, ValueError):
        return as_text(value)


def _failed_checks(facts: Facts) -> list[tuple[str, str]]:
    """The checks of a health check that did not pass, the first few with their reasons."""
    checks = facts.get("checks")
    if not isinstance(checks, (list, tuple)):
        return []
    bad = [check for check in checks if isinstance(check, t.Mapping) and check.get("status") not in ("pass", "skipped", None)]
    shown = [(f"{check.get('name')} ({check.get('status')})", as_text(check.get("reason") or "no reason")) for check in bad[:NAMED_CHECKS]]
    more = len(bad) - len(shown)
    return [*shown, ("More", f"{more} more checks did not pass")] if more > 0 else shown


def texts_of(facts: Facts, prefix: str = "") -> dict[str, str]:
    """Every plain value under its dotted path, for templates."""
    found: dict[str, str] = {}
    for name, value in facts.items():
        path = f"{prefix}{name}"
        if isinstance(value, t.Mapping):
            found.update(texts_of(value, f"{path}."))
        elif value is not None:
            found[path] = as_text(value)
    return found
