# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The story of a release as an HTML page: what happened when, what users got, who wanted it and why, and how to check all of it. Pure."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._release.windows import traffic_chart, window_charts
from ansible_collections.holdfast.webops.plugins.module_utils._report import chart, course
from ansible_collections.holdfast.webops.plugins.module_utils._report.page import badge, document, rows, text

Record = t.Mapping[str, t.Any]
BAR_TONES: t.Final = {"done": "good", "failed": "bad", "cut off": "soso", "under way": "soso"}


def render(story: Record) -> str:
    """The whole page. `story` is what `story.tell` returned, with `portal` and `environment`."""
    release = story["release"]
    title = " · ".join(filter(None, [f"Release {release['id']}", f"{story['portal']} {story['environment']}".strip()]))
    return document(
        f"{release['status']}: {title}",
        f"{badge(release['status'])} {text(title)}",
        [
            f"<p>{text(_sentence(story))}</p>",
            f'<p class="quiet">As the ledger stood at {text(story["ledger"]["at"])}; this page adds nothing to it. Times are UTC.</p>',
            rows(_facts(release)),
            "<h2>Course</h2>",
            *_course(story["stages"]),
            "<h2>Traffic and what users got</h2>",
            traffic_chart(story["traffic"], _last_moment(story)),
            *(line for window in story["windows"] for line in window_charts(window)),
            *_permission(story),
            "<h2>Ledger</h2>",
            *_ledger(story),
        ],
        chart.STYLE + course.STYLE,
    )


def _sentence(story: Record) -> str:
    """How it stands with the release, for somebody who reads nothing else."""
    release = story["release"]
    by = f" By {', '.join(story['by'])}." if story["by"] else ""
    said = {
        "good": f"Went live at {release['live_at']} on slot {release['slot']}, and was found good.",
        "live": f"Live since {release['live_at']} on slot {release['slot']}; its course has not ended.",
        "opened": f"Under way since {release['opened_at']}, last at {release['last_event']}.",
        "failed": f"Did not go live, and was undone at {release['ended_at']}: {release['reason']}",
        "rolled_back": f"Was rolled back at {release['ended_at']}" + (f": {release['reason']}" if release["reason"] else "."),
    }
    return said.get(release["status"], str(release["status"])) + by


def _facts(release: Record) -> t.Iterator[tuple[str, str]]:
    names = {
        "version": "version",
        "commit": "commit",
        "artifact_sha256": "SHA-256 of the artefact",
        "slot": "slot",
        "replaces": "in place of",
        "opened_at": "opened",
        "live_at": "live",
        "ended_at": "ended",
    }
    for name, shown in names.items():
        if release.get(name):
            yield shown, text(release[name])


def _course(stages: t.Sequence[Record]) -> t.Iterator[str]:
    if not stages:
        yield "<p>No stage has begun.</p>"
        return
    moments = [_seconds(moment) for stage in stages for moment in (stage["began"], stage["ended"]) if moment]
    first, span = min(moments), max(max(moments) - min(moments), 1.0)
    yield course.course(_stage(stage, first, span) for stage in stages)


def _stage(stage: Record, first: float, span: float) -> str:
    ended = _seconds(stage["ended"]) if stage["ended"] else first + span
    began = _seconds(stage["began"])
    name = stage["name"] if stage["percent"] is None else f"{stage['name']} {stage['percent']} %"
    took = as_duration(ended - began) if stage["ended"] else "not ended"
    drawn = course.bar_of(began, ended, first, span, BAR_TONES.get(stage["status"], "none"))
    return course.item(name, stage["status"], f"{stage['began']}, {took}", drawn, stage["says"])


def _permission(story: Record) -> t.Iterator[str]:
    """Who wanted it and why, what was asked before it began, and the proofs of the backup that it would go back to."""
    parts = {
        "Gates": [
            (gate.get("gate", "gate"), text(gate.get("says") or json.dumps(gate, sort_keys=True))) for gate in _listed(story["gates"])
        ],
        "Approvals": [(given["by"], text(_approval(given))) for given in story["approvals"]],
        "Proofs of its backup": [(proof["at"], text(proof.get("backup_id") or proof.get("id"))) for proof in story["proofs"]],
    }
    for title, lines in parts.items():
        if lines:
            yield f"<h2>{title}</h2>"
            yield rows(lines)


def _listed(gates: t.Any) -> t.Iterator[Record]:
    """Gates as records, however an older ledger kept them."""
    for gate in gates if isinstance(gates, list) else [{"gate": name, "says": str(value)} for name, value in dict(gates).items()]:
        yield gate if isinstance(gate, dict) else {"says": str(gate)}


def _approval(given: Record) -> str:
    until = f", until {given['expires_at']}" if given.get("expires_at") else ""
    return f"{given['at']}{until}: {given.get('reason') or 'no reason was given'}"


def _ledger(story: Record) -> t.Iterator[str]:
    chain = story["ledger"]
    state = "intact" if chain["intact"] else "damaged"
    head = chain["head"]
    yield f"<p>{badge(state)} {chain['length']} entries; the newest is {text(head['number'])}, <code>{text(head['hash'])}</code>.</p>"
    if chain["problem"]:
        yield f"<p>{text(chain['problem'])}</p>"
    yield "<details><summary>The entries of this release, each with its hash</summary><div class='more'>"
    yield rows((f"{entry['number']} {entry['event']}", _entry(entry)) for entry in story["entries"])
    yield "</div></details>"


def _entry(entry: Record) -> str:
    fencing = "" if entry["fencing"] is None else f", lease {text(entry['fencing'])}"
    return f"{text(entry['at'])} by {text(entry['by'])}{fencing}<br><code>{text(entry['hash'])}</code>"


def _last_moment(story: Record) -> str:
    """Where the drawing of the traffic ends."""
    return str(max(entry["at"] for entry in story["entries"]))


def _seconds(moment: str) -> float:
    return parse_iso(moment).timestamp()
