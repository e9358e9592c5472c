"""What a restore into a bucket writes, and what it leaves alone."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import entry_of
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.restore_planning import has, plan_restore
from tests.unit.plugins.module_utils._backup.objects.buckets import seen

ENTRIES = [entry_of(seen(key), "content", None) for key in ("a/1", "a/2", "b")]


def test_what_is_absent_is_written_and_what_differs_replaced() -> None:
    present = {key: seen(key) for key in ("a/1", "a/2", "other")}
    planned = plan_restore(ENTRIES, present, {"a/1"}, "", remove_others=False)
    assert [entry.key for entry in planned.write] == ["b"]
    assert [entry.key for entry in planned.replace] == ["a/2"]
    assert (planned.remove, planned.unchanged, planned.any) == ((), 1, True)
    assert planned.shown() == {"objects": 3, "write": 1, "write_bytes": 2, "replace": 1, "remove": 0, "unchanged": 1}


def test_others_are_removed_only_when_asked_and_only_below_the_prefix() -> None:
    present = {key: seen(key) for key in ("a/1", "a/9", "c")}
    planned = plan_restore(ENTRIES[:1], present, {"a/1"}, "a/", remove_others=True)
    assert planned.remove == ("a/9",)


def test_a_target_that_has_it_all_is_left_alone() -> None:
    present = {entry.key: seen(entry.key) for entry in ENTRIES}
    assert not plan_restore(ENTRIES, present, set(present), "", remove_others=True).any


def test_attributes_that_the_service_added_are_no_difference() -> None:
    assert has({"content_type": "text/plain", "cache_control": "no-cache"}, {"content_type": "text/plain"})
    assert not has({"content_type": "text/plain"}, {"content_type": "text/html"})
