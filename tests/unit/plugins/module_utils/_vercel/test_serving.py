"""What the production domains serve."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._vercel.serving import serving_of


def alias(domain: str, deployment: str | None, **given: t.Any) -> dict[str, t.Any]:
    return {"domain": domain, "target": "PRODUCTION", "environment": "production", "deployment": {"id": deployment}, **given}


def test_all_domains_that_do_not_redirect_decide() -> None:
    entries = [alias("a", "dpl_1"), alias("b", "dpl_1"), alias("www", "dpl_9", redirect="a"), alias("p", "dpl_9", target="PREVIEW")]
    serving = serving_of({"id": "prj_1", "name": "shop", "alias": entries})
    assert serving.serves("dpl_1")
    assert serving.told() == "a, b: dpl_1"
    assert serving.auto_assign


def test_while_they_differ_nothing_is_current() -> None:
    serving = serving_of({"alias": [alias("a", "dpl_1"), alias("b", "dpl_2"), alias("c", None)], "autoAssignCustomDomains": False})
    assert serving.current is None
    assert not serving.auto_assign
    assert serving.told() == "a: dpl_1, b: dpl_2, c: nothing"


def test_the_production_target_tells_where_the_domains_are_left_out() -> None:
    serving = serving_of({"targets": {"production": {"id": "dpl_1", "alias": ["a"]}}})
    assert serving.domains == {"a": "dpl_1"}


def test_a_project_without_anything_serves_nothing() -> None:
    assert serving_of({"id": "prj_1"}).told() == "no production domain serves anything"


def test_the_stages_of_rolling_releases_are_those_of_the_template() -> None:
    template = {"target": "production", "stages": [{"targetPercentage": 10}, {"targetPercentage": 100}]}
    assert serving_of({"rollingRelease": template}).stages == (10, 100)
    assert serving_of({"rollingRelease": {"target": "production", "stages": None}}).stages == ()
    assert serving_of({"rollingRelease": None}).stages == ()
