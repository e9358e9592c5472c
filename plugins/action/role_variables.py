# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse wrong variables of a role, of the roles that it will call, and of its checks, before anything is touched.

Ansible checks the variables that a role describes when that role begins; it does not see the misspelt one next to them,
nor what a role that is called half an hour later will be given.
"""

from __future__ import annotations

import difflib
import pathlib
import re
import typing as t

import yaml
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import Redactor, derived_secrets, strings_in
from ansible_collections.holdfast.webops.plugins.module_utils._health.arguments import argument_spec
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import Surroundings, checks_from

Values = t.Mapping[str, t.Any]
# What a caller fills in only later, but a variable of the inventory may use: the facts of docs/platforms.md.
FILLED_IN_LATER: Values = {
    "platform_release": {"id": "", "version": "", "commit": "", "artifact": "", "artifact_sha256": "", "replaces": None},
    "platform_slot": "blue",
    "platform_percent": 0,
    "platform_fencing": 0,
    "platform_analysis": {},
    "platform_keep_warm": True,
}


def known_variables(specs: Values) -> set[str]:
    """Names of all variables that any entry point of a role describes."""
    entries = specs.get("argument_specs", {}).values()
    return {name for entry in entries for name in entry.get("options", {})}


def strangers(given: t.Iterable[str], known: set[str], prefix: str) -> dict[str, str]:
    """Variables with the prefix that nobody described, each with the described name that looks most like it, or ""."""
    unknown = sorted(name for name in given if name.startswith(prefix) and name not in known)
    return {name: next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.6)), "") for name in unknown}


def complaint(role: str, unknown: t.Mapping[str, str]) -> str:
    """One sentence that names each stranger and what was probably meant."""
    named = ", ".join(f"{name} (did you mean {near}?)" if near else name for name, near in unknown.items())
    return f"The role {role} does not know: {named}. Correct or remove it; 'ansible-doc -t role' lists what it knows."


def empty(specs: Values, values: Values) -> list[str]:
    """The required texts that are given, but empty, as when an environment variable is not set. Ansible takes them for given."""
    options = {name: option for entry in specs["argument_specs"].values() for name, option in entry.get("options", {}).items()}
    texts = [name for name, option in options.items() if option.get("required") and option.get("type", "str") == "str"]
    return sorted(name for name in texts if isinstance(values.get(name), str) and not values[name].strip())


def complaint_about_choice(role: str, present: t.Collection[str]) -> str | None:
    """What to say when an inventory chose a platform or database that there is no role for; None when there is one."""
    if role in present:
        return None
    kind, _underscore, chosen = role.partition("_")
    there_are = sorted(name.partition("_")[2] for name in present if name.startswith(f"{kind}_"))
    return f"portal_{kind} is '{chosen}', and there is no role {role}; portal_{kind} may be: {', '.join(there_are)}."


def options_of_call(specs: Values, role: str, entry: str) -> dict[str, t.Any]:
    """What can be checked before the call: all variables of the called role, and those of the portal that the entry point needs."""
    entries = specs["argument_specs"]
    own = {name: option for each in entries.values() for name, option in each.get("options", {}).items() if name.startswith(f"{role}_")}
    needed = {name: option for name, option in entries[entry].get("options", {}).items() if name.startswith("portal_")}
    return {**own, **needed}


def calls_within(tasks: t.Any) -> list[tuple[str, str]]:
    """(role, entry point) of every role of this collection that these tasks include by its name, those in blocks too."""
    found = []
    for task in tasks or []:
        included = task.get("ansible.builtin.include_role") or {}
        collection, _dot, role = str(included.get("name", "")).rpartition(".")
        if collection == "holdfast.webops" and "{{" not in role:
            found.append((role, str(included.get("tasks_from", "main"))))
        found += calls_within([inner for part in ("block", "rescue", "always") for inner in task.get(part) or []])
    return found


def misfits(options: Values, values: Values) -> list[str]:
    """What Ansible will say about these values once the role is called, without secrets."""
    result = ArgumentSpecValidator(dict(options)).validate(plain(values), validate_role_argument_spec=True)
    redact = Redactor(secret for text in strings_in(plain(values)) for secret in derived_secrets(text))
    return [redact(message) for message in result.error_messages]


def wrong_checks(checks: t.Sequence[t.Any], base_url: str) -> list[str]:
    """What health_check would say about these checks, each with the name of its check, without secrets."""
    spec = argument_spec()["checks"]
    validator = ArgumentSpecValidator(spec["options"], required_if=spec.get("required_if"))
    redact = Redactor(secret for text in strings_in(plain(checks)) for secret in derived_secrets(text))
    found, validated = [], []
    for number, check in enumerate(checks, 1):
        if not isinstance(check, dict):
            found.append(f"entry {number} is no check, but {type(check).__name__}.")
            continue
        result = validator.validate(plain(check))
        for secret in result._no_log_values:
            redact.add(str(secret))
        found += [f"the check '{check.get('name', number)}': {message}." for message in result.error_messages]
        validated.append(result.validated_parameters)
    if not found:
        try:
            checks_from(validated, Surroundings(base_url))
        except InputError as exc:
            found.append(str(exc))
    return [redact(text) for text in found]


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _VALID_ARGS = frozenset(("role", "calls", "checks", "base_url"))

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        given, args = task_vars or {}, self._task.args
        role = str(args.get("role") or "")
        if not role:
            raise AnsibleActionFail("role_variables needs the option role: the name of the role that calls it.")
        found = self._unknown(role, given) + self._empty(role, given)
        for call in args.get("calls") or ():
            found += self._wrong_in_call(str(call["role"]), str(call["entry"]), {**given, **(call.get("vars") or {})})
        if not found and args.get("checks"):
            found += self._wrong_checks(args["checks"], str(args.get("base_url") or ""), given)
        if found:
            raise AnsibleActionFail(f"{' '.join(found)} Nothing was touched.")
        result["changed"] = False
        return result

    def _unknown(self, role: str, given: Values) -> list[str]:
        # Facts and registered results of other roles share no prefix with this one; results of a role end in _result.
        names = (name for name in given if not name.endswith("_result"))
        unknown = strangers(names, known_variables(self._specs(role, given)), f"{role}_")
        return [complaint(role, unknown)] if unknown else []

    def _empty(self, role: str, given: Values) -> list[str]:
        specs = self._specs(role, given)
        values, _found = self._worked_out(known_variables(specs), {**FILLED_IN_LATER, **given})
        return [f"{name} is empty; 'ansible-doc -t role' says what it is for." for name in empty(specs, values)]

    def _wrong_in_call(self, role: str, entry: str, given: Values) -> list[str]:
        present = [path.name for path in self._role_path(given).parent.iterdir()]
        if no_role := complaint_about_choice(role, present):
            return [no_role]
        options = options_of_call(self._specs(role, given), role, entry)
        values, found = self._worked_out(options, {**FILLED_IN_LATER, **self._own_values(role, given), **given})
        missing = {name: {**options[name], "required": False} for name in options if name not in values and name in given}
        wrong = misfits({**options, **missing}, values)
        found = self._unknown(role, given) + found + ([f"The variables of the role {role}: {'; '.join(wrong)}."] if wrong else [])
        # A role that builds on another one has that one's variables too.
        deeper = [self._wrong_in_call(other, its_entry, given) for other, its_entry in calls_within(self._tasks(role, entry, given))]
        return found + [sentence for sentences in deeper for sentence in sentences if sentence not in found]

    def _wrong_checks(self, names: t.Sequence[str], base_url: str, given: Values) -> list[str]:
        if not re.match("https?://[^/]", base_url):
            return [f"portal_url is '{base_url}'; write it as https://host[:port]."]
        values, found = self._worked_out(names, given)
        checks = [check for value in values.values() for check in value]
        named = "portal_checks" if values.get(names[0]) == self._worked_out(["portal_checks"], given)[0].get("portal_checks") else names[0]
        return found or [f"{named}: {text}" for text in wrong_checks(checks, base_url)]

    def _worked_out(self, names: t.Iterable[str], given: Values) -> tuple[dict[str, t.Any], list[str]]:
        """The values of variables, and a sentence about each that could not be worked out, as when a part is undefined."""
        values, found = {}, []
        templar = self._templar.copy_with_new_env(available_variables=dict(given))
        for name in names:
            if name in given:
                try:
                    values[name] = plain(templar.template(given[name]))
                except AnsibleError as exc:
                    found.append(f"{name} cannot be worked out: {str(exc).rstrip('.')}.")
        return values, found

    def _own_values(self, role: str, given: Values) -> Values:
        """The defaults of a role that was not called yet."""
        path = self._role_path(given).parent / role / "defaults" / "main.yml"
        return t.cast("Values", self._loader.load_from_file(str(path), trusted_as_template=True) or {}) if path.exists() else {}

    def _specs(self, role: str, given: Values) -> Values:
        path = self._role_path(given).parent / role / "meta" / "argument_specs.yml"
        return t.cast("Values", yaml.safe_load(path.read_text(encoding="utf-8")))

    def _tasks(self, role: str, entry: str, given: Values) -> t.Any:
        return self._loader.load_from_file(str(self._role_path(given).parent / role / "tasks" / f"{entry}.yml"))

    def _role_path(self, task_vars: Values) -> pathlib.Path:
        path = task_vars.get("role_path")
        if not path:
            raise AnsibleActionFail("role_variables is for tasks inside a role; there is no role here.")
        return pathlib.Path(path)
