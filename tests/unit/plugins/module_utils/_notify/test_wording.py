"""Titles, templates and the plain text of a message."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._notify.wording import check_templates, clip, worded

from .notices import event, message


def test_the_built_in_title_names_the_version() -> None:
    assert worded(event(facts={"version": "1.2"}), {}).title == "Deploy of 1.2 failed"


@pytest.mark.parametrize("kind", ["application", "database", "full"])
def test_the_title_of_a_way_back_says_what_went_back_and_what_users_have_now(kind: str) -> None:
    facts = {"kind": kind, "target": {"version": "1.2"}}
    assert worded(event("roll_back.succeeded", facts=facts), {}).title == f"Rolled back ({kind}): 1.2 is live"


def test_an_event_without_a_template_is_called_by_its_name() -> None:
    assert worded(event("nightly_import.failed"), {}).title == "Nightly import failed"


def test_a_template_of_the_site_wins_and_reaches_into_the_facts() -> None:
    facts = {"release": {"version": "1.2"}, "price": 3}
    assert (
        worded(event(facts=facts), {"deploy.failed": "${release.version} cost $$${price}, ${release.gone}"}).title == "1.2 cost $3, unknown"
    )


def test_a_summary_of_the_event_wins_over_everything() -> None:
    assert worded(event(summary="Look at ${this}"), {"deploy.failed": "no"}).title == "Look at ${this}"


def test_a_template_that_cannot_be_filled_in_is_named() -> None:
    with pytest.raises(InputError, match=r"template of 'deploy\.failed'"):
        check_templates({"deploy.failed": "100 $ lost"})


def test_the_reason_is_told_in_full_but_not_without_end() -> None:
    assert worded(event(facts={"reason": "The new slot answered 500."}), {}).text == "The new slot answered 500."
    assert len(worded(event(facts={"reason": "x" * 99999}), {}).text) == 2000


def test_the_title_of_many_events_is_that_of_the_worst() -> None:
    told = message(event("back_up.succeeded", severity="info", state="message"), event("check.critical", severity="critical"))
    assert told.title == "shop (production): Not healthy (and 1 more)"
    assert told.severity == "critical"


def test_the_plain_text_holds_reason_facts_backlog_and_link() -> None:
    told = message(event(facts={"version": "1.2", "reason": "No answer."}), withheld=("[error] Not healthy",), link="https://awx.example/1")
    assert told.as_text().splitlines() == [
        "[error] Deploy of 1.2 failed",
        "No answer.",
        "Version: 1.2",
        "",
        "Withheld since the last message:",
        "- [error] Not healthy",
        "",
        "https://awx.example/1",
    ]


@pytest.mark.parametrize(("text", "cut"), [("12345", "12345"), ("123456", "1234…"), ("123 56", "123…")])
def test_a_cut_text_is_never_longer_than_asked_and_shows_that_it_was_cut(text: str, cut: str) -> None:
    assert clip(text, 5) == cut
