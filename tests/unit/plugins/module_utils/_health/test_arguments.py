from __future__ import annotations

import yaml

from ansible_collections.holdfast.webops.plugins.module_utils._health.arguments import COMMON, OF_KIND, REQUIRED_OF_KIND
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import TARGETS
from ansible_collections.holdfast.webops.plugins.modules import health_check


def test_every_kind_that_can_be_chosen_has_options_a_target_and_requirements() -> None:
    assert set(COMMON["kind"]["choices"]) == set(OF_KIND) == set(TARGETS) == {kind for _option, kind, _required in REQUIRED_OF_KIND}


def test_no_option_belongs_to_two_kinds() -> None:
    names = [option for spec in (COMMON, *OF_KIND.values()) for option in spec]
    assert len(names) == len(set(names))


def test_every_suboption_is_documented_with_its_kind() -> None:
    documented = yaml.safe_load(health_check.DOCUMENTATION)["options"]["checks"]["suboptions"]
    for kind, spec in OF_KIND.items():
        for option in spec:
            assert f"V({kind})" in str(documented[option]["description"]), option
