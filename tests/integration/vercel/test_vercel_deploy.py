"""vercel_deploy against the local Vercel."""

from __future__ import annotations

import os
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._vercel import archive, creating
from tests.integration import module_child
from tests.integration.vercel.lab import HOST, Lab

if t.TYPE_CHECKING:
    from pathlib import Path


def host_of(result: dict[str, t.Any]) -> str:
    return str(result["deployment"]["url"]).removeprefix("https://")


def test_a_deployment_is_staged_and_nobody_gets_it_before_it_is_promoted(lab: Lab) -> None:
    lab.live("one")
    result = lab.deploy("two", git_sha="abcdef0", meta={"by": "me"})
    assert result["changed"]
    assert (result["deployment"]["state"], result["deployment"]["substate"]) == ("READY", "STAGED")
    assert (result["deployment"]["version"], result["deployment"]["git_sha"]) == ("two", "abcdef0")
    assert (lab.page(), lab.page(host_of(result))) == ("one", "two")
    assert result["live"] == lab.project()["targets"]["production"]["id"]


def test_the_same_content_is_not_deployed_twice(lab: Lab) -> None:
    first = lab.deploy("one")
    before = lab.mark()
    second = lab.deploy("one")
    assert not second["changed"]
    assert second["deployment"]["id"] == first["deployment"]["id"]
    assert lab.count("POST", "/", after=before) == 0
    assert lab.deploy(version="other")["changed"]
    assert lab.deploy("one", force=True)["changed"]
    assert len(lab.deployments()) == 3


def test_an_environment_variable_that_was_set_anew_asks_for_a_new_deployment(lab: Lab) -> None:
    lab.deploy("one")
    lab.run("vercel_env", variables=[{"name": "A", "plain_value": "1"}])
    assert lab.deploy("one")["changed"]
    assert not lab.deploy("one")["changed"]
    lab.run("vercel_env", variables=[{"name": "A", "plain_value": "1", "targets": ["preview"]}])
    assert not lab.deploy("one")["changed"]


def test_only_what_is_missing_is_uploaded_and_each_content_once(lab: Lab) -> None:
    for number in range(30):
        lab.write(f"f{number}.txt", f"content {number % 10}")
    first = lab.deploy("a page of its own")
    assert (first["files"], first["uploaded_files"]) == (31, 11)
    lab.write("f1.txt", "changed by this test alone")
    second = lab.deploy("a page of its own")
    assert second["uploaded_files"] == 1
    assert second["uploaded_bytes"] == len("changed by this test alone")


def test_links_and_permissions_arrive(lab: Lab) -> None:
    lab.write("bin/run.sh", "#!/bin/sh\n")
    (lab.site / "bin/run.sh").chmod(0o755)
    (lab.site / "link").symlink_to("bin/run.sh")
    deployment = lab.deploy("one")["deployment"]["id"]
    tree = {node["name"]: node for node in lab.vercel.api("GET", f"/v6/deployments/{deployment}/files?teamId={lab.vercel.team}")}
    assert (tree["link"]["type"], tree["link"]["mode"]) == ("symlink", 0o120777)
    assert tree["bin"]["children"][0]["mode"] == 0o100755


def test_check_mode_says_what_would_change_and_sends_nothing(lab: Lab) -> None:
    lab.write("gone.txt", "x")
    lab.live("one")
    (lab.site / "gone.txt").unlink()
    lab.write("new.txt", "only in this test")
    lab.write("index.html", "two, only in this test")
    before = lab.mark()
    result = lab.run("vercel_deploy", path=str(lab.site), check=True)
    assert result["changed"]
    assert result["comparison"] == {"added": ["new.txt"], "changed": ["index.html"], "removed": ["gone.txt"]}
    assert (result["would_upload"], result["deployment"]) == (2, None)
    assert list(result["diff"]["after"]["files"]) == ["index.html", "new.txt"]
    assert {row["method"] for row in lab.vercel.asked(before)} == {"GET"}
    assert lab.deploy()["changed"]
    assert not lab.run("vercel_deploy", path=str(lab.site), check=True)["changed"]


def test_a_prebuilt_output_is_served(lab: Lab) -> None:
    lab.write(".vercel/output/config.json", '{"version": 3}')
    lab.write(".vercel/output/static/index.html", "built")
    result = lab.deploy(prebuilt=True)
    assert (result["files"], lab.page(host_of(result))) == (2, "built")


