"""The filters that gates, promotion, plan and hooks are made of, as a playbook calls them."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.filter.artifact_by_sha256 import artifact_by_sha256
from ansible_collections.holdfast.webops.plugins.filter.file_sha256 import file_sha256
from ansible_collections.holdfast.webops.plugins.filter.hook_files import hook_files
from ansible_collections.holdfast.webops.plugins.filter.release_approval import release_approval
from ansible_collections.holdfast.webops.plugins.filter.release_gates import release_gates
from ansible_collections.holdfast.webops.plugins.filter.release_to_promote import release_to_promote
from ansible_collections.holdfast.webops.plugins.module_utils._release.states import fold

if t.TYPE_CHECKING:
    import pathlib

WANTED = {"version": "1.0", "commit": "c"}
EMPTY: dict[str, t.Any] = {"state": fold([]), "others": []}
SATURDAY = "2026-11-21T12:00:00Z"


def test_a_rule_that_makes_no_sense_lets_nothing_pass() -> None:
    found = release_gates(EMPTY, {"action": "deploy"}, WANTED, {"freeze": [{"days": ["friday"]}]}, now=SATURDAY)
    assert (found["gates"], found["record"]) == ([], [])
    assert "'friday' is not a weekday" in found["refused"][0]


def test_gates_are_asked_at_the_time_that_is_given() -> None:
    rules = {"promotes_from": [], "approvals": {}, "freeze": [{"days": ["sat"]}], "freeze_override": ""}
    assert release_gates(EMPTY, {"action": "deploy"}, WANTED, rules, now=SATURDAY)["refused"]
    assert not release_gates(EMPTY, {"action": "deploy"}, WANTED, rules, now="2026-11-22T12:00:00Z")["refused"]


def test_what_cannot_be_promoted_or_approved_is_a_problem_in_plain_data() -> None:
    other = {"environment": "uat", "state": fold([]), "chain": {"problem": None}}
    found = release_to_promote(other, "1.0")
    assert found["release"] is None
    assert "uat has no release '1.0' that was found good" in found["problem"]
    refused = release_approval(fold([]), WANTED, "maria", reason=" ", now=SATURDAY)
    assert (refused["entries"], refused["problem"].split(":")[0]) == ([], "reason")
    granted = release_approval(fold([]), WANTED, "maria", reason="CHG-1", valid_for="60", now=SATURDAY)  # type: ignore[arg-type]
    assert granted["entries"][0]["data"]["expires_at"] == "2026-11-21T12:01:00Z"
    assert release_approval(fold([]), WANTED, "maria", state="withdrawn", reason="a bug", now=SATURDAY)["entries"] == []


def test_an_artefact_is_found_by_its_checksum_whatever_it_is_called(tmp_path: pathlib.Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("a.tar.gz", "b.tar.gz", "b.tar.gz.sha256"):
        (tmp_path / name).write_text(f"content of {name}")
    wanted = file_sha256(str(tmp_path / "b.tar.gz"))
    for place in (str(tmp_path), f"{tmp_path}/*.tar.gz", f"{tmp_path}/b.tar.gz"):
        assert artifact_by_sha256(place, wanted) == str(tmp_path / "b.tar.gz")
    for place in (f"{tmp_path}/a*", f"{tmp_path}/none", str(tmp_path / "folder")):
        assert artifact_by_sha256(place, wanted) == ""


def test_hooks_that_could_not_run_are_found_before_anything_is_touched(tmp_path: pathlib.Path) -> None:
    for name, content in {
        "good": "- name: Look\n  ansible.builtin.debug:\n    msg: !vault x\n",
        "dict": "name: x\n",
        "empty": "",
        "broken": "- [",
        "words": "- only words\n",
    }.items():
        (tmp_path / f"{name}.yml").write_text(content)
    given: dict[str, t.Any] = {name: str(tmp_path / f"{name}.yml") for name in ("good", "dict", "empty", "broken", "words", "missing")}
    found = hook_files({**given, "unset": None, "blank": ""})
    assert sorted(found["files"]) == sorted(given)
    wrong = "\n".join(found["wrong"])
    assert f"missing is '{tmp_path}/missing.yml': there is no such file on the controller." in wrong
    assert "broken is " in wrong
    assert wrong.count("it is no list of tasks") == 3
    assert "good is" not in wrong
