"""A slot that an ordinary user runs: a unit of the user's own systemd, which lives while nobody is logged in."""

from __future__ import annotations

import typing as t

testinfra_hosts = ["podman://holdfast-molecule-web1"]
UNIT = "holdfast-own-blue.service"


def test_an_ordinary_user_runs_a_slot_now_and_after_a_reboot(host: t.Any) -> None:
    runtime = f"XDG_RUNTIME_DIR=/run/user/{host.user('deployer').uid}"
    shown = host.check_output(
        "runuser -u deployer -- env %s systemctl --user show --property=ActiveState,UnitFileState,FragmentPath %s", runtime, UNIT
    )
    wanted = {"ActiveState=active", "UnitFileState=enabled", f"FragmentPath=/home/deployer/.config/systemd/user/{UNIT}"}
    assert set(shown.splitlines()) == wanted
    assert {process.user for process in host.process.filter(comm="python3") if "http.server" in process.args} == {"deployer"}
