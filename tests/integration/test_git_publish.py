"""`git_publish` against the local Lovable: what is refused, what is waited for, and what users get meanwhile."""

from __future__ import annotations

import datetime
import itertools
import os
import re
import shutil
import stat
import subprocess
import typing as t
from pathlib import Path

import pytest
import requests

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.contents import meta_of
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.repository import Change, Place, Update, open_repository
from tests.emulators.lovable.running import LocalLovable
from tests.integration.module_child import result_of, run_module, start_module
from tests.integration.open_tabs import OpenTabs
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Iterator

RELEASE_FILE = ".well-known/shop-release.json"
NUMBERS = itertools.count(1)


def files(version: str) -> dict[str, str]:
    """A source tree as Lovable has it: a page, its script, and one that the script loads when somebody asks for it."""
    return {
        "index.html": '<!doctype html><html><head><script type="module" src="/src/main.js"></script></head></html>\n',
        "src/main.js": f'const later = () => import("/src/settings.js"); const shown = "{version}";\n',
        "src/settings.js": f'export const about = [import.meta.env.VITE_PLACE, "{version}"];\n',
        "public/robots.txt": "User-agent: *\n",
    }


class Site:
    """A branch of its own on the shared server, which the project is connected with for one test."""

    def __init__(self, lovable: LocalLovable, folder: Path) -> None:
        self.lovable = lovable
        self.folder = folder
        self.branch = f"site-{next(NUMBERS)}"
        self.lovable.settle(
            branch=self.branch, preview_branch="", publishes_pushes=False, sync_seconds=0, publish_seconds=0, poll_seconds=2, edge_seconds=0
        )
        self.lovable.control("DELETE", "faults")

    def head(self, ref: str = "") -> str:
        done = subprocess.run(
            ["git", "-C", str(self.lovable.path), "rev-parse", "--verify", "--quiet", ref or f"refs/heads/{self.branch}"],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()

    def release(self, version: str, **about: str) -> dict[str, str]:
        """A release whose commit a developer has pushed to `main`."""
        commit = about.get("commit") or self.lovable.commit(files(f"{version} of {self.branch}"), message=f"Make {version}")
        return {"id": f"{version}-{self.branch}", "version": version, "commit": commit}

    def options(self, state: str, slot: str, release: dict[str, str] | None = None, **more: t.Any) -> dict[str, t.Any]:
        server = self.lovable
        return {
            "repository": server.repository,
            "username": server.username,
            "password": server.password,
            "branch": self.branch,
            "source_branch": "main",
            "url": server.live_url,
            "release_file": RELEASE_FILE,
            "public_dir": "public",
            "project": server.project,
            "api_key": server.key,
            "api_url": server.url,
            "fencing": 1,
            "slot": slot,
            "state": state,
            **({"release": release} if release else {}),
            **more,
        }

    def run(self, state: str, slot: str, release: dict[str, str] | None = None, **more: t.Any) -> dict[str, t.Any]:
        return run_module("git_publish", **self.options(state, slot, release, **more))

    def done(self, state: str, slot: str, release: dict[str, str] | None = None, **more: t.Any) -> dict[str, t.Any]:
        result = self.run(state, slot, release, **more)
        assert not result.get("failed"), result["msg"]
        return result

    def publish(self, version: str, slot: str) -> dict[str, str]:
        release = self.release(version)
        self.done("staged", slot, release)
        self.done("shifted", slot, release)
        return release

    def shown(self) -> str:
        """The release that users get."""
        return str(requests.get(f"{self.lovable.live_url}/{RELEASE_FILE}", timeout=60).json()["release"])

    def visit(self, path: str) -> requests.Response:
        return requests.get(f"{self.lovable.live_url}{path}", timeout=60)

    def asset(self) -> str:
        """The script that the page of now loads."""
        found = re.search(r'src="(/assets/[^"]+)"', self.visit("/").text)
        assert found
        return found[1]


@pytest.fixture(scope="module")
def lovable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalLovable]:
    with LocalLovable(tmp_path_factory.mktemp("lovable")) as server:
        yield server


@pytest.fixture
def site(lovable: LocalLovable, tmp_path: Path) -> Site:
    return Site(lovable, tmp_path)


