# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings of the lint: the comments that switch a rule off for a file, and what the option makes of the rest."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.lint_rules import RULES
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Script
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.seen import Finding

SQUAWK = "squawk"
# So many findings are spelled out in a message; all of them are in the return value.
SPELLED_OUT = 10

_OPT_OUT = re.compile(r"--[ \t]*holdfast:[ \t]*lint[-_ ]?ignore\b(?P<rest>[^\n\r]*)", re.IGNORECASE)
_RULE_AND_REASON = re.compile(r"[ \t]*=[ \t]*(?P<rule>[\w/-]+)[ \t]+(?P<reason>\S.*?)[ \t]*")


def opt_outs(script: Script) -> dict[str, str]:
    """The reason by rule, from comments `-- holdfast: lint-ignore=<rule> <reason>` anywhere in the file."""
    found = {}
    if "holdfast:" not in script.text:
        return {}
    for comment in _OPT_OUT.finditer(script.text):
        given = _RULE_AND_REASON.fullmatch(comment["rest"])
        if given is None:
            raise InputError(
                f"{script.place(comment.start())}: a lint-ignore without rule or reason.",
                hint="Write '-- holdfast: lint-ignore=<rule> <why it is safe here>'.",
            )
        if given["rule"] not in RULES and not given["rule"].startswith(f"{SQUAWK}/"):
            raise InputError(
                f"{script.place(comment.start())}: lint-ignore={given['rule']} names no rule.",
                hint=f"Known are {', '.join(sorted(RULES))}, and {SQUAWK}/<its rule>.",
            )
        found[given["rule"]] = given["reason"]
    return found


def ignored(findings: t.Iterable[Finding], reasons: t.Mapping[str, str]) -> list[Finding]:
    return [finding._replace(ignored=reasons.get(finding.rule)) for finding in findings]


def standing(findings: t.Iterable[Finding]) -> list[Finding]:
    """Those of our own rules that nobody gave a reason for. Squawk does not know the database: what it finds may be harmless."""
    return [finding for finding in findings if finding.ignored is None and finding.source != SQUAWK]


def refuse(findings: t.Sequence[Finding]) -> None:
    """With lint=fail: raise InputError where something stands."""
    dangerous = standing(findings)
    if dangerous:
        raise InputError(
            f"Nothing has run: the lint found what would harm a portal in use. {' '.join(spelled_out(dangerous))}",
            hint="Change the files. Where you know better: '-- holdfast: lint-ignore=<rule> <why>' in the file, or lint=warn for all.",
            lint=[finding._asdict() for finding in findings],
        )


def spelled_out(findings: t.Sequence[Finding]) -> list[str]:
    """Sentences for people."""
    sentences = [f"{finding.file} {finding}" for finding in findings[:SPELLED_OUT]]
    if len(findings) > SPELLED_OUT:
        sentences.append(f"And {len(findings) - SPELLED_OUT} more; see lint.")
    return sentences


def told(findings: t.Sequence[Finding]) -> tuple[str, ...]:
    """What the user is told when the run goes on."""
    foreign = sum(finding.source == SQUAWK and finding.ignored is None for finding in findings)
    return (*spelled_out(standing(findings)), *([f"squawk has {foreign} findings; see lint."] if foreign else []))
