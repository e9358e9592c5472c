# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a look as JUnit XML, so that a CI server shows checks as it shows tests.

Written after what CI servers accept, which is Jenkins' junit-10.xsd: a failed check is a failure (its type says whether
it is critical), a skipped one is skipped, one that warns passes and says so in its output.
"""

from __future__ import annotations

import json
import re
import typing as t
import xml.etree.ElementTree as ET

# XML 1.0 can hold no other characters, not even escaped.
_IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(seen: t.Mapping[str, t.Any]) -> str:
    """One suite with one case for each check."""
    checks, seconds = seen["checks"], f"{seen['waited_s']:.3f}"
    failures = sum(check["status"] == "fail" for check in checks)
    counts = {"tests": str(len(checks)), "failures": str(failures), "errors": "0"}
    name = ".".join(["health", *seen["labels"].values()])
    suites = ET.Element("testsuites", {"name": _text(name), **counts, "time": seconds})
    skipped = str(sum(check["status"] == "skipped" for check in checks))
    about = {"name": _text(name), **counts, "skipped": skipped, "time": seconds, "timestamp": seen["started"]}
    suite = ET.SubElement(suites, "testsuite", about)
    _add_properties(suite, {**seen["labels"], "verdict": seen["verdict"], "summary": seen["summary"], "rounds": seen["rounds"]})
    for check in checks:
        _add_case(suite, name, check)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _add_properties(suite: ET.Element, properties: t.Mapping[str, t.Any]) -> None:
    container = ET.SubElement(suite, "properties")
    for name, value in properties.items():
        ET.SubElement(container, "property", {"name": name, "value": _text(value)})


def _add_case(suite: ET.Element, suite_name: str, check: t.Mapping[str, t.Any]) -> None:
    about = {
        "name": _text(check["name"]),
        "classname": _text(f"{suite_name}.{check['kind']}"),
        "time": f"{check['duration_ms'] / 1000:.3f}",
    }
    case = ET.SubElement(suite, "testcase", about)
    if check["status"] == "fail":
        kind = "critical" if check["critical"] else "not critical"
        ET.SubElement(case, "failure", {"type": kind, "message": _text(check["reason"])}).text = _text(check["reason"])
    elif check["status"] == "skipped":
        ET.SubElement(case, "skipped", {"message": _text(check["reason"])})
    ET.SubElement(case, "system-out").text = _text(_output(check))


def _output(check: t.Mapping[str, t.Any]) -> str:
    known = {**check["figures"], **check["evidence"]}
    details = {"attempts": check["attempts"], **{name: value for name, value in known.items() if value is not None}}
    return f"{check['status']}: {check['reason']}\n{json.dumps(details, indent=2, sort_keys=True, ensure_ascii=False)}"


def _text(value: t.Any) -> str:
    return _IMPOSSIBLE.sub("\ufffd", str(value))
