from __future__ import annotations

import copy
import datetime
import json
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._recovery import markdown, page
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.record import Targets
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.story import tell
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.timeline import planned_spans
from tests.unit.plugins.module_utils._health.results import HOSTILE
from tests.unit.plugins.module_utils._recovery.rehearsals import NOON, bad, good
from tests.unit.plugins.module_utils._release import releases
from tests.unit.plugins.module_utils._report.reading import Page

Event = tuple[str, t.Optional[str], dict[str, t.Any]]
LATER = NOON + datetime.timedelta(days=30)


def rehearsed(data: dict[str, t.Any]) -> Event:
    return ("rehearsal.completed", None, data)


def story(*events: Event, wanted: str = "newest", by: str = "ann", problem: str | None = None) -> dict[str, t.Any]:
    return {"portal": "shop", "environment": "production", **tell(releases.chain(*events, by=by, problem=problem), wanted)}


def test_a_rehearsal_is_told_with_its_place_in_the_ledger_the_live_release_and_those_before_it() -> None:
    found = story(*releases.good(releases.A, "green"), rehearsed(good()), rehearsed(bad(began=LATER)), ("lease.broken", None, {}))
    assert (found["rehearsal"]["verdict"], found["release"], found["by"]) == ("failed", releases.A, "ann")
    assert [(point["verdict"], point["lost_s"]) for point in found["trend"]] == [("recovered", 2700.0), ("failed", None)]
    assert found["entry"]["number"] == found["ledger"]["length"] - 1
    first = tell(releases.chain(rehearsed(good()), rehearsed(bad(began=LATER))), "rehearsal-20261122T120000Z")
    assert (first["rehearsal"]["verdict"], len(first["trend"]), first["release"]) == ("recovered", 1, None)


def test_a_rehearsal_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(NotFoundError, match=r"The ledger has no rehearsal 'x'\. Its newest are: rehearsal-20261122T120000Z\."):
        story(rehearsed(good()), wanted="x")
    with pytest.raises(NotFoundError, match=r"Its newest are: none\."):
        story(rehearsed({"note": "not written by the playbook"}))


def test_the_page_says_first_how_it_stands_and_shows_every_step_against_its_estimate() -> None:
    found = Page(page.render(story(rehearsed(good()), rehearsed(good(began=LATER)))))
    shown = found.shown()
    assert "rehearsal-20261222T120000Z · shop production" in shown
    assert "RTO 4 h 0 min met: 1 min 10 s was measured, and 30 min 0 s is estimated for application." in shown
    assert "1 min 0 s, estimated 1 h 0 min" in shown
    assert "application left out: nobody does it" in shown
    labels = [svg["aria-label"] for svg in found.named("svg") if svg.get("role") == "img"]
    assert labels[:2] == [
        "RTO, time to recover: 31 min 10 s, 4 h 0 min promised, met",
        "RPO, changes lost: 720 h 45 min, 1 h 0 min promised, not met",
    ]
    assert labels[2] == (
        "Steps as planned and as they went: assess completed in 5 s, planned 30 min 0 s;"
        " database completed in 1 min 0 s, planned 1 h 0 min; application left out, planned 30 min 0 s"
    )
    assert [(label or "").partition(":")[0] for label in labels[3:]] == [
        "Recovery time, since 2026-11-22",
        "Data that would be lost, since 2026-11-22",
    ]


def test_a_short_time_in_which_not_all_went_well_is_no_good_gauge() -> None:
    found = Page(page.render(story(rehearsed(bad()))))
    labels = [svg["aria-label"] for svg in found.named("svg") if svg.get("role") == "img"]
    assert labels[0] == "RTO, time to recover: 30 min 20 s, 4 h 0 min promised, not all went well"


def test_a_promise_to_lose_nothing_at_all_has_a_gauge_too() -> None:
    promised = Targets(rto=240.0, rpo=0.0, allowed_failures=2)
    told = story(rehearsed(good(targets=promised)), rehearsed(good(targets=promised)))
    labels = [svg["aria-label"] for svg in Page(page.render(told)).named("svg") if svg.get("role") == "img"]
    assert labels[1] == "RPO, changes lost: 45 min 0 s, 0 s promised, not met"


def test_a_step_is_planned_to_begin_when_those_that_it_needs_have_ended() -> None:
    steps = [
        {"id": "a", "depends_on": [], "estimate_s": 30.0},
        {"id": "b", "depends_on": ["a"], "estimate_s": 60.0},
        {"id": "c", "depends_on": ["a"], "estimate_s": 10.0},
        {"id": "d", "depends_on": ["c", "b"], "estimate_s": 5.0},
    ]
    assert planned_spans(steps) == {"a": (0.0, 30.0), "b": (30.0, 90.0), "c": (30.0, 40.0), "d": (90.0, 95.0)}


def test_evidence_that_was_changed_is_told() -> None:
    changed = copy.deepcopy(good())
    changed["evidence"]["rto"]["measured_s"] = 1.0
    for told in (Page(page.render(story(rehearsed(changed)))).shown(), markdown.render(story(rehearsed(changed)))):
        assert "does NOT match: the evidence was changed" in told
    assert "(matches)" in Page(page.render(story(rehearsed(good())))).shown()


def test_what_people_and_servers_wrote_is_text_in_every_report() -> None:
    told = story(rehearsed(bad(HOSTILE)), by=HOSTILE)
    assert "<script" not in page.render(told)
    written = markdown.render(told)
    assert "<script" not in written
    assert all(line.count("|") - line.count("\\|") in (0, 3, 4) for line in written.splitlines())
    assert json.loads(json.dumps(told)) == told


def test_markdown_has_the_same_in_tables() -> None:
    written = markdown.render(story(rehearsed(good())))
    assert written.startswith("# recovered: rehearsal-20261122T120000Z · shop production\n")
    assert "| database: completed | 1 min 0 s, estimated 1 h 0 min. |" in written
    assert "| orders: good | 5000 as expected (5000). |" in written
    assert "| 1000 GB | " in written
    assert "Over the rehearsals so far" not in written


def test_markdown_has_the_rehearsals_before_it_too() -> None:
    written = markdown.render(story(rehearsed(good()), rehearsed(bad(began=LATER))))
    assert "## Over the rehearsals so far" in written
    assert "| 2026-11-22T12:00:00Z: recovered | RTO 31 min 10 s of 4 h 0 min, RPO 45 min 0 s of 1 h 0 min |" in written
    assert "| 2026-12-22T12:00:00Z: failed | RTO 30 min 20 s of 4 h 0 min, RPO unknown of 1 h 0 min |" in written
