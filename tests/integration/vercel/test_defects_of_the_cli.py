"""Where Vercel's own CLI fails, the modules do not: a test for each defect that was measured with the CLI 60.1.3.

tests/conformance/vercel/test_vercel_cli.py shows the CLI itself in the same places, but for e, which it has mended, and h, which
`make bench` measures.
"""

from __future__ import annotations

import os
import sys
import threading
import tracemalloc
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._vercel import awaiting
from tests.integration.vercel.lab import HOST, Lab

if t.TYPE_CHECKING:
    import types

STAGES = [{"share": 10}, {"share": 100}]


def values(lab: Lab) -> dict[tuple[str, str], str]:
    """Readable values by name and target."""
    found = lab.vercel.api("GET", f"/v10/projects/{lab.project()['id']}/env?decrypt=true&teamId={lab.vercel.team}")["envs"]
    return {(row["key"], target): row["value"] for row in found for target in row["target"]}


def test_a_a_deployment_whose_aliases_are_never_assigned_is_not_waited_for_for_ever(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CLI waits for ever. Staged, such a deployment can be used; where users were to get it, the deadline says what they have."""
    monkeypatch.setattr(awaiting, "PATIENCE", 0.5)
    live = lab.live("one")
    lab.vercel.fault("alias_stuck", times=2)
    assert lab.deploy("staged")["deployment"]["state"] == "READY"
    lab.write("index.html", "not staged")
    said = lab.refused("vercel_deploy", path=str(lab.site), staged=False, wait_timeout=1.5)
    assert "is not ready in time" in said
    assert f"Live now: {HOST}: {live}" in said


def test_b_a_rolling_release_without_an_active_stage_is_asked_about_with_pauses(lab: Lab) -> None:
    """The CLI sent 2,382 requests in 8 seconds."""
    lab.live("one")
    lab.run("vercel_project", rolling_release={"stages": STAGES})
    lab.live("two")
    assert lab.run("vercel_deployment_info")["rolling_release"]["state"] == "COMPLETE"
    lab.deploy("three")
    lab.vercel.fault("promote_stuck")
    before = lab.mark()
    assert not lab.promote(version="two")["changed"]
    assert len(lab.vercel.asked(before)) < 10
    assert lab.promote(version="one", action="rollback", wait_timeout=1.5, check=True)["changed"]
    assert "Not all production domains serve" in lab.refused("vercel_promote", version="one", action="rollback", wait_timeout=1.5)
    # The pauses of the tests' clock are a tenth as long, so no more than this fit in, however fast the machine is.
    assert len(lab.vercel.asked(before)) < 150


def test_c_a_429_on_an_upload_is_waited_for_as_long_as_it_says(lab: Lab) -> None:
    """The CLI ends the whole deploy at the first one."""
    lab.write("a.txt", "only in the test of rate limits")
    lab.vercel.fault("rate_limited", path="/files", retry_after=1)
    result = lab.deploy("also only in the test of rate limits")
    assert (result["changed"], result["uploaded_files"]) == (True, 2)


def test_d_a_variable_that_is_there_twice_is_changed_and_removed_in_both_places(lab: Lab) -> None:
    """The CLI shows a menu to nobody, changes nothing, and says that all is well."""
    for target in ("production", "preview"):
        variable = {"key": "KEY", "value": f"old {target}", "type": "encrypted", "target": [target]}
        lab.vercel.api("POST", f"/v10/projects/{lab.project()['id']}/env?teamId={lab.vercel.team}", variable)
    both = {"name": "KEY", "targets": ["production", "preview"]}
    assert lab.run("vercel_env", variables=[{**both, "value": "new", "type": "encrypted"}])["changed"]
    assert values(lab) == {("KEY", "production"): "new", ("KEY", "preview"): "new"}
    assert lab.run("vercel_env", variables=[{**both, "state": "absent"}])["changed"]
    assert values(lab) == {}


def test_e_a_variable_for_previews_needs_nobody_to_answer_a_question(lab: Lab) -> None:
    """The CLI could not do it for half a year, from 50.23 to 54.14."""
    assert lab.run("vercel_env", variables=[{"name": "KEY", "plain_value": "1", "targets": ["preview"]}])["changed"]
    assert values(lab) == {("KEY", "preview"): "1"}


def test_f_a_rollback_is_sent_once_even_if_its_answer_lacks_the_json_it_announces(lab: Lab) -> None:
    """The CLI sends it four times."""
    lab.live("one")
    lab.live("two")
    before = lab.mark()
    lab.vercel.fault("empty_json", path="/projects/*/rollback/*")
    assert lab.promote(deployment="previous")["changed"]
    assert sum("/rollback/" in row["path"] for row in lab.vercel.asked(before)) == 1


def test_g_a_file_of_pulled_secrets_stays_here_with_a_warning(lab: Lab) -> None:
    """The CLI uploads what its own `env pull` has written, and everybody can read it."""
    lab.write(".env.stub", "PASSWORD=hunter22")
    result = lab.deploy("one")
    assert result["withheld"] == [".env.stub"]
    assert ".env.stub" in result["warnings"][0]
    assert lab.page(result["deployment"]["url"].removeprefix("https://"), "/.env.stub") == "404"
    assert lab.deploy("one", allow_env_files=[".env.stub"])["warnings"] == []


def test_h_the_work_of_a_deploy_grows_with_the_files_and_not_with_their_square(lab: Lab) -> None:
    """The CLI needs 20 times as long for four times as many files."""
    few = calls_of_a_deploy(lab, 100)
    many = calls_of_a_deploy(lab, 400)
    assert few < many <= 4.2 * few


def test_h_no_more_than_what_is_on_its_way_is_in_memory(lab: Lab) -> None:
    """The CLI holds all files at once."""
    for number in range(60):
        (lab.site / f"{number}.bin").write_bytes(os.urandom(500_000 if number % 2 else 200_000))
    tracemalloc.start()
    try:
        result = lab.deploy("one", parallel_uploads=4)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result["uploaded_bytes"] > 20_000_000
    assert peak < 8_000_000


def test_i_a_build_that_failed_is_a_failure_even_if_its_aliases_are_said_to_be_assigned(lab: Lab) -> None:
    """The CLI says that all is well."""
    lab.vercel.fault("alias_wins_over_error", log=[], message="broken")
    assert "failed" in lab.refused("vercel_deploy", path=str(lab.site))


def calls_of_a_deploy(lab: Lab, files: int) -> int:
    """How many functions of ours, in all threads, a deploy of so many new files calls."""
    for number in range(files):
        lab.write(f"{files}/{number}.txt", f"{number} of {files}, in this test only")
    folder = str(lab.site / str(files))
    counted = [0]
    lock = threading.Lock()

    def count(frame: types.FrameType, event: str, argument: object) -> None:
        if event == "call" and "_vercel" in frame.f_code.co_filename:
            with lock:
                counted[0] += 1

    threading.setprofile(count)
    sys.setprofile(count)
    try:
        result = lab.run("vercel_deploy", path=folder)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    assert result["uploaded_files"] == files
    return counted[0]
