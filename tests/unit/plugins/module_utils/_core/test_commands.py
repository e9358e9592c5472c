from __future__ import annotations

import os
import pathlib
import sys

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, find_program, stop
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, DeadlineError, NotFoundError


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def has_ended(pid: int) -> bool:
    """Gone, or dead and not yet collected by its parent."""
    status = pathlib.Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().split()[2] == "Z"


def test_input_output_and_exit_code_come_back() -> None:
    done = Commands().run(python("import sys; print(sys.stdin.read().upper()); sys.exit(3)"), input=b"hello", timeout=20)
    assert (done.returncode, done.text.strip()) == (3, "HELLO")


def test_stdin_is_closed_so_that_a_program_that_asks_ends_at_once() -> None:
    assert Commands().run(python("import sys; print(repr(sys.stdin.read()))"), timeout=20).text.strip() == "''"


def test_the_environment_is_added_to_and_not_replaced() -> None:
    done = Commands().run(
        python("import os; print(os.environ['HOLDFAST_TEST'], os.environ['PATH'] != '')"), env={"HOLDFAST_TEST": "x"}, timeout=20
    )
    assert done.text.split() == ["x", "True"]


def test_a_failure_names_the_program_its_exit_code_and_its_last_words() -> None:
    with pytest.raises(CommandError, match=r"python.* ended with exit code 4: no space left") as caught:
        Commands().check(python("import sys; sys.stderr.write('no space left'); sys.exit(4)"), timeout=20)
    assert caught.value.details["rc"] == 4


def test_a_program_that_was_killed_says_by_which_signal() -> None:
    with pytest.raises(CommandError, match="was ended by SIGKILL"):
        Commands().check(python("import os; os.kill(os.getpid(), 9)"), timeout=20)


def test_a_program_that_hangs_is_stopped_with_all_its_children(tmp_path: pathlib.Path) -> None:
    code = (
        f"import subprocess,time; c=subprocess.Popen(['sleep','60']); open({str(tmp_path / 'pid')!r},'w').write(str(c.pid)); time.sleep(60)"
    )
    with pytest.raises(DeadlineError, match="did not end within"):
        Commands().run(python(code), timeout=5)
    child = int((tmp_path / "pid").read_text())
    wait_until(lambda: has_ended(child), clock=SystemClock(), timeout=60, interval=0.05, what="the end of the grandchild")


def test_a_missing_program_is_named() -> None:
    with pytest.raises(NotFoundError, match="'no-such-program' was not found"):
        Commands().run(["no-such-program"], timeout=5)
    with pytest.raises(NotFoundError, match="apt install"):
        find_program("no-such-program", hint="apt install it")


def test_a_child_of_a_pipeline_can_be_stopped_twice() -> None:
    child = Commands().start(["sleep", "60"])
    stop(child)
    stop(child)
    assert child.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.killpg(child.pid, 0)
