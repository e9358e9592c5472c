from __future__ import annotations

import typing as t

import yaml

from ansible_collections.holdfast.webops.plugins.doc_fragments import health_checks
from ansible_collections.holdfast.webops.plugins.module_utils._health.arguments import COMMON, OF_KINDS
from ansible_collections.holdfast.webops.plugins.module_utils._health.kinds import KINDS


def documented() -> dict[str, dict[str, object]]:
    options = yaml.safe_load(health_checks.ModuleDocFragment.DOCUMENTATION)["options"]
    return dict(options["checks"]["suboptions"])


def test_every_option_belongs_to_a_kind_and_every_kind_has_known_options() -> None:
    assert {option for kind in KINDS.values() for option in kind.options} == set(OF_KINDS)
    assert not set(COMMON) & set(OF_KINDS)


def test_no_option_of_a_kind_has_a_default_that_would_look_as_if_it_was_given() -> None:
    assert not [name for name, option in OF_KINDS.items() if "default" in option]


def test_what_a_kind_requires_and_limits_is_its_own() -> None:
    for kind in KINDS.values():
        assert set(kind.required) <= set(kind.options)
        assert set(kind.thresholds) <= set(kind.figures)


def test_every_suboption_is_documented_with_all_its_kinds_and_no_other() -> None:
    for option in OF_KINDS:
        text = str(documented()[option]["description"])
        for kind in KINDS.values():
            assert (f"V({kind.name})" in text) == (option in kind.options), (option, kind.name)


def test_every_figure_is_documented() -> None:
    text = str(documented()["thresholds"])
    for kind in KINDS.values():
        for figure in kind.figures:
            assert f"C({figure})" in text, figure


def test_the_options_of_a_store_are_those_of_every_module() -> None:
    suboptions = documented()["store_options"]["suboptions"]
    assert set(t.cast("dict[str, object]", suboptions)) == set(OF_KINDS["store_options"]["options"])
