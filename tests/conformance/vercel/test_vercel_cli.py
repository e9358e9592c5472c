"""The real Vercel CLI against the local Vercel: it takes it for the real one, with the real one's troubles."""

from __future__ import annotations

import json
import subprocess
import typing as t

import pytest

from tests.conformance.migrations.vendors import ToolMissingError
from tests.conformance.vercel.clients import NodeClients, VercelCli, node_clients
from tools.embedded.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conformance.vercel.lab import Lab
    from tests.emulators.vercel.running import LocalVercel

FAST: t.Final = {"queue_seconds": 0.02, "build_seconds": 0.05, "promote_seconds": 0.02, "alias_seconds": 0.02}
ENOUGH = 300


@pytest.fixture(scope="session")
def clients() -> NodeClients:
    try:
        return node_clients()
    except ToolMissingError as exc:
        pytest.skip(str(exc))


@pytest.fixture
def cli(lab: Lab, clients: NodeClients, tmp_path: Path) -> VercelCli:
    """In a folder with a page and a script, which Vercel has not seen yet."""
    lab.vercel.settle(**FAST)
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("one", encoding="utf-8")
    (folder / "app.js").write_text("1", encoding="utf-8")
    return VercelCli(clients, lab.vercel, folder, lab.project_id)


def newest(lab: Lab) -> dict[str, t.Any]:
    return dict(lab.api("GET", "/v6/deployments")["deployments"][0])


def deployed(lab: Lab, cli: VercelCli, page: str, *words: str) -> dict[str, t.Any]:
    """The deployment that `vercel deploy` makes of this page."""
    (cli.folder / "index.html").write_text(page, encoding="utf-8")
    cli.succeed("deploy", "--yes", *words)
    return newest(lab)


def asked(vercel: LocalVercel, after: int, method: str, part: str) -> list[int]:
    """The answers' statuses of the requests whose path has this part."""
    return [row["status"] for row in vercel.asked(after) if row["method"] == method and part in row["path"]]


def last(vercel: LocalVercel) -> int:
    rows = vercel.asked()
    return int(rows[-1]["n"]) if rows else 0


# --- what it does ---


def test_deploy_promote_and_roll_back(lab: Lab, cli: VercelCli) -> None:
    first = deployed(lab, cli, "one", "--prod")
    assert lab.live() == "one"
    second = deployed(lab, cli, "two", "--prod", "--skip-domain", "--meta", "version=2")
    assert (lab.live(), lab.page(second["uid"]), second["meta"]) == ("one", "two", {"version": "2"})
    cli.succeed("promote", second["url"], "--yes")
    assert lab.live() == "two"
    cli.succeed("rollback", first["url"])
    assert lab.live() == "one"
    assert "was rolled back" in cli.succeed("rollback", "status")
    assert lab.project()["autoAssignCustomDomains"] is False


def test_prebuilt_archived_and_inline_deployments(lab: Lab, cli: VercelCli) -> None:
    static = cli.folder / ".vercel" / "output" / "static"
    static.mkdir(parents=True)
    (static.parent / "config.json").write_text('{"version": 3}', encoding="utf-8")
    (static / "index.html").write_text("built", encoding="utf-8")
    cli.succeed("deploy", "--prod", "--yes", "--prebuilt")
    assert lab.live() == "built"
    archived = deployed(lab, cli, "archived", "--prod", "--archive=tgz")
    assert lab.live() == "archived"
    assert {item["name"] for item in lab.api("GET", f"/v6/deployments/{archived['uid']}/files")} >= {"index.html", "app.js"}
    (cli.folder / "app.js").unlink()
    before = last(lab.vercel)
    deployed(lab, cli, "inline", "--prod")
    assert (lab.live(), asked(lab.vercel, before, "POST", "/files")) == ("inline", [])


def test_look_list_alias_redeploy_and_remove(lab: Lab, cli: VercelCli) -> None:
    first = deployed(lab, cli, "one", "--prod")
    assert first["uid"] in cli.succeed("inspect", first["url"])
    assert "Build Completed" in cli.succeed("inspect", first["url"], "--logs")
    assert first["url"] in cli.succeed("ls")
    cli.succeed("alias", "set", first["url"], "try.example.com")
    assert lab.vercel.visit("try.example.com").text == "one"
    assert "try.example.com" in cli.succeed("alias", "ls")
    cli.succeed("alias", "rm", "try.example.com", "--yes")
    assert lab.vercel.visit("try.example.com").status_code == 404
    cli.succeed("redeploy", first["url"], "--no-wait")
    second = newest(lab)
    assert (second["uid"] != first["uid"], second["meta"]["action"]) == (True, "redeploy")
    lab.settle()
    cli.succeed("rm", first["url"], "--yes")
    assert lab.refused("GET", f"/v13/deployments/{first['uid']}") == (404, "not_found")


def test_environment_variables(lab: Lab, cli: VercelCli) -> None:
    cli.succeed("env", "add", "KEY", "production", "--value", "one")
    assert "KEY" in cli.succeed("env", "ls")
    assert cli.run("env", "add", "KEY", "production", "--value", "two").returncode == 1
    cli.succeed("env", "add", "KEY", "production", "--value", "two", "--force")
    stored = lab.api("GET", f"/v10/projects/{lab.project_id}/env")["envs"]
    assert [(row["key"], row["type"], row["target"], row["value"]) for row in stored] == [("KEY", "sensitive", ["production"], "")]
    cli.succeed("env", "rm", "KEY", "--yes")
    assert lab.api("GET", f"/v10/projects/{lab.project_id}/env")["envs"] == []


