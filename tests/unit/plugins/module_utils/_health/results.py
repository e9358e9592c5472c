"""A result of health_check as plain data, which is what reports are made of."""

from __future__ import annotations

import typing as t

NOTHING = {"address": None, "status": None, "headers": None, "body_head": None, "value": None}
# What a server could say to take over whoever reads about it.
HOSTILE = '</pre><script>document.title="owned"</script>\x00\x1b[31m]]>\u202e"\\\n&amp;'


def check(name: str = "app", status: str = "pass", **given: t.Any) -> dict[str, t.Any]:
    """One check; `evidence` is filled up to all its keys."""
    evidence = {**NOTHING, **given.pop("evidence", {})}
    about = {"kind": "http", "critical": True, "reason": "Answered 200 in 12 ms.", "attempts": 1, "duration_ms": 1234}
    return {"name": name, "status": status, **about, "figures": {"connect_ms": 0.4, "total_ms": None}, **given, "evidence": evidence}


def seen(*checks: dict[str, t.Any], **given: t.Any) -> dict[str, t.Any]:
    """What a report is made of."""
    about = {
        "verdict": "degraded",
        "summary": "degraded: 1 of 2 checks passed.",
        "rounds": 1,
        "waited_s": 2.5,
        "history": [],
        "since": None,
    }
    return {
        "started": "2026-11-21T22:30:00Z",
        "labels": {"portal": "shop", "environment": "staging"},
        **about,
        "checks": list(checks),
        **given,
    }
