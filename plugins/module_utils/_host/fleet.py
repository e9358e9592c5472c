# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several web hosts and several routers as one platform: what their modules said, put together. Pure.

`results` is what Ansible registers for a loop over hosts: one entry for each, with the name of the host in `item`.
The first router is the primary: it decides. Where hosts disagree, the sentence that says so is part of the status, and the
status is one that no deploy takes for finished.
"""

from __future__ import annotations

import typing as t

Result = t.Mapping[str, t.Any]
SLOTS = ("blue", "green")
_SAME_EVERYWHERE = ("release_id", "version", "commit", "artifact_sha256")


def unreached(results: t.Sequence[Result], host: str = "The primary router") -> str:
    """A sentence about the hosts that could not be reached, or were only seemingly; empty when all were.

    `host`: what a result without `item` is about.
    """
    away = [result for result in results if result.get("unreachable")]
    said = [f"{result.get('item', host)} cannot be reached: {_first_line(result)}" for result in away]
    return " ".join([*said, *_reached_under_two_names(results)])


def _reached_under_two_names(results: t.Sequence[Result]) -> list[str]:
    """Ansible renders `ansible_host: "{{ inventory_hostname }}.example.org"` of a delegated host with the name of the portal's host."""
    names: dict[str, str] = {}
    said = []
    for result in results:
        machine, name = result.get("machine"), result.get("item", "")
        if machine and names.setdefault(machine, name) != name:
            said.append(
                f"{name} was not reached: its connection leads to the machine of {names[machine]}. Write its ansible_host out; "
                "in a delegated task, inventory_hostname is the portal's host."
            )
    return sorted(set(said))


def failure_reason(result: Result) -> str:
    """Why a task failed; for a loop, what its failed items said, with their hosts when there are several."""
    items = result.get("results")
    if not isinstance(items, list):
        return str(result.get("msg") or result.get("reason") or "the task gave no reason")
    failed = [item for item in items if item.get("failed") or item.get("unreachable")]
    named = [f"{_looped(item)}{failure_reason(item)}" if len(items) > 1 else failure_reason(item) for item in failed]
    return " ".join(named) or str(result.get("msg") or "the task gave no reason")


def _looped(item: Result) -> str:
    """What the round of a loop was about, to be said before its reason; nothing where it has no short name."""
    name = item.get(item.get("ansible_loop_var") or "item")
    return f"{name}: " if isinstance(name, str) else ""


def platform_status(results: t.Sequence[Result], routers: t.Sequence[str]) -> dict[str, t.Any]:
    """The fact `platform_status` of docs/platforms.md from what the hosts said of their slots and routers; the first router is primary."""
    web = [result for result in results if result.get("slots")]
    routing = {result["item"]: result for result in results if result.get("router")}
    first, *others = (routing[host] for host in routers)
    primary = first["router"]
    odd = [result for result in others if result["router"]["weights"] != primary["weights"]]
    return {
        "live_slot": primary["live_slot"],
        "idle_slot": primary["idle_slot"],
        "weights": odd[0]["router"]["weights"] if odd else primary["weights"],
        "slots": {slot: _slot([result["slots"][slot] for result in web]) for slot in SLOTS},
        "servers": primary["servers"],
        "fence": max(result["router"]["fence"] for result in (first, *others)),
        "rolled_back": primary["rolled_back"],
        "disagreements": [*_routers_disagree(first, odd), *_web_hosts_disagree(web)],
    }


def _slot(found: t.Sequence[Result]) -> dict[str, t.Any]:
    """A slot on all web hosts: it holds a release when all of them hold it, and runs when it runs everywhere."""
    first = dict(found[0])
    if any(_held(one) != _held(first) for one in found):
        first.update(dict.fromkeys(_SAME_EVERYWHERE))
    states = {one["state"] for one in found}
    first["state"] = states.pop() if len(states) == 1 else "stopped"
    return first


def _held(slot: Result) -> tuple[t.Any, ...]:
    return tuple(slot.get(name) for name in _SAME_EVERYWHERE)


def _routers_disagree(primary: Result, odd: t.Sequence[Result]) -> list[str]:
    return [
        f"The router {result['item']} gives green {_green(result)}, the primary {primary['item']} gives it {_green(primary)}."
        for result in odd
    ]


def _green(result: Result) -> str:
    weights = result["router"]["weights"]
    return f"{weights['green']} %" if weights else "nothing, for it was never provisioned"


def _web_hosts_disagree(web: t.Sequence[Result]) -> list[str]:
    said = []
    for slot in SLOTS:
        held = {result["item"]: result["slots"][slot]["release_id"] or "nothing" for result in web}
        if len(set(held.values())) > 1:
            said.append(f"{slot} holds {', '.join(f'{release} on {host}' for host, release in held.items())}.")
    return said


def _first_line(result: Result) -> str:
    lines = str(result.get("msg") or "no reason was given").strip().splitlines()
    # Newer ansible-cores begin so.
    return f"{lines[0].removeprefix('Task failed: ').rstrip('.')}."
