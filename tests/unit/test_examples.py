"""Every example in the documentation of a module is a task that the module would take."""

from __future__ import annotations

import importlib
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = "ansible_collections.holdfast.webops.plugins.modules"
PREFIX = "holdfast.webops."
Spec = dict[str, t.Any]
# What a value is taken for where an example has a variable in its place.
STAND_INS: Spec = {"int": 1, "float": 1.0, "bool": True, "dict": {}, "list": [], "json": "{}"}
CONDITIONS = ("required_if", "required_together", "required_one_of", "required_by", "mutually_exclusive")


class DescribedError(Exception):
    """The options that a module gave to AnsibleModule."""

    def __init__(self, options: Spec) -> None:
        super().__init__()
        self.options = options


def examples() -> list[tuple[str, str, Spec]]:
    """(module that documents it, module that is called, arguments) of every task of this collection in every EXAMPLES block."""
    found = []
    for path in sorted((ROOT / "plugins/modules").glob("*.py")):
        module = importlib.import_module(f"{COLLECTION}.{path.stem}")
        for task in tasks_in(yaml.safe_load(module.EXAMPLES)):
            found += [(path.stem, name.removeprefix(PREFIX), args or {}) for name, args in task.items() if name.startswith(PREFIX)]
    return found


def tasks_in(node: t.Any) -> t.Iterator[Spec]:
    """Every task, those in plays and blocks too."""
    for task in node or []:
        yield task
        for part in ("tasks", "pre_tasks", "post_tasks", "block", "rescue", "always"):
            yield from tasks_in(task.get(part))


def described(name: str, monkeypatch: pytest.MonkeyPatch) -> Spec:
    """What the module itself says it takes. One that runs on the controller only says it in its documentation."""
    module = importlib.import_module(f"{COLLECTION}.{name}")
    if not hasattr(module, "main"):
        return {"argument_spec": documented(yaml.safe_load(module.DOCUMENTATION)["options"])}

    def tell(_use_case: t.Any, **options: t.Any) -> t.NoReturn:
        raise DescribedError(options)

    monkeypatch.setattr(module, "run_module", tell)
    with pytest.raises(DescribedError) as caught:
        module.main()
    return caught.value.options


def documented(options: Spec) -> Spec:
    """Documentation as an argument specification."""
    kept = ("type", "required", "choices", "elements", "default")
    found = {name: {key: option[key] for key in kept if key in option} for name, option in options.items()}
    for name, option in options.items():
        if "suboptions" in option:
            found[name]["options"] = documented(option["suboptions"])
    return found


def filled_in(value: t.Any, option: Spec) -> t.Any:
    """The value with every template replaced by something of the type that is wanted there."""
    if isinstance(value, str) and "{{" in value:
        return option["choices"][0] if option.get("choices") else STAND_INS.get(str(option.get("type", "str")), "text")
    if isinstance(value, list):
        return [filled_in(each, {**option, "type": option.get("elements", "str")}) for each in value]
    if isinstance(value, dict) and option.get("options"):
        return {name: filled_in(inner, option["options"].get(name, {})) for name, inner in value.items()}
    return value


@pytest.mark.parametrize(("where", "called", "args"), examples(), ids=lambda part: part if isinstance(part, str) else "")
def test_an_example_is_a_task_that_the_module_takes(where: str, called: str, args: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    options = described(called, monkeypatch)
    spec = options["argument_spec"]
    given = {name: filled_in(value, spec.get(name, {})) for name, value in args.items()}
    conditions = {name: options[name] for name in CONDITIONS if options.get(name)}
    required_if = conditions.pop("required_if", None)
    result = ArgumentSpecValidator(spec, required_if=required_if, **conditions).validate(given)
    assert result.error_messages == [], f"an example of {where} calls {called} with {args}"


def test_every_module_has_an_example() -> None:
    assert {where for where, _called, _args in examples()} == {path.stem for path in (ROOT / "plugins/modules").glob("*.py")}


def test_a_misspelt_option_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = described("release_ledger", monkeypatch)["argument_spec"]
    assert ArgumentSpecValidator(spec).validate({"portal": "x", "store": "file:///x", "entires": []}).error_messages
