"""The modules of Vercel against the local one: in this process, so that a test can afford many runs."""

from __future__ import annotations

import importlib
import json
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.emulators.vercel.running import LocalVercel

HOST = "shop.vercel.app"
PROJECT = "/v9/projects/shop"
# Longer than anything here takes on a busy machine; only tests of deadlines have a shorter one.
LONG = 120


class QuickClock(SystemClock):
    """Real time, but pauses of a tenth: here nobody needs to be spared."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / 10)


class Lab:
    """The local Vercel, a site to deploy, and the modules."""

    def __init__(self, vercel: LocalVercel, folder: Path) -> None:
        self.vercel = vercel
        self.site = folder / "site"
        self.masked: list[str] = []
        self.common: dict[str, t.Any] = {
            "project": "shop",
            "token": vercel.token,
            "team": vercel.team,
            "api_url": vercel.url,
            "wait_timeout": LONG,
        }
        self.write("index.html", "one")

    def write(self, path: str, text: str) -> None:
        file = self.site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

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
        assert self.vercel.token not in json.dumps(result)
        return result

    def refused(self, module: str, /, *, check: bool = False, **options: t.Any) -> str:
        """The sentence of a module that must fail."""
        with pytest.raises(WebopsError) as failed:
            self.run(module, check=check, **options)
        assert self.vercel.token not in str(failed.value)
        return str(failed.value)

    def deploy(self, text: str | None = None, /, **options: t.Any) -> dict[str, t.Any]:
        """Deploy the site, with this text in its page and as version."""
        if text is not None:
            self.write("index.html", text)
            options.setdefault("version", text)
        return self.run("vercel_deploy", path=str(self.site), **options)

    def promote(self, **options: t.Any) -> dict[str, t.Any]:
        return self.run("vercel_promote", **options)

    def live(self, text: str) -> str:
        """Deploy and promote; the deployment's id."""
        identity = str(self.deploy(text)["deployment"]["id"])
        self.promote(deployment=identity)
        return identity

    def page(self, host: str = HOST, path: str = "/") -> str:
        """What a visitor gets."""
        answer = self.vercel.visit(host, path)
        return answer.text if answer.ok else str(answer.status_code)

    def project(self) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", self.vercel.api("GET", f"{PROJECT}?rollbackInfo=true&teamId={self.vercel.team}"))

    def deployments(self) -> list[dict[str, t.Any]]:
        answer = self.vercel.api("GET", f"/v6/deployments?projectId={self.project()['id']}&limit=100&teamId={self.vercel.team}")
        return list(answer["deployments"])

    def count(self, method: str, path: str, *, after: int = 0) -> int:
        """How many requests of that kind were made; `path` is its beginning."""
        return sum(row["method"] == method and row["path"].startswith(path) for row in self.vercel.asked(after))

    def mark(self) -> int:
        """A place in the log of requests."""
        rows = self.vercel.asked()
        return int(rows[-1]["n"]) if rows else 0


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
