"""The role platform_host on several hosts, of which one is away: a real router and a real supervisor, and a host that nobody reaches."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t

import pytest
import yaml

from tests.integration.host_lab import PORTAL, open_host
from tests.integration.traffic_lab import ROOT, TOKEN, Lab, open_lab

if t.TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

# Starts to serve when its fellow on the other host has started, too.
WAITS_FOR_ANOTHER = """\
import pathlib
there = pathlib.Path({folder!r})
(there / os.environ["PORT"]).touch()
while len(list(there.iterdir())) < 2:
    time.sleep(0.05)
"""
RELEASE = {"id": "r2", "version": "2", "commit": "", "artifact": "", "artifact_sha256": "", "replaces": "r1"}


class Site:
    """`here` is this machine, `away` a host that refuses every connection."""

    def __init__(self, folder: pathlib.Path, lab: Lab, variables: dict[str, t.Any]) -> None:
        self.folder = folder
        self.lab = lab
        local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        away = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
        hosts = {"hosts": {"here": {**local, **variables}, "there": local, "away": away}}
        (folder / "hosts.yml").write_text(yaml.safe_dump({"all": hosts}))

    def play(self, entry: str, **variables: t.Any) -> tuple[int, str]:
        """Run one task file of the role; the exit code, and what Ansible said on one line."""
        show = [{"ansible.builtin.debug": {"var": fact}} for fact in ("platform_status", "platform_shift")]
        role = {"ansible.builtin.include_role": {"name": "holdfast.webops.platform_host", "tasks_from": entry}}
        (self.folder / "play.yml").write_text(yaml.safe_dump([{"hosts": "here", "gather_facts": False, "tasks": [role, *show]}]))
        argv = [sys.executable, "-m", "ansible", "playbook", "-i", "hosts.yml", "-e", json.dumps(variables), "play.yml"]
        environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"), "ANSIBLE_SSH_RETRIES": "0"}
        done = subprocess.run(argv, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=environment)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    def weights(self) -> dict[str, int]:
        return t.cast("dict[str, int]", self.lab.module("slot_router_info")["router"]["weights"])


@pytest.fixture(scope="module")
def site(haproxy_binary: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_lab(haproxy_binary) as lab, open_host() as host:
        options = host.common
        variables = {
            "portal_name": PORTAL,
            "portal_url": f"http://127.0.0.1:{lab.port}",
            "platform_host_root": options["root"],
            "platform_host_router_directory": str(lab.directory),
            "platform_host_preview_token": TOKEN,
            **{f"platform_host_{name}": value for name, value in options.items() if name.startswith("supervisor")},
        }
        yield Site(tmp_path_factory.mktemp("site"), lab, variables)


def test_before_anything_is_done_a_host_that_is_away_is_named(site: Site) -> None:
    code, said = site.play("status", platform_host_routers=["here", "away"])
    assert code != 0
    assert "away cannot be reached:" in said
    assert "Connection refused. Nothing was touched." in said
    code, said = site.play("status", platform_host_web_hosts=["here", "away"])
    assert (code != 0, "away cannot be reached:" in said) == (True, True)


def test_a_router_that_goes_away_in_the_middle_fails_the_step_and_the_undo_brings_the_others_back(site: Site) -> None:
    given: dict[str, t.Any] = {
        "platform_host_routers": ["here", "away"],
        "platform_release": RELEASE,
        "platform_slot": "green",
        "platform_percent": 10,
        "platform_analysis": {"window": 0},
        "platform_fencing": 3,
    }
    code, said = site.play("shift", **given)
    assert (code, site.weights()) == (2, {"blue": 90, "green": 10})
    assert "away cannot be reached:" in said
    assert "Its share was not changed." in said
    code, said = site.play("undo", **given)
    assert (code, site.weights()) == (2, {"blue": 100, "green": 0})
    assert "The other routers sent all traffic back; green goes on running for this one." in said


def test_on_several_web_hosts_a_release_starts_at_the_same_time(site: Site, tmp_path: pathlib.Path) -> None:
    with open_host() as here, open_host() as there:
        for folder in (tmp_path / "started", here.root, there.root):
            folder.mkdir()
        release = here.release("3.0", start=WAITS_FOR_ANOTHER.format(folder=str(tmp_path / "started")))
        common = [lab.common for lab in (here, there)]
        # Both are this machine, so each has a folder, a supervisor and ports of its own.
        by_host = {
            "platform_host_slot_ports": [here.ports, there.ports],
            **{f"platform_host_{name}": [given[name] for given in common] for name in ("root", "supervisor_socket", "supervisor_conf_dir")},
        }
        chosen = {name: f"{{{{ {found}[(item | default('here')) == 'there'] }}}}" for name, found in by_host.items()}
        code, said = site.play(
            "stage",
            **chosen,
            platform_host_web_hosts=["here", "there"],
            platform_host_command=[sys.executable, "app.py"],
            platform_host_start_timeout=60,
            platform_release={**release.options()["release"], "artifact": release.path, "artifact_sha256": release.sha256},
            platform_slot="blue",
            platform_fencing=1,
        )
        assert code == 0, said
        assert [json.loads(lab.get("blue"))["version"] for lab in (here, there)] == ["3.0", "3.0"]


def test_the_last_share_before_contract_migrations_closes_the_way_back_on_the_router(site: Site) -> None:
    given = {"platform_release": RELEASE, "platform_slot": "green", "platform_analysis": {"window": 0}, "platform_fencing": 4}
    code, said = site.play("shift", **given, platform_percent=50, platform_contracts=True)
    assert (code, site.lab.module("slot_router_info")["router"]["closed"]) == (0, None), said
    code, said = site.play("shift", **given, platform_percent=100, platform_contracts=True)
    assert (code, site.lab.module("slot_router_info")["router"]["closed"]) == (0, "blue"), said