def test_what_was_not_tested_is_refused_before_anything_is_pushed(site: Site) -> None:
    release = site.release("1.0")
    checkout = site.folder / "checkout"
    subprocess.run(["git", "clone", "--quiet", str(site.lovable.path), str(checkout)], check=True)
    (checkout / "notes.txt").write_text("not yet")
    dirty = site.run("staged", "blue", release, checkout=str(checkout))
    (checkout / "notes.txt").unlink()
    newer = site.release("1.1")
    elsewhere = site.run("staged", "blue", newer, checkout=str(checkout))
    aside = site.release("1.2", commit=site.lovable.commit(files("aside"), branch="aside"))
    unknown = site.run("staged", "blue", {**release, "commit": "8843d7f92416211de9ebb963ff4ce28125932878"})
    assert "checkout: " in dirty["msg"]
    assert "notes.txt" in dirty["msg"]
    assert f"not at the release's commit {newer['commit'][:12]}" in elsewhere["msg"]
    assert "is not in the branch main" in site.run("staged", "blue", aside)["msg"]
    assert "is not in the branch main" in unknown["msg"]
    assert site.head() == site.head(f"refs/holdfast/{site.branch}") == ""


def test_nobodys_commits_are_overwritten_and_their_authors_are_named(site: Site) -> None:
    first = site.publish("1.0", "blue")
    foreign = site.lovable.edit("Make the button blue")
    second = site.release("1.1")
    refused = site.run("staged", "green", second)
    assert "Editor: Make the button blue" in refused["msg"]
    assert "Nothing was pushed" in refused["msg"]
    info = {name: value for name, value in site.options("staged", "blue").items() if name in LOCATION}
    (told,) = run_module("git_publish_info", **info)["platform"]["disagreements"]
    assert "Make the button blue" in told
    # Tested and released, it is nobody's any more.
    merged = site.lovable.git("commit-tree", f"{foreign}^{{tree}}", "-m", "Merge", "-p", second["commit"], "-p", foreign)
    site.lovable.git("update-ref", "refs/heads/main", merged)
    site.done("staged", "green", site.release("1.2", commit=merged))
    assert site.lovable.git("merge-base", "--is-ancestor", foreign, site.head()) == ""
    assert site.shown() == first["id"]


def test_of_two_who_push_at_once_one_is_refused_and_changes_nothing(site: Site) -> None:
    site.publish("1.0", "blue")
    kept_at = f"refs/holdfast/{site.branch}"
    record = site.head(kept_at)
    with open_repository(Place(str(site.lovable.path), site.branch, "main", "", "Me <me@example.org>"), Commands()) as mine:
        seen = mine.fetch()
        assert seen.branch
        release = mine.commit(Change(seen.branch, {"mine.txt": b"mine"}), [seen.branch], "Mine", 1)
        faster = site.lovable.edit("Be faster")
        with pytest.raises(ConflictError, match=f"Somebody pushed to {site.branch}"):
            mine.push([Update(f"refs/heads/{site.branch}", release, seen.branch), Update(kept_at, release, record)])
    assert (site.head(), site.head(kept_at)) == (faster, record)


def test_nobody_who_looks_meets_a_failure_or_a_page_whose_files_are_gone_during_a_publish_and_the_way_back(site: Site) -> None:
    site.lovable.settle(edge_seconds=0.2)
    first = site.publish("1.0", "blue")
    old = site.asset()
    (lazy,) = re.findall(r'"(/assets/settings[^"]+)"', site.visit(old).text)
    with OpenTabs(site.lovable.live_url, meta_of) as tabs:
        wait_for(lambda: tabs.pages[first["id"]] > 0, "somebody who has the old page open")
        second = site.publish("1.1", "green")
        new = site.asset()
        wait_for(lambda: tabs.pages[second["id"]] > 0, "somebody who has the new page open")
        back = site.done("undone", "green")
    assert (tabs.failures, set(tabs.pages)) == ([], {first["id"], second["id"]})
    assert back["platform"]["weights"] == {"blue": 100, "green": 0}
    assert (site.asset() == old, site.visit(new).headers["Content-Type"]) == (True, "text/javascript")
    # Going back is a commit on top, too.
    assert site.lovable.git("log", "--format=%s", "--max-count=2", site.branch).splitlines() == ["Revert to 1.0", "Release 1.1"]
    # What open tabs needed of the one before does not pile up.
    site.publish("1.2", "green")
    kept = requests.get(f"{site.lovable.live_url}/{RELEASE_FILE}", timeout=60).json()["kept"]
    assert sorted(kept) == sorted([old, lazy])


