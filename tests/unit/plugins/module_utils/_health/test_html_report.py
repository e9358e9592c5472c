from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._health import history, html_report
from tests.unit.plugins.module_utils._health.results import HOSTILE, check, seen
from tests.unit.plugins.module_utils._report.reading import Page


def page(*checks: dict[str, t.Any], **given: t.Any) -> Page:
    return Page(html_report.render(seen(*checks, **given)))


def test_what_a_server_says_never_becomes_part_of_the_page() -> None:
    tame = page(check("x", "fail", evidence={"body_head": "x", "headers": {"server": "x"}}), summary="x", labels={"portal": "x"})
    evidence = {"body_head": HOSTILE, "headers": {HOSTILE: HOSTILE}, HOSTILE: HOSTILE, "value": HOSTILE}
    hostile = page(
        check(HOSTILE, "fail", reason=HOSTILE, kind=HOSTILE, figures={HOSTILE: HOSTILE}, evidence=evidence),
        check("other", HOSTILE),
        summary=HOSTILE,
        labels={"portal": HOSTILE},
        history=[history.entry_of(seen(verdict=HOSTILE, summary=HOSTILE, started=HOSTILE))],
    )
    assert {tag for tag, _attributes in hostile.elements} - {tag for tag, _attributes in tame.elements} <= {"h2", "pre"}
    assert "script" not in {tag for tag, _attributes in hostile.elements}
    assert not hostile.open
    assert '<script>document.title="owned"</script>' in hostile.shown()


def test_what_cannot_be_seen_is_shown_as_such() -> None:
    shown = page(check("a", "fail", reason=HOSTILE)).shown()
    assert "\u202e" not in shown
    assert "\x1b" not in shown
    assert "\ufffd" in shown


def test_the_page_needs_nothing_from_elsewhere_and_forbids_it() -> None:
    found = page(check(evidence={"body_head": "https://elsewhere.example/"}))
    attributes = [attribute for _tag, attributes in found.elements for attribute in attributes]
    assert not {"src", "href", "onload", "action"} & set(attributes)
    policies = [given["content"] for tag, given in found.elements if tag == "meta" and given.get("http-equiv")]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_it_is_made_for_small_screens_too() -> None:
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in page(check()).elements


def test_what_is_wrong_stands_on_top_and_open() -> None:
    checks = [check("a"), check("b", "warn"), check("c", "fail", critical=False), check("d", "fail"), check("e", "skipped")]
    text = html_report.render(seen(*checks))
    order = sorted("abcde", key=lambda name: text.index(f"<strong>{name}</strong>"))
    assert order == ["d", "c", "b", "e", "a"]
    assert text.count("<details open>") == 3


def test_all_that_is_known_of_a_check_is_there_and_what_is_not_is_left_out() -> None:
    evidence = {"status": 503, "headers": {"retry-after": "5"}, "body_head": "sorry", "resolved": ["10.0.0.1", "::1"]}
    shown = page(check("api", "fail", attempts=3, evidence=evidence)).shown()
    for known in ("api", "503", "retry-after: 5", "sorry", "10.0.0.1, ::1", "connect ms", "0.4", "1234 ms"):
        assert known in shown
    assert "total ms" not in shown


@pytest.mark.parametrize("number", [0, 1, 29, 200])
def test_the_history_has_the_newest_verdict_first_and_an_end(number: int) -> None:
    entries = [history.entry_of(seen(summary=f"look {look}.")) for look in range(number)]
    text = html_report.render(seen(check(), history=entries))
    assert ("History" in text) == (number > 0)
    assert text.count(">degraded</span> look ") == min(number, 30)
    if number > 1:
        assert text.index(f"look {number - 1}.") < text.index(f"look {number - 2}.")
