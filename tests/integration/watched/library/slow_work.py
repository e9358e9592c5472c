"""A module that says what it does and goes on only when the test has seen that."""

from __future__ import annotations

import os
import time
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call

NEVER = 120.0


def work(call: Call) -> Outcome:
    call.progress.show(f"214 of 300 requests, {call.params['secret']}")
    end = time.monotonic() + NEVER
    while not os.path.exists(call.params["go_on"]):
        if time.monotonic() > end:
            raise TimeoutError("nobody saw it")
        time.sleep(0.05)
    return Outcome({}, {})


def main() -> None:
    run_module(work, argument_spec={"go_on": {"type": "path"}, "secret": {"type": "str", "no_log": True}})


if __name__ == "__main__":
    main()
