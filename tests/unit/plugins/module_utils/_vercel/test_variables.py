"""Variables, target by target."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._vercel import variables
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.variables import Change, Comparison, Present, Wanted

ALL = ("production", "preview", "development")


def has(identity: str, value: str, *targets: str, name: str = "A", **more: t.Any) -> Present:
    return Present(identity, name, more.pop("branch", ""), targets, more.pop("kind", "plain"), value, "", 0.0, **more)


def want(value: str, *targets: str, name: str = "A", **more: t.Any) -> Wanted:
    return Wanted(name, more.pop("branch", ""), targets, more.pop("kind", "plain"), value, **more)


def planned(present: list[Present], wanted: list[Wanted], *purged: str) -> list[Change]:
    changes = variables.plan(present, wanted, purged, Comparison(""))
    after = variables.after(present, changes, 0.0, "")
    assert variables.plan(after, wanted, purged, Comparison("")) == [], "a second run would change something"
    cells = [cell for record in after for cell in record.cells()]
    assert len(cells) == len(set(cells)), "a variable is there twice"
    return changes


def brief(changes: list[Change]) -> list[tuple[str, ...]]:
    return [(change.action, change.id, *change.targets) for change in changes]


@pytest.mark.parametrize(
    ("present", "wanted", "purged", "changes"),
    [
        ([], [want("1", *ALL)], [], [("create", "", *ALL)]),
        ([has("x", "1", *ALL)], [want("1", *ALL)], [], []),
        ([has("x", "1", "production"), has("y", "1", "preview")], [want("1", "production", "preview")], [], []),
        ([has("x", "1", *ALL)], [want("2", *ALL)], [], [("update", "x", *ALL)]),
        ([has("x", "1", *ALL)], [want("2", "production")], [], [("update", "x", "preview", "development"), ("create", "", "production")]),
        ([has("x", "1", *ALL)], [want("1", "production")], ALL, [("update", "x", "production")]),
        ([has("x", "1", *ALL)], [want("2", "production")], ALL, [("update", "x", "production")]),
        (
            [has("x", "1", "production")],
            [want("2", "production", "preview")],
            [],
            [("update", "x", "production"), ("create", "", "preview")],
        ),
        (
            [has("x", "1", *ALL)],
            [want("2", "production"), want("3", "preview")],
            [],
            [
                ("update", "x", "development"),
                ("create", "", "production"),
                ("create", "", "preview"),
            ],
        ),
        (
            [has("x", "1", *ALL)],
            [want("2", "production"), want("3", "preview", "development")],
            [],
            [
                ("update", "x", "production"),
                ("create", "", "preview", "development"),
            ],
        ),
        ([has("x", "1", "production")], [want("1", "production", kind="sensitive")], [], [("delete", "x"), ("create", "", "production")]),
        ([has("x", "1", *ALL)], [want("", "production", absent=True)], [], [("update", "x", "preview", "development")]),
        ([has("x", "1", "production")], [want("", "production", absent=True)], [], [("delete", "x")]),
        ([], [want("", "production", absent=True)], [], []),
        ([has("x", "1", "production", name="B")], [], ["preview"], []),
        ([has("x", "1", *ALL, name="B")], [], ["preview"], [("update", "x", "production", "development")]),
        ([has("x", "1", *ALL, name="B", kind="system")], [], ALL, []),
        ([has("x", "1", "production", "env_1", custom=True)], [], ALL, [("update", "x", "env_1")]),
        ([has("x", "1", "preview", branch="b")], [want("1", "preview")], [], [("create", "", "preview")]),
    ],
)
def test_the_plan_touches_what_differs_and_nothing_else(
    present: list[Present], wanted: list[Wanted], purged: t.Sequence[str], changes: list[tuple[str, ...]]
) -> None:
    assert brief(planned(present, wanted, *purged)) == changes


def test_a_sensitive_value_is_written_once() -> None:
    wanted = [want("s3cret", "production", kind="sensitive", comment="why")]
    after = variables.after([], variables.plan([], wanted, [], Comparison("")), 100.0, "")
    unreadable = [Present(r.id, r.name, r.branch, r.targets, r.kind, None, r.comment, r.updated) for r in after]
    assert variables.plan(unreadable, wanted, [], Comparison("")) == []
    edited = [Present(r.id, r.name, r.branch, r.targets, r.kind, None, r.comment, r.updated + 1000) for r in unreadable]
    assert brief(variables.plan(edited, wanted, [], Comparison(""))) == [("update", edited[0].id, "production")]


def test_a_comment_that_is_not_given_stays() -> None:
    old = Present("x", "A", "", ("production",), "sensitive", None, "by hand", 0.0)
    item = want("s3cret", "production", kind="sensitive")
    assert variables.comment_of(item, old, "", 100.0).startswith("by hand [webops:1:100:")


def test_what_is_shown_holds_no_secret_but_tells_that_it_differs() -> None:
    wanted = [want("s3cret", "production", kind="encrypted"), want("open", "production", name="B")]
    present = [has("x", "other", "production", kind="encrypted"), has("y", "open", "production", name="B")]
    before = variables.view(present, wanted, [], Comparison(""))
    after = variables.view(
        variables.after(present, variables.plan(present, wanted, [], Comparison("")), 0.0, ""), wanted, [], Comparison("")
    )
    assert before["A@production"] != after["A@production"]
    assert "s3cret" not in str(after)
    assert "other" not in str(before).replace("another", "")
    assert after["B@production"]["value"] == "open"
