"""What becomes of findings: reasons in the files, messages, and the end of the run."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.lint import SPELLED_OUT, opt_outs, refuse, told
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import read_script
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.seen import Finding


def finding(line: int = 1, *, source: str = "holdfast", ignored: str | None = None) -> Finding:
    return Finding("truncate", "m/1_a.sql", line, "truncate a", "Every row goes.", "DELETE.", source, ignored)


def reasons(text: str) -> dict[str, str]:
    return opt_outs(read_script("m/1_a.sql", text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "-- holdfast: lint-ignore=truncate nobody reads it\ntruncate a;",
        "truncate a; --holdfast:lint-ignore = truncate   nobody reads it  ",
        "truncate a;\r\n-- holdfast: lint-ignore=truncate nobody reads it\r\n",
        "-- holdfast: phase=post_deployment\n\t-- holdfast: lint-ignore=truncate nobody reads it\ntruncate a;",
    ],
)
def test_a_reason_may_stand_anywhere_in_the_file(text: str) -> None:
    assert reasons(text) == {"truncate": "nobody reads it"}


def test_several_rules_have_a_reason_each() -> None:
    text = "-- holdfast: lint-ignore=truncate one\n-- holdfast: lint-ignore=squawk/ban-drop-column two words\n"
    assert reasons(text) == {"truncate": "one", "squawk/ban-drop-column": "two words"}
    assert reasons("-- lint-ignore=truncate of some other tool\n") == {}


@pytest.mark.parametrize(
    "comment", ["lint-ignore", "lint-ignore=truncate", "lint-ignore=truncate   ", "lint-ignore truncate x", "lintignore="]
)
def test_an_opt_out_without_rule_or_reason_is_an_error(comment: str) -> None:
    with pytest.raises(InputError, match=r"m/1_a\.sql line 2: a lint-ignore without rule or reason"):
        reasons(f"select 1;\n-- holdfast: {comment}\n")


def test_a_misspelt_rule_is_an_error_that_names_the_rules() -> None:
    with pytest.raises(InputError, match=r"lint-ignore=truncated names no rule\. Known are .*truncate, .*squawk/<its rule>"):
        reasons("-- holdfast: lint-ignore=truncated because\n")


def test_what_has_a_reason_or_comes_from_squawk_stops_nothing() -> None:
    refuse([finding(ignored="known"), finding(source="squawk")])
    with pytest.raises(InputError, match=r"Nothing has run: .* m/1_a\.sql line 7: truncate: Every row goes\. Instead: DELETE\.") as raised:
        refuse([finding(ignored="known"), finding(7)])
    assert [entry["line"] for entry in raised.value.details["lint"]] == [1, 7]


def test_a_message_spells_out_some_and_counts_the_rest() -> None:
    sentences = told(
        [finding(line) for line in range(1, SPELLED_OUT + 4)] + [finding(source="squawk"), finding(source="squawk", ignored="x")]
    )
    assert len(sentences) == SPELLED_OUT + 2
    assert sentences[-2:] == ("And 3 more; see lint.", "squawk has 1 findings; see lint.")
