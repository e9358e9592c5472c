"""What the tests of the kinds of checks share. A check is run here as the module runs it, without starting a process for each."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain
from ansible_collections.holdfast.webops.plugins.module_utils._health.arguments import argument_spec
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import Surroundings, checks_from
from ansible_collections.holdfast.webops.plugins.module_utils._health.looks import look_of
from ansible_collections.holdfast.webops.plugins.module_utils._health.rounds import run_round

MODULE = "ansible_collections.holdfast.webops.plugins.modules.health_check"
# Longer than any deadline in these tests: who hits it did not end by itself.
NEVER = 300
# Not getrusage: what that gives began with the memory of the process that started this one.
MEASURED = (
    "import atexit, re, runpy, sys;"
    "atexit.register(lambda: sys.stderr.write(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1]));"
    f"runpy.run_module('{MODULE}', run_name='__main__')"
)
Checked = dict[str, t.Any]


def run(*checks: Checked, **options: t.Any) -> dict[str, t.Any]:
    """The result of the module in a process of its own; its text stands in `raw`, its peak memory in KiB in `peak`."""
    arguments = {"ANSIBLE_MODULE_ARGS": {"checks": list(checks), "fail_on": "never", **options}}
    argv = [sys.executable, "-c", MEASURED]
    done = subprocess.run(argv, input=json.dumps(arguments), capture_output=True, text=True, timeout=NEVER, check=False)
    return {**json.loads(done.stdout), "raw": done.stdout, "peak": int(done.stderr)}


def look(kind: str, **options: t.Any) -> Checked:
    """The result of one check. Raises InputError and its kind as the module would report it."""
    given = {"checks": [{"name": "it", "kind": kind, "timeout": 30, **options}]}
    validated = ArgumentSpecValidator(argument_spec()).validate(given)
    assert not validated.error_messages, validated.error_messages
    (check,) = checks_from(validated.validated_parameters["checks"], Surroundings())
    (result,) = run_round([(check, look_of(check))], SystemClock())
    return t.cast("Checked", plain(result.as_dict()))