def test_a_configuration_is_served_and_recorded_and_the_directory_stays_as_it_is(lab: Lab) -> None:
    own = '{"cleanUrls": true, "headers": [{"source": "/(.*)", "headers": [{"key": "X-Frame-Options", "value": "SAMEORIGIN"}]}]}'
    lab.write("vercel.json", own)
    lab.write("about.html", "about")
    deny = [{"source": "/(.*)", "headers": [{"key": "X-Frame-Options", "value": "DENY"}]}]
    crons = [{"path": "/api/cron", "schedule": "0 3 * * *"}]
    wanted = {"headers": deny, "crons": crons, "regions": ["fra1"]}
    result = lab.deploy("one", configuration=wanted)
    answer = lab.vercel.visit(host_of(result), "/about")
    assert (answer.text, answer.headers["x-frame-options"]) == ("about", "DENY")
    shown = lab.vercel.api("GET", f"/v13/deployments/{result['deployment']['id']}?teamId={lab.vercel.team}")
    assert shown["crons"] == crons
    assert (lab.site / "vercel.json").read_text(encoding="utf-8") == own
    lab.promote(deployment=result["deployment"]["id"])
    assert not lab.deploy("one", configuration=wanted)["changed"]
    assert not lab.deploy("one", configuration=wanted, check=True)["changed"]
    assert lab.deploy("one", configuration={**wanted, "regions": ["iad1"]}, diff=True)["comparison"]["changed"] == ["vercel.json"]
    assert lab.deploy("one")["changed"]
    assert len(lab.deployments()) == 3


def test_a_configuration_with_a_mistake_is_refused_before_anything_is_sent(lab: Lab) -> None:
    before = lab.mark()
    assert "regions[0]" in lab.refused("vercel_deploy", path=str(lab.site), configuration={"regions": ["fra"]})
    git = {"ref": "main"}
    assert "a commit brings its own" in lab.refused("vercel_deploy", git=git, configuration={"fluid": True})
    assert lab.vercel.asked(before) == []
    functions = {"functions": {"api/*.ts": {"maxDuration": 10}}}
    assert "functions['api/*.ts'] matches no file" in lab.refused("vercel_deploy", path=str(lab.site), configuration=functions)
    assert {row["method"] for row in lab.vercel.asked(before)} == {"GET"}


def test_a_preview_is_no_production(lab: Lab) -> None:
    lab.live("one")
    result = lab.deploy("two", target="preview", staged=False)
    assert result["deployment"]["target"] == "preview"
    assert lab.page() == "one"


def test_without_staging_users_get_it_and_the_task_waits_for_that(lab: Lab) -> None:
    lab.live("one")
    assert lab.deploy("two", staged=False)["deployment"]["substate"] == "PROMOTED"
    assert lab.page() == "two"


def test_a_commit_of_the_linked_repository_is_built_once(lab: Lab) -> None:
    lab.vercel.control("PATCH", "projects", name="shop", link={"type": "github", "repoId": 7, "org": "acme", "repo": "shop"})
    git = {"ref": "main", "sha": "0123456789abcdef0123456789abcdef01234567"}
    first = lab.run("vercel_deploy", git=git)
    assert (first["changed"], first["deployment"]["git_sha"], first["files"]) == (True, git["sha"], None)
    assert not lab.run("vercel_deploy", git=git)["changed"]
    assert lab.run("vercel_deploy", git={"ref": "main"})["changed"]


def test_an_archive_is_deployed_as_its_files_are(lab: Lab) -> None:
    lab.write("deep/page.html", "deep")
    result = lab.deploy("one", archive="always", force=True)
    assert (result["archived"], result["files"], result["uploaded_files"]) == (True, 2, 1)
    assert lab.page(host_of(result), "/deep/page.html") == "deep"
    assert not lab.deploy("one", archive="always")["changed"]