def test_a_server_that_goes_on_with_the_old_files_is_found_and_the_same_task_completes(site: Site) -> None:
    site.publish("1.0", "blue")
    second = site.release("1.1")
    site.done("staged", "green", second)
    site.lovable.fault("stale_edge", edge=1, seconds=3600)
    late = site.run("shifted", "green", second, publish_timeout=1)
    assert f"does not show {second['id']} to everybody in time" in late["msg"]
    assert f"1.0-{site.branch} at /" in late["msg"]
    site.lovable.later(3600)
    assert site.done("shifted", "green", second)["platform"]["live_slot"] == "green"
    deaf = site.run("shifted", "green", second, publish_timeout=1, edges=["127.0.0.1:9"])
    assert "nothing listens at 127.0.0.1:9" in deaf["msg"]


def test_a_publish_that_fails_is_told_by_its_class_and_only_bad_luck_is_tried_again(site: Site) -> None:
    first = site.publish("1.0", "blue")
    second = site.release("1.1")
    site.done("staged", "green", second)
    for name in ("code", "configuration", "data", "integration", "policy", "internal"):
        before = len(publishes(site))
        site.lovable.fault("publish_fails", error_class=name, message="as the reference says")
        failed = site.run("shifted", "green", second)
        assert f"failed ({name}): as the reference says. Users still have what they had." in failed["msg"]
        assert len(publishes(site)) == before + 1
        assert site.shown() == first["id"]
    site.lovable.fault("publish_fails", error_class="transient")
    before = len(publishes(site))
    site.done("shifted", "green", second)
    assert len(publishes(site)) == before + 2


def publishes(site: Site) -> list[tuple[str, str, int]]:
    return [row for row in site.lovable.asked() if row[0] == "POST"]


def test_somebody_in_between_is_found_out_before_and_after_a_publish(site: Site) -> None:
    first = site.publish("1.0", "blue")
    second = site.release("1.1")
    site.done("staged", "green", second)
    site.lovable.fault("commit_during", message="Make it red")
    during = site.run("shifted", "green", second)
    assert "Somebody was in between" in during["msg"]
    assert "What users have now may hold it" in during["msg"]
    again = site.run("shifted", "green", second)
    assert "Editor: Make it red" in again["msg"]
    back = site.done("undone", "green")
    assert "Make it red" in str(back["warnings"])
    assert site.shown() == first["id"]
    # What the other one did is in the branch's history still.
    assert "Make it red" in site.lovable.git("log", "--format=%s", site.branch)


def test_a_task_that_was_killed_anywhere_is_completed_by_the_same_task(site: Site) -> None:
    site.publish("1.0", "blue")
    second = site.release("1.1")
    site.lovable.fault("sync_stuck", times=0)
    staging = start_module("git_publish", **site.options("staged", "green", second))
    wait_for(lambda: "1.1" in site.lovable.git("log", "-1", "--format=%s", site.branch), "the push")
    staging.kill()
    staging.communicate(timeout=60)
    site.lovable.control("DELETE", "faults")
    pushed = site.head()
    site.done("staged", "green", second)
    assert site.head() == pushed
    before = len(publishes(site))
    site.lovable.fault("publish_stuck")
    shifting = start_module("git_publish", **site.options("shifted", "green", second))
    wait_for(lambda: len(publishes(site)) > before, "the publish")
    shifting.kill()
    shifting.communicate(timeout=60)
    assert site.done("shifted", "green", second)["changed"]
    assert site.shown() == second["id"]


def test_a_limit_is_waited_for_and_a_lost_answer_is_asked_for_again(site: Site) -> None:
    release = site.release("1.0")
    site.lovable.fault("status", code=429, retry_after=0.1, times=2)
    site.lovable.fault("cut", method="GET")
    site.done("staged", "blue", release)
    site.lovable.fault("status", code=503, path="/publish")
    site.lovable.fault("cut", method="POST")
    site.done("shifted", "blue", release)
    site.lovable.fault("status", code=429, retry_after=7200)
    second = site.release("1.1")
    limited = site.run("staged", "green", second, sync_timeout=60, publish_timeout=60)
    assert "rate limit" in limited["msg"]
    assert "7200 s" in limited["msg"]


