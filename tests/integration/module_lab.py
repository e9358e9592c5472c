"""Modules in this process, so that a test can afford many runs."""

from __future__ import annotations

import importlib
import json
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError


class QuickClock(SystemClock):
    """Real time, but pauses of a tenth: here nobody needs to be spared."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / 10)


class ModuleLab:
    """Runs modules with what they have in common; `secret` must be in nothing that they say."""

    def __init__(self, common: dict[str, t.Any], secret: str) -> None:
        self.common = common
        self.masked: list[str] = []
        self._secret = secret

    def run(self, module: str, /, *, check: bool = False, diff: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """The result of a module that must succeed; its own errors are raised."""
        use_case, spec = described(module)
        validator = ArgumentSpecValidator(
            spec["argument_spec"], mutually_exclusive=spec.get("mutually_exclusive"), required_one_of=spec.get("required_one_of")
        )
        given = validator.validate({**self.common, **options})
        assert not given.error_messages, given.error_messages
        call = Call(given.validated_parameters, check, self.masked.append, lambda text: None, lambda value: value, diff)
        outcome = use_case(call, QuickClock())
        result = {**outcome.as_result(), "warnings": list(outcome.warnings)}
        assert json.loads(json.dumps(result)) == result, "the result is not plain data"
        assert self._secret not in json.dumps(result)
        return result

    def refused(self, module: str, /, *, check: bool = False, **options: t.Any) -> str:
        """The sentence of a module that must fail."""
        with pytest.raises(WebopsError) as failed:
            self.run(module, check=check, **options)
        assert self._secret not in str(failed.value)
        return str(failed.value)


def described(module: str) -> tuple[t.Callable[[Call, SystemClock], t.Any], dict[str, t.Any]]:
    """The use case of a module and what it tells Ansible about its options."""
    found: dict[str, t.Any] = {}

    def keep(use_case: t.Any, **spec: t.Any) -> None:
        found.update(use_case=use_case, spec=spec)

    loaded = importlib.import_module(f"ansible_collections.holdfast.webops.plugins.modules.{module}")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loaded, "run_module", keep)
        loaded.main()
    return found["use_case"], found["spec"]
