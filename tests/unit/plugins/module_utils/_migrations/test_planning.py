"""What runs, decided from files and history."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import SqlFile
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Applied, State
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.journal import Unfinished
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.planning import (
    Plan,
    Policies,
    edited_files,
    failed_earlier,
    pending_files,
    plan_apply,
    plan_baseline,
    plan_repair,
    plan_rollback,
    rollback_scripts,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import read_script
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.supabase_folder import sql_files

POST = b"-- holdfast: phase=post_deployment\n"


def files(**contents: bytes) -> dict[str, SqlFile]:
    """a=.. is the file 1_a.sql, b=.. the file 2_b.sql and so on."""
    return sql_files("m", {f"{ord(name) - 96}_{name}.sql": content for name, content in contents.items()})


def applied(*versions: str) -> dict[str, Applied]:
    return {version: Applied(version, "x", None) for version in versions}


def plan(local: dict[str, SqlFile], done: dict[str, Applied], *, phase: str = "all", **options: t.Any) -> Plan:
    candidates = [(file, read_script(file.path, file.content)) for file in pending_files(local, done)]
    return plan_apply(
        candidates,
        applied=done,
        edited=options.get("edited", []),
        failed=options.get("failed", {}),
        foreign=options.get("foreign", ()),
        local=local,
        phase=phase,
        policies=options.get("policies", Policies()),
    )


def versions(chosen: t.Sequence[tuple[SqlFile, t.Any]]) -> list[str]:
    return [file.version for file, _script in chosen]


def test_what_the_history_does_not_know_is_pending() -> None:
    assert versions(plan(files(a=b"", b=b"", c=b""), applied("1")).run) == ["2", "3"]


def test_a_phase_leaves_the_other_alone() -> None:
    found = plan(files(a=b"", b=POST, c=b""), applied(), phase="pre_deployment")
    assert (versions(found.run), versions(found.deferred)) == (["1", "3"], ["2"])


def test_a_late_contraction_is_not_out_of_order() -> None:
    assert versions(plan(files(a=b"", b=POST, c=b""), applied("1", "3"), phase="post_deployment").run) == ["2"]


def test_a_late_expansion_is_out_of_order() -> None:
    local = files(a=b"", b=b"", c=b"")
    with pytest.raises(ConflictError, match=r"Older than 3, .*: 2_b\.sql\..*on_out_of_order"):
        plan(local, applied("1", "3"))
    warned = plan(local, applied("1", "3"), policies=Policies(on_out_of_order="warn"))
    assert versions(warned.run) == ["2"]
    assert "2_b.sql" in warned.warnings[0]


def test_a_contraction_waits_for_the_expansions_before_it() -> None:
    with pytest.raises(ConflictError, match=r"2_b\.sql cannot run before 1_a\.sql"):
        plan(files(a=b"", b=POST), applied(), phase="post_deployment")
    assert versions(plan(files(a=POST, b=b""), applied(), phase="post_deployment").run) == ["1"]


@pytest.mark.parametrize("policy", ["fail", "warn", "ignore"])
def test_each_policy_does_what_it_says(policy: str) -> None:
    local, done = files(a=b""), applied("1", "9")
    policies = Policies(on_missing_locally=policy)
    if policy == "fail":
        with pytest.raises(ConflictError, match="9_x"):
            plan(local, done, policies=policies)
    else:
        assert len(plan(local, done, policies=policies).warnings) == (policy == "warn")


def test_edited_files_are_those_whose_digest_differs() -> None:
    local = files(a=b"one", b=b"two", c=b"three")
    done = {"1": Applied("1", "a", "one"), "2": Applied("2", "b", "2"), "3": Applied("3", "c", None), "9": Applied("9", "x", "y")}
    assert [file.label for file in edited_files(local, done, lambda digest, content: digest == content.decode())] == ["2_b.sql"]


def test_a_rollback_takes_back_what_is_newer_newest_first() -> None:
    assert [row.version for row in plan_rollback(applied("1", "2", "3"), to="1")] == ["3", "2"]
    assert [row.version for row in plan_rollback(applied("1", "2"), to="0")] == ["2", "1"]
    assert plan_rollback(applied("1", "2"), to="2") == []


@pytest.mark.parametrize("to", ["20", "", "x"])
def test_a_rollback_to_an_unknown_version_is_refused(to: str) -> None:
    with pytest.raises(InputError, match="is not a version that the database has run"):
        plan_rollback(applied("2024"), to=to)


def test_every_missing_rollback_script_is_named_at_once() -> None:
    rows = plan_rollback(applied("1", "2", "3"), to="0")
    with pytest.raises(ConflictError, match=r"3_x\.sql, 1_x\.sql"):
        rollback_scripts(rows, files(b=b""), folder="supabase/rollback")
    assert [file.label for file in rollback_scripts(rows, files(a=b"", b=b"", c=b""), folder="r")] == ["3_c.sql", "2_b.sql", "1_a.sql"]


def baselined(done: dict[str, Applied], edited: t.Collection[str] = (), **chosen: t.Any) -> list[str]:
    options = {"to": None, "versions": (), "folder": "m", **chosen}
    return [file.version for file in plan_baseline(files(a=b"", b=b"", c=b""), done, edited, **options)]


def test_what_is_pending_up_to_a_version_is_recorded() -> None:
    assert baselined({}, to="2") == ["1", "2"]
    assert baselined(applied("1"), to="2") == ["2"]
    assert baselined(applied("1"), to="1", versions=["3"]) == ["3"]
    assert baselined(applied("1", "2"), to="2") == []


def test_only_a_version_that_is_named_is_recorded_anew_after_an_edit() -> None:
    assert baselined(applied("1", "2"), edited=["1", "2"], to="2", versions=["1"]) == ["1"]


@pytest.mark.parametrize(
    ("chosen", "message"), [({"to": "9"}, "to: no migration in m has the version 9"), ({"versions": ["1", "8"]}, "versions: .* version 8 ")]
)
def test_a_version_without_a_file_cannot_be_recorded(chosen: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        baselined({}, **chosen)


def test_what_is_not_there_needs_no_repair_and_a_stranger_is_a_warning() -> None:
    found = plan_repair(["2", "1", "2", "7"], repairable=["2"], local=["1", "2"])
    assert found.versions == ("2",)
    assert found.warnings == ("Neither the history nor migrations_dir knows: 7.",)


def test_a_migration_that_failed_earlier_is_judged_by_its_policy() -> None:
    local, failed = files(a=b"", b=b""), {"2": "after 1 finished steps", "7": "gone"}
    assert plan(local, {}, failed=failed).warnings == ("Failed earlier and not finished since: 2_b.sql (after 1 finished steps).",)
    assert plan(local, {}, failed=failed, policies=Policies(on_failed="ignore")).warnings == ()
    with pytest.raises(ConflictError, match="state=repaired"):
        plan(local, {}, failed=failed, policies=Policies(on_failed="fail"))


def test_a_failure_of_the_vendors_tool_counts_also_where_it_would_not_run_again() -> None:
    local = files(a=b"", b=b"-- holdfast: phase=post_deployment\n")
    failed = {"2": "begun T", "7": "begun U"}
    found = plan(local, {}, phase="pre_deployment", failed=failed, foreign=failed).warnings
    assert found == ("Failed earlier and not finished since: 2 (begun T); 7 (begun U).",)


def test_what_our_journal_knows_is_not_judged_where_the_history_records_failures() -> None:
    begun = [Unfinished("apply", "1", 1, True)]
    assert failed_earlier(State(failed={"1": "ours", "4": "theirs"}), begun, judge_ours=False) == {"4": "theirs"}


def test_an_interrupted_file_has_not_failed() -> None:
    begun = [Unfinished("apply", "1", 1, False), Unfinished("apply", "2", 3, True), Unfinished("roll_back", "3", 0, True)]
    found = failed_earlier(State(failed={"1": "ours", "4": "theirs"}), begun, judge_ours=True)
    assert found == {"2": "after 3 finished steps", "4": "theirs"}