def test_no_secret_is_in_an_argument_or_a_message(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    programs, real = site.folder / "bin", shutil.which("git")
    programs.mkdir()
    (programs / "git").write_text(f'#!/bin/sh\necho "$@" >> {site.folder}/argv\nexec {real} "$@"\n')
    (programs / "git").chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    release = site.release("1.0")
    answers = [site.done("staged", "blue", release)]
    answers.append(site.run("shifted", "blue", release, api_key="lov_somebody_elses_key"))
    answers.append(site.run("staged", "green", release, password="a-password-that-is-wrong"))
    answers.append(site.run("staged", "green", release, repository="https://dev:hunter2-hunter2@git.example.org/shop.git"))
    assert "The API key is not valid (401)" in answers[1]["msg"]
    assert "cannot be read" in answers[2]["msg"]
    assert "holds a user or a password" in answers[3]["msg"]
    said = "".join(answer["raw"] for answer in answers) + (site.folder / "argv").read_text()
    secrets = (site.lovable.password, site.lovable.key, "lov_somebody_elses_key", "a-password-that-is-wrong", "hunter2-hunter2")
    assert [secret for secret in secrets if secret in said] == []


def test_a_person_publishes_whose_promise_is_an_approval_that_ends(site: Site) -> None:
    release = site.release("1.0")
    by_hand = {"publisher": "manual", "preview_url": site.lovable.preview_url}
    now = datetime.datetime.now(datetime.UTC)
    promise = {**release, "artifact_sha256": None, "by": "mara", "at": stamp(now), "withdrawn_at": None, "reason": "tonight"}
    expired = [{**promise, "expires_at": stamp(now - datetime.timedelta(minutes=1))}]
    good = [{**promise, "expires_at": stamp(now + datetime.timedelta(hours=1))}]
    for approvals in ([], expired):
        refused = site.run("staged", "blue", release, approvals=approvals, **by_hand)
        assert "nobody has promised to publish 1.0" in refused["msg"]
    assert site.head() == ""
    site.done("staged", "blue", release, approvals=good, **by_hand)
    waiting = start_module("git_publish", **site.options("shifted", "blue", release, approvals=good, **by_hand))
    site.lovable.control("POST", "publish")
    assert result_of(waiting)["platform"]["live_slot"] == "blue"


def stamp(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_host_that_publishes_every_push_gets_releases_by_a_branch_for_previews(site: Site) -> None:
    preview = f"{site.branch}-next"
    site.lovable.settle(publishes_pushes=True, preview_branch=preview)
    hosted: dict[str, t.Any] = {"publisher": "branch", "preview_branch": preview, "preview_url": site.lovable.preview_url, "public_dir": ""}
    built: dict[str, t.Any] = {"content": "artifact", **hosted}
    slots = itertools.cycle(["blue", "green"])
    releases = []
    for version in ("1.0", "1.1"):
        folder = site.folder / version
        (folder / "assets").mkdir(parents=True)
        (folder / "index.html").write_text(f'<html><head><script src="/assets/main-{version}.js"></script></head></html>')
        (folder / "assets" / f"main-{version}.js").write_text("//")
        release, slot, before = {"id": f"{version}-{site.branch}", "version": version}, next(slots), site.head()
        site.done("staged", slot, release, path=str(folder), **built)
        assert site.head() == before
        site.done("shifted", slot, release, **built)
        assert site.shown() == release["id"]
        releases.append(release)
    assert site.visit("/assets/main-1.0.js").text == "//"
    site.done("undone", "green", **built)
    assert site.shown() == releases[0]["id"]
    # Back to a release of which nothing but its commit is left.
    site.done("staged", "green", releases[1], **built)
    site.done("shifted", "green", releases[1], **built)
    assert site.shown() == releases[1]["id"]


def test_the_build_gets_its_public_environment_and_no_name_that_may_be_a_secret(site: Site) -> None:
    release = site.release("1.0")
    refused = site.run("staged", "blue", release, environment={"SERVICE_ROLE_KEY": "a-secret-of-the-server"})
    assert "SERVICE_ROLE_KEY begins with none of VITE_" in refused["msg"]
    assert "a-secret-of-the-server" not in refused["msg"]
    site.done("staged", "blue", release, environment={"VITE_PLACE": "staging"})
    site.done("shifted", "blue", release)
    (lazy,) = re.findall(r'"(/assets/settings[^"]+)"', site.visit(site.asset()).text)
    assert '"staging"' in site.visit(lazy).text


def test_check_mode_says_what_a_run_would_do_and_pushes_nothing(site: Site) -> None:
    release = site.release("1.0")
    foreseen = run_module("git_publish", check=True, diff=True, **site.options("staged", "blue", release))
    assert site.head() == ""
    real = run_module("git_publish", diff=True, **site.options("staged", "blue", release))
    assert foreseen["changed"]
    assert foreseen["diff"] == real["diff"]
    foreseen = run_module("git_publish", check=True, diff=True, **site.options("shifted", "blue", release))
    assert foreseen["diff"]["after"]["weights"] == {"blue": 100, "green": 0}
    assert site.done("shifted", "blue", release)["diff"] == foreseen["diff"]


LOCATION = ("repository", "username", "password", "branch", "url", "release_file")
