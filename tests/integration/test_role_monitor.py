"""What portal_monitor refuses before it touches a host; what it does to one is shown by the molecule scenario `monitor`."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
PORTAL = {"portal_name": "shop", "portal_url": "https://shop.example", "portal_checks": [{"name": "app", "kind": "http", "url": "/"}]}
WRONG: list[tuple[dict[str, t.Any], str]] = [
    ({"portal_monitor_mode": "timer"}, "portal_monitor_mode is timer, but portal_monitor_inventory is empty"),
    ({"portal_monitor_portals": []}, "No portal has a check that can be probed"),
    (
        {"portal_monitor_inventory": "/nowhere/inventory", "portal_monitor_ansible_playbook": sys.executable},
        "there is no /nowhere/inventory",
    ),
    ({"portal_monitor_channels": [{"name": "ops", "kind": "fax"}]}, "The channel 'ops' has no known kind"),
    ({"portal_monitor_intervall": "1s"}, "did you mean portal_monitor_"),
]


def play(folder: Path, **variables: t.Any) -> subprocess.CompletedProcess[str]:
    own = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    groups = {"portals": {"hosts": {"web1": PORTAL}}, "monitors": {"hosts": {"mon1": {**own, **variables}}}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(groups))
    argv = [sys.executable, "-m", "ansible", "playbook", "-i", str(folder / "hosts.yml"), "holdfast.webops.monitor"]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    environment.setdefault("ANSIBLE_COLLECTIONS_PATH", str(CHECKOUT / ".cache" / "collections"))
    return subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize(("variables", "said"), WRONG, ids=[said for _variables, said in WRONG])
def test_what_makes_no_sense_is_refused_and_nothing_is_touched(tmp_path: Path, variables: dict[str, t.Any], said: str) -> None:
    run = play(tmp_path, **variables)
    assert run.returncode == 2
    told = " ".join((run.stdout + run.stderr).split()).replace("''", "'")
    assert said in told
    assert "changed=0" in told
    assert "Prometheus | Install" not in told