def test_more_files_than_vercel_takes_go_as_an_archive(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is 15000; a hundredth of it makes no difference but in time."""
    monkeypatch.setattr(archive, "MOST_FILES", 150)
    monkeypatch.setattr(archive, "MANY_FILES", 50)
    for number in range(160):
        lab.write(f"{number}.txt", "x")
    assert "161 files are more than the 150" in lab.refused("vercel_deploy", path=str(lab.site), archive="never")
    result = lab.deploy("one")
    assert (result["archived"], result["files"], result["uploaded_files"]) == (True, 161, 1)


# --- what goes wrong ---


def test_a_build_that_fails_says_why_with_its_last_lines_and_what_is_live(lab: Lab) -> None:
    live = lab.live("one")
    lab.vercel.fault("build_error", log=["compiling", "src/a.ts: no such name"], message="Command exited with 1")
    lab.write("index.html", "two")
    said = lab.refused("vercel_deploy", path=str(lab.site))
    assert "failed: " in said
    assert "Command exited with 1" in said
    assert "src/a.ts: no such name" in said
    assert f"Live now: {HOST}: {live}" in said
    assert lab.deploy()["changed"]


@pytest.mark.parametrize(
    ("fault", "sentence"), [("build_blocked", "is blocked by Vercel"), ("checks_failed", "checks"), ("alias_error", "addresses")]
)
def test_other_ends_have_their_sentences(lab: Lab, fault: str, sentence: str) -> None:
    lab.vercel.fault(fault, code="x", message="why")
    assert sentence in lab.refused("vercel_deploy", path=str(lab.site))


@pytest.mark.parametrize("fault", ["build_stuck", "alias_stuck"])
def test_a_deadline_that_passes_says_what_is_live_and_the_next_run_waits_on(lab: Lab, fault: str) -> None:
    live = lab.live("one")
    lab.vercel.fault(fault)
    lab.write("index.html", "two")
    said = lab.refused("vercel_deploy", path=str(lab.site), staged=False, wait_timeout=1.5)
    assert "is not ready in time" in said
    assert f"Live now: {HOST}: {live}" in said
    assert len(lab.deployments()) == 2
    assert "is not ready in time" in lab.refused("vercel_deploy", path=str(lab.site), staged=False, wait_timeout=1.5)
    assert len(lab.deployments()) == 2


def test_a_rate_limit_of_hours_fails_at_once_and_says_what_is_live(lab: Lab) -> None:
    live = lab.live("one")
    lab.vercel.fault("rate_limited", path="/files", retry_after=25200, times=0)
    lab.write("index.html", "never uploaded before")
    said = lab.refused("vercel_deploy", path=str(lab.site))
    assert "rate limit" in said
    assert f"Live now: {HOST}: {live}" in said


def test_errors_of_the_server_are_outlived(lab: Lab) -> None:
    lab.vercel.fault("status", code=503, times=2)
    lab.vercel.fault("status", code=500, path="/files", times=2)
    assert lab.deploy("outlived")["changed"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"token": "wrong_token"}, "would not show the project shop: Not authorized (403 forbidden). Give a valid token"),
        ({"team": "nobody"}, 'under scope "nobody"'),
        ({"project": "nothing"}, "project: Vercel knows no project 'nothing'"),
        ({"token": None}, "token: no token was given"),
        ({"max_file_size": 2}, "index.html has 3 bytes, more than max_file_size (2)"),
        ({"meta": {"webopsDigest": "x"}}, "meta: names that begin with 'webops'"),
        ({"meta": {"a": 1}}, "meta: the value of a"),
        ({"target": "a b"}, "target: 'a b'"),
        ({"parallel_uploads": 0}, "parallel_uploads: 0"),
    ],
)
def test_wrong_options_are_named_and_nothing_is_made(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, options: dict[str, t.Any], sentence: str
) -> None:
    monkeypatch.delenv("VERCEL_TOKEN", raising=False)
    before = lab.mark()
    assert sentence in lab.refused("vercel_deploy", path=str(lab.site), **options)
    assert lab.count("POST", "/", after=before) == 0


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda site: (site / "index.html").unlink(), "holds no file to deploy"),
        (lambda site: (site / "link").symlink_to("../../etc/passwd"), "'link' is a link to ../../etc/passwd, which leaves the directory"),
        (lambda site: os.mkfifo(site / "pipe"), "'pipe' is neither a file nor a link"),
        (lambda site: site.rename(site.with_name("elsewhere")), "is no directory"),
    ],
)
def test_a_directory_that_cannot_be_deployed_is_refused_before_anything_is_asked(
    lab: Lab, harm: t.Callable[[Path], object], sentence: str
) -> None:
    before = lab.mark()
    harm(lab.site)
    assert sentence in lab.refused("vercel_deploy", path=str(lab.site))
    assert lab.vercel.asked(before) == []


def test_a_file_too_large_for_vercel_is_named(lab: Lab) -> None:
    lab.vercel.settle(max_file_bytes=20)
    lab.write("index.html", "too large for what Vercel takes, in this test only")
    said = lab.refused("vercel_deploy", path=str(lab.site))
    assert "take the file index.html: Request Entity Too Large (413)" in said
    assert ".vercelignore" in said


def test_a_file_that_changes_between_hash_and_upload_stops_the_task(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    create = creating.create

    def later(*given: t.Any) -> t.Any:
        lab.write("index.html", "changed meanwhile")
        return create(*given)

    monkeypatch.setattr(creating, "create", later)
    lab.write("index.html", "as it was hashed, in this test only")
    assert "index.html changed while it was read" in lab.refused("vercel_deploy", path=str(lab.site))
    assert lab.deployments() == []


def test_large_files_stream_and_many_go_at_the_same_time(lab: Lab) -> None:
    for number in range(4):
        (lab.site / f"{number}.bin").write_bytes(os.urandom(400_000))
    lab.vercel.fault("cut_before", path="/files")
    result = lab.deploy("one", parallel_uploads=4)
    assert result["uploaded_bytes"] >= 1_600_000
    assert lab.vercel.visit(host_of(result), "/3.bin").content == (lab.site / "3.bin").read_bytes()


def test_the_whole_module_shows_neither_token_nor_secret(lab: Lab, tmp_path: Path) -> None:
    result = module_child.succeed("vercel_deploy", **{**lab.common, "path": str(lab.site)})
    assert lab.vercel.token not in result["raw"]
    failed = module_child.fail("vercel_deploy", **{**lab.common, "path": str(lab.site), "token": "leak_me_not", "force": True})
    assert "leak_me_not" not in failed["raw"]