def test_a_rolling_release_from_start_to_end(lab: Lab, cli: VercelCli) -> None:
    deployed(lab, cli, "one", "--prod")
    stages = [{"targetPercentage": 10}, {"targetPercentage": 50}, {"targetPercentage": 100}]
    config = {"enabled": True, "advancementType": "manual-approval", "stages": stages}
    cli.succeed("rolling-release", "configure", "--cfg", json.dumps(config))
    second = deployed(lab, cli, "two", "--prod", "--skip-domain")["uid"]
    cli.succeed("rolling-release", "start", "--dpl", second, "--yes")
    assert "ACTIVE" in cli.succeed("rolling-release", "fetch")
    cli.succeed("rolling-release", "approve", "--dpl", second, "--currentStageIndex", "0")
    assert lab.rolling()["activeStage"]["index"] == 1
    cli.succeed("rolling-release", "complete", "--dpl", second)
    assert (lab.rolling()["state"], lab.live()) == ("COMPLETE", "two")
    third = deployed(lab, cli, "three", "--prod")["uid"]
    assert lab.rolling()["canaryDeployment"]["id"] == third
    cli.succeed("rolling-release", "abort", "--dpl", second)
    lab.settle()
    assert (lab.rolling()["state"], lab.live()) == ("ABORTED", "two")


# --- its defects, which need the local Vercel to show themselves ---


def keeps_asking(cli: VercelCli, words: tuple[str, ...], enough: Callable[[], bool]) -> bool:
    """Whether the CLI still runs when `enough` has come true; it is ended then."""
    process = subprocess.Popen(
        cli.command(*words),
        cwd=cli.folder,
        env=cli.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def ended() -> str | None:
        return None if process.poll() is None else "it ended"

    try:
        wait_for(lambda: None if enough() else "it has not asked often enough", what="the CLI", seconds=ENOUGH, is_hopeless=ended)
        return process.poll() is None
    finally:
        process.kill()
        process.wait()


def test_defect_deploy_waits_for_ever_when_the_aliases_are_never_assigned(lab: Lab, cli: VercelCli) -> None:
    lab.vercel.fault("alias_stuck")
    before = last(lab.vercel)

    def has_looked_often_at_what_is_ready() -> bool:
        made = lab.api("GET", "/v6/deployments")["deployments"]
        return bool(made) and made[0]["state"] == "READY" and len(asked(lab.vercel, before, "GET", f"/deployments/{made[0]['uid']}")) > 4

    assert keeps_asking(cli, ("deploy", "--prod", "--yes"), has_looked_often_at_what_is_ready)


def test_defect_promote_asks_without_a_pause_when_no_stage_of_a_rolling_release_is_active(lab: Lab, cli: VercelCli) -> None:
    lab.deployed("one")
    lab.configure_rolling("manual-approval", {"targetPercentage": 10}, {"targetPercentage": 100})
    canary = lab.deployed("two")
    assert lab.approve(canary, 1).json()["rollingRelease"]["state"] == "COMPLETE"
    before = last(lab.vercel)
    assert keeps_asking(cli, ("promote", "status"), lambda: len(asked(lab.vercel, before, "GET", "/rolling-release")) > 100)


def test_defect_one_429_ends_a_deploy_although_it_says_when_to_come_back(lab: Lab, cli: VercelCli) -> None:
    lab.vercel.fault("rate_limited", path="/files", retry_after=1)
    done = cli.run("deploy", "--prod", "--yes")
    assert done.returncode == 1
    assert "rate limit" in done.stderr
    assert lab.api("GET", "/v6/deployments")["deployments"] == []


def test_defect_env_rm_with_two_matches_does_nothing_and_says_that_all_is_well(lab: Lab, cli: VercelCli) -> None:
    for target in ("production", "preview"):
        variable = {"key": "KEY", "value": target, "type": "encrypted", "target": [target]}
        lab.api("POST", f"/v10/projects/{lab.project_id}/env", variable)
    assert cli.run("env", "rm", "KEY", "--yes").returncode == 0
    assert len(lab.api("GET", f"/v10/projects/{lab.project_id}/env")["envs"]) == 2


def test_defect_a_rollback_is_sent_again_and_again_when_its_answer_is_empty(lab: Lab, cli: VercelCli) -> None:
    first = lab.deployed("one")
    lab.deployed("two")
    lab.vercel.settle(promote_seconds=3600)
    lab.vercel.fault("empty_json", path="/projects/*/rollback/*", times=0)
    before = last(lab.vercel)
    cli.run("rollback", first)
    assert asked(lab.vercel, before, "POST", "/rollback/")[0] == 201
    assert len(asked(lab.vercel, before, "POST", "/rollback/")) > 1


def test_defect_a_file_with_pulled_secrets_is_uploaded_with_the_site(lab: Lab, cli: VercelCli) -> None:
    variable = {"key": "PASSWORD", "value": "hunter2", "type": "encrypted", "target": ["preview"]}
    lab.api("POST", f"/v10/projects/{lab.project_id}/env", variable)
    cli.succeed("env", "pull", ".env.stub", "--environment=preview", "--yes")
    deployed(lab, cli, "one", "--prod")
    assert "hunter2" in lab.vercel.visit(lab.domain, "/.env.stub").text


def test_defect_a_failed_build_is_a_success_when_its_aliases_are_assigned(lab: Lab, cli: VercelCli) -> None:
    lab.vercel.fault("alias_wins_over_error")
    # It looks at the deployment and listens to its events; what it hears first counts, so the look has to take longer.
    lab.vercel.fault("slow", method="GET", path=f"/deployments/dpl_{'?' * 28}", seconds=60)
    assert cli.run("deploy", "--prod", "--yes").returncode == 0
    assert newest(lab)["state"] == "ERROR"
