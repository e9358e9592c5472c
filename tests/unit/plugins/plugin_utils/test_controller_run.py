from __future__ import annotations

import os
import subprocess
import sys

from ansible_collections.holdfast.webops.plugins.plugin_utils.controller_run import has_ended, name_of, this_run


def test_a_run_has_ended_when_its_process_is_gone_and_not_before() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        run = name_of(child.pid)
        assert not has_ended(run)
    finally:
        child.kill()
        child.wait()
    assert has_ended(run)
    assert this_run() == name_of(os.getppid())


def test_a_process_id_that_was_given_out_again_is_another_run_and_of_other_machines_nothing_is_known() -> None:
    here, _colon, _started = name_of(os.getpid()).rpartition(":")
    assert has_ended(f"{here}:1")
    assert not has_ended(f"elsewhere:0000:{os.getpid()}:1")
    assert not has_ended("no run at all")
