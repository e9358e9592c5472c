from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._release import page
from ansible_collections.holdfast.webops.plugins.module_utils._release.story import tell
from tests.unit.plugins.module_utils._health.results import HOSTILE
from tests.unit.plugins.module_utils._release.releases import A, B, C, aborted, chain, good, verdict
from tests.unit.plugins.module_utils._report.reading import Page

Event = tuple[str, t.Optional[str], dict[str, t.Any]]


def read(*events: Event, wanted: str = "newest", by: str = "ann", problem: str | None = None) -> Page:
    return Page(page.render({"portal": "shop", "environment": "production", **tell(chain(*events, by=by, problem=problem), wanted)}))


def test_it_says_first_how_it_stands_and_who_did_it() -> None:
    shown = read(*good(A, "green"), *aborted(C, "green", A)).shown()
    assert f"Release {C} · shop production" in shown
    assert "Did not go live, and was undone" in shown
    assert "3 of 60 requests failed" in shown
    assert "By ann." in shown


def test_every_observation_window_has_its_verdict_its_rule_and_its_plots() -> None:
    found = read(*aborted(C, "green", A))
    assert "abort" in found.texts
    assert " error_rate" in found.texts
    labels = [svg["aria-label"] for svg in found.named("svg") if svg.get("role") == "img"]
    assert labels == [
        "Share of the traffic: this release from 0 % to 0 %, at most 10 %",
        "p95 so far: new release from 41 ms to 2300 ms, at most 2300 ms; live slot from 38 ms to 38.5 ms, at most 39 ms; objective 2000 ms",
        "Errors so far: new release from 0 % to 5 %, at most 5 %; live slot 0 %; certainly bad 1 %",
    ]


def test_a_release_from_before_there_were_series_has_its_verdict_in_words() -> None:
    bare = verdict(figures={"elapsed_s": 5.0, "candidate": {"samples": 9, "errors": 0}})
    events = [
        ("shift.completed", A, {"percent": 10, "verdict": bare}) if event[0] == "shift.completed" else event for event in good(A, "green")
    ]
    found = read(*events)
    assert "Seen in 5.0 s: 9 requests, 0 errors." in found.shown()
    assert len([svg for svg in found.named("svg") if svg.get("role") == "img"]) == 1


def test_permission_and_proof_stand_on_it() -> None:
    approved = ("approval.granted", None, {"version": "1.0", "reason": "tested by hand", "expires_at": "2026-11-23T00:00:00Z"})
    proven = ("proof.recorded", None, {"backup_id": f"backup-of-{A}"})
    shown = read(approved, *good(A, "green"), proven).shown()
    assert "until 2026-11-23T00:00:00Z: tested by hand" in shown
    assert "Proofs of its backup" in shown


def test_each_entry_stands_there_with_its_hash_and_a_damaged_ledger_is_called_so() -> None:
    events = [*good(A, "green"), *good(B, "blue", A)]
    shown = read(*events, problem="Entry 30 is damaged.").shown()
    assert all(entry.hash in shown for entry in chain(*events).entries if entry.release == B)
    assert "damaged" in shown
    assert "Entry 30 is damaged." in shown


def test_what_people_and_servers_wrote_never_becomes_part_of_the_page() -> None:
    tame = read(*aborted(C, "green", A))
    hostile = [
        (
            event,
            release,
            {**data, "reason": HOSTILE, "verdict": verdict(HOSTILE, HOSTILE, reason=HOSTILE)} if event == "shift.failed" else data,
        )
        for event, release, data in aborted(C, HOSTILE, HOSTILE)
    ]
    found = read(*hostile, by=HOSTILE)
    assert found.tags() == tame.tags()
    assert not found.open
    assert "script" not in found.tags()
    assert "\u202e" not in found.shown()


def test_it_needs_nothing_from_elsewhere_and_fits_small_screens() -> None:
    found = read(*good(A, "green"))
    attributes = {name for _tag, given in found.elements for name in given}
    assert not {"src", "href", "onload", "action"} & attributes
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in found.elements
    policies = [given["content"] for tag, given in found.elements if tag == "meta" and given.get("http-equiv")]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_the_same_ledger_gives_the_same_page() -> None:
    story = {"portal": "shop", "environment": "", **tell(chain(*good(A, "green")), A)}
    assert page.render(story) == page.render(story)
