"""The boundary is the one place that needs AnsibleModule; it is run as Ansible runs it, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t

import ansible_collections
import pytest

TREE = os.path.dirname(next(iter(ansible_collections.__path__)))  # the child must find the collection where this process did
MODULE = """
import json, sys
from ansible.module_utils import basic
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome

def use_case(call):
    secret = "hunter22"
    if call.params["how"] == "fail":
        raise WebopsError("cannot reach " + call.params["url"], hint="password was " + secret, seen=[secret])
    if call.params["how"] == "crash":
        raise ValueError("bad " + secret)
    if call.params["how"] == "learn":
        call.mask("learntsecret")
        raise WebopsError("the token is learntsecret")
    if call.params["how"] == "learn nothing":
        call.mask("")
        return Outcome({}, {}, {"text": "as it was"})
    return Outcome({"n": 1}, {"n": 1 if call.check_mode else 2}, {"answer": 42}, warnings=("beware of " + secret,))

ways = ["work", "fail", "crash", "learn", "learn nothing"]
run_module(use_case, argument_spec={"how": {"type": "str", "choices": ways}, "url": {"type": "str"}}, supports_check_mode=True)
"""


def run(how: str, check_mode: bool = False) -> tuple[int, dict[str, t.Any], str]:
    arguments = {"how": how, "url": "postgresql://shop:hunter22@db/shop", "_ansible_check_mode": check_mode}
    code = (
        "import sys\nfrom ansible.module_utils.testing import patch_module_args\n"
        f"with patch_module_args({arguments!r}):\n    exec(compile({MODULE!r}, 'module', 'exec'), {{'__name__': '__main__'}})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": TREE}, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout.strip().splitlines()[-1]), done.stdout + done.stderr


def test_changed_and_diff_come_from_one_comparison() -> None:
    _rc, result, _output = run("work")
    assert result["changed"] is True
    assert result["diff"] == {"before": {"n": 1}, "after": {"n": 2}}
    assert result["answer"] == 42
    assert run("work", check_mode=True)[1]["changed"] is False


@pytest.mark.parametrize("how", ["fail", "crash", "work"])
def test_the_password_inside_a_url_never_leaves_the_module(how: str) -> None:
    _rc, _result, output = run(how)
    assert "hunter22" not in output


def test_the_password_inside_a_url_does_not_leave_with_arguments_that_ansible_itself_refuses() -> None:
    _rc, result, output = run("neither work nor fail")
    assert "value of how must be one of" in result["msg"]
    assert "hunter22" not in output


def test_a_failure_is_a_sentence_and_a_hint_as_text_only() -> None:
    code, result, _output = run("fail")
    assert code == 1
    assert result["failed"]
    assert result["msg"].startswith("cannot reach postgresql://shop:")
    assert "exception" not in result


def test_an_unexpected_error_names_its_type_and_place() -> None:
    _rc, result, _output = run("crash")
    assert result["msg"].startswith("Unexpected ValueError: bad ********")


def test_a_secret_learnt_on_the_way_is_masked_too() -> None:
    assert "learntsecret" not in run("learn")[2]


def test_an_empty_secret_changes_nothing() -> None:
    assert run("learn nothing")[1]["text"] == "as it was"
