"""What a new deployment changes."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._vercel import differences
from tests.unit.fake_clock import FakeClock

from .stand_in import Said, StandIn, client


def test_files_are_compared_by_path_and_digest() -> None:
    assert differences.compare({"a": "1", "b": "1", "c": "1"}, {"b": "2", "c": "1", "d": "1"}) == {
        "added": ["d"],
        "changed": ["b"],
        "removed": ["a"],
    }
    assert differences.shortened({"a": "0123456789abc", "b": "1"}, {"b": "1"}) == {"a": "0123456789"}


def test_the_tree_of_a_deployment_becomes_paths() -> None:
    tree = [
        {"name": "src", "type": "directory", "children": [{"name": "a", "type": "file", "uid": "1"}]},
        {"name": "l", "type": "symlink", "uid": "2"},
    ]
    assert differences.files_of(client(FakeClock(), StandIn(Said(200, tree))), "dpl_1") == {"src/a": "1", "l": "2"}


def test_a_deployment_whose_files_vercel_does_not_keep_cannot_be_compared() -> None:
    said = Said(404, {"error": {"code": "not_found", "message": "File tree not found"}})
    assert differences.files_of(client(FakeClock(), StandIn(said)), "dpl_1") is None
