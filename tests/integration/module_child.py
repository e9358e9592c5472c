"""A module in a process of its own: its arguments by stdin, its result as plain data."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t

# Longer than any deadline in these tests: who hits it did not end by itself.
NEVER = 120


def start_module(name: str, *, check: bool = False, diff: bool = False, **options: t.Any) -> subprocess.Popen[str]:
    """The running module; `result_of` gives its result."""
    module = f"ansible_collections.holdfast.webops.plugins.modules.{name}"
    child = subprocess.Popen(
        [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    child.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": {"_ansible_check_mode": check, "_ansible_diff": diff, **options}}))
    child.stdin.close()
    child.stdin = None
    return child


def result_of(child: subprocess.Popen[str]) -> dict[str, t.Any]:
    """What the module said; the whole text stands in `raw`."""
    out, err = child.communicate(timeout=NEVER)
    assert out, err
    return {**json.loads(out.splitlines()[-1]), "raw": out + err}


def run_module(name: str, *, check: bool = False, diff: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """The result of one run, whatever it is."""
    return result_of(start_module(name, check=check, diff=diff, **options))


def succeed(name: str, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """The result of a run that must succeed."""
    result = run_module(name, check=check, **options)
    assert not result.get("failed"), result["raw"]
    return result


def fail(name: str, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """The result of a run that must fail."""
    result = run_module(name, check=check, **options)
    assert result.get("failed"), result["raw"]
    return result
