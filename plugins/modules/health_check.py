#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: health_check
short_description: Look at many things at once and say whether a portal is healthy
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Runs many checks concurrently in one process (at most 64 at a time) and gives one verdict, V(healthy), V(degraded) or
    V(critical), with a reason in a sentence for every check.
  - A portal is V(critical) when a check with O(checks[].critical=true) fails, V(degraded) when another check fails or one is
    slower than its O(checks[].warn_over_ms), and V(healthy) otherwise.
  - Every look is a fresh connection. Each check ends by its own deadline, also when the server never ends its answer, sends one
    byte a second or sends without end; at most 1 MiB of an answer is read.
  - The module can wait until all is healthy, several times in a row.
  - Nothing is changed on what is looked at. HTTP checks send only GET, HEAD or OPTIONS, queries run in a read-only transaction.
requirements:
  - psycopg (Python library), for checks of O(checks[].kind=postgres) only
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Looking changes nothing, so check mode does the same as a real run.
  diff_mode:
    description: Says in diff mode what changed.
    support: none
    details: There is nothing to compare.
options:
  checks:
    description:
      - What to look at. Names must differ.
      - An option that belongs to another kind of check is an error.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the check is called in the result.
        type: str
        required: true
      kind:
        description:
          - V(http) asks a URL and judges the answer.
          - V(postgres) connects to a database and asks it a question.
          - V(tcp) connects to a port.
        type: str
        required: true
        choices: [http, postgres, tcp]
      critical:
        description: Whether a failure of this check makes the verdict V(critical); otherwise it makes it V(degraded).
        type: bool
        default: true
      timeout:
        description: How long one attempt may take, from the name resolution to the last byte, in seconds.
        type: float
        default: 10.0
      retries:
        description: How many further attempts a failed check gets, half a second apart.
        type: int
        default: 0
      warn_over_ms:
        description: A check that passes but took longer than this warns, in milliseconds.
        type: float
      fail_over_ms:
        description: A check that took longer than this fails, in milliseconds.
        type: float
      url:
        description:
          - Where to ask, for V(http). A path, such as V(/api/health), is meant on O(base_url).
          - A user and password in it are sent as basic authentication and are masked in the result.
          - The proxy settings of the environment are not used, so that the answer is the server's own.
        type: str
      method:
        description: The method of the request, for V(http). V(GET) when not given.
        type: str
        choices: [GET, HEAD, OPTIONS]
      headers:
        description: Headers of the request, for V(http). They can be read in logs, so a header that holds a secret is refused here.
        type: dict
      secret_headers:
        description:
          - Headers of the request whose values are masked everywhere, for V(http). A short or common word would be masked in
            every other place too.
          - After a redirect to another scheme, host or port they are not sent any more.
        type: dict
      expect_status:
        description: The statuses that are good, for V(http). Only V(200) when not given.
        type: list
        elements: int
      expect_body:
        description: A text that the body must contain, for V(http).
        type: str
      expect_regex:
        description: A Python regular expression that must match somewhere in the body, for V(http).
        type: str
      expect_json:
        description:
          - What the body, read as JSON, must hold, for V(http). The keys are dotted paths, a number is a place in a list.
          - Types count, so V(1) is not V("1").
        type: dict
      expect_headers:
        description: Headers that the answer must have, with exactly these values, for V(http).
        type: dict
      follow_redirects:
        description: Whether to follow at most 5 redirects, for V(http). V(true) when not given.
        type: bool
      validate_certs:
        description: Whether the certificate must be good for the host, for V(http). V(true) when not given.
        type: bool
      database_url:
        description: Where the database is, for V(postgres). V(postgresql://user:password@host:port/database).
        type: str
      query:
        description: What to ask, for V(postgres). It runs in a read-only transaction. V(select 1) when not given.
        type: str
      expect_value:
        description: What the first column of the first row must be, for V(postgres), compared as text.
        type: raw
      host:
        description: A name or an address, for V(tcp).
        type: str
      port:
        description: The port to connect to, for V(tcp).
        type: int
  base_url:
    description: Where an O(checks[].url) that is a path is meant.
    type: str
  headers:
    description: Headers for the checks that give a path. A check's own headers win.
    type: dict
  secret_headers:
    description: As O(headers), but masked wherever they could be read. They are sent to O(base_url) alone.
    type: dict
  wait_until_healthy:
    description: Repeat until the verdict is V(healthy) or O(wait_timeout) is over.
    type: bool
    default: false
  wait_timeout:
    description: How long to wait at most, in seconds. No check goes on beyond it.
    type: float
    default: 60.0
  interval:
    description: The pause between two rounds of checks, in seconds.
    type: float
    default: 1.0
  consecutive:
    description:
      - How many rounds in a row must be healthy for O(wait_until_healthy=true).
      - The verdict is then that of the worst of the last so many rounds; when time was too short for them, it is not V(healthy).
    type: int
    default: 1
  fail_on:
    description: The mildest verdict that makes the task fail. The result is the same either way.
    type: str
    default: critical
    choices: [critical, degraded, never]
seealso:
  - name: What is healthy
    description: The guide with the reference of kinds.
    link: https://github.com/holdfast-webops/holdfast.webops/blob/main/docs/guides/health.md
"""

EXAMPLES = r"""
- name: Look at a portal and its database
  holdfast.webops.health_check:
    checks:
      - name: app
        kind: http
        url: https://cleanstation.example.com/
        warn_over_ms: 2000
      - name: api
        kind: http
        url: https://cleanstation.example.com/api/health
        expect_json:
          database: healthy
      - name: database
        kind: postgres
        database_url: "{{ portal_database_url }}"
        query: select count(*) > 0 from profiles
        expect_value: true
      - name: mail
        kind: tcp
        host: smtp.example.com
        port: 587
        critical: false

- name: Wait until the new release answers, three times in a row, before users see it
  holdfast.webops.health_check:
    base_url: http://127.0.0.1:8080
    secret_headers:
      X-Preview-Token: "{{ preview_token }}"
    checks:
      - name: version
        kind: http
        url: /api/health
        timeout: 2
        expect_headers:
          X-Portal-Version: "1.1"
    wait_until_healthy: true
    wait_timeout: 30
    consecutive: 3

- name: Ask for the verdict without failing
  holdfast.webops.health_check:
    checks:
      - {name: app, kind: http, url: "https://portal.example.com/"}
    fail_on: never
  register: health
"""

RETURN = r"""
verdict:
  description: V(healthy), V(degraded) or V(critical).
  returned: when the options are good
  type: str
  sample: degraded
summary:
  description: The verdict in a sentence, with what is wrong.
  returned: when the options are good
  type: str
  sample: "degraded: 3 of 4 checks passed. mail: Nothing listens at smtp.example.com:587 (connection refused)."
rounds:
  description: How many times all checks were run.
  returned: when the options are good
  type: int
  sample: 3
waited_s:
  description: How long it took altogether, in seconds.
  returned: when the options are good
  type: float
  sample: 2.4
checks:
  description: Every check, sorted by name. Of several rounds that count, the worst result of each check.
  returned: when the options are good
  type: list
  elements: dict
  contains:
    name:
      description: The name of the check.
      returned: always
      type: str
      sample: api
    kind:
      description: V(http), V(postgres) or V(tcp).
      returned: always
      type: str
      sample: http
    critical:
      description: Whether its failure makes the verdict V(critical).
      returned: always
      type: bool
      sample: true
    status:
      description: V(pass), V(warn) or V(fail).
      returned: always
      type: str
      sample: pass
    reason:
      description: What was seen or what is wrong, in a sentence.
      returned: always
      type: str
      sample: Answered 200 in 12 ms.
    attempts:
      description: How many attempts were made.
      returned: always
      type: int
      sample: 1
    duration_ms:
      description: How long the last attempt took, in milliseconds.
      returned: always
      type: int
      sample: 12
    figures:
      description:
        - Numbers by name, null where it did not come to that. Names that end in C(_ms) are milliseconds from the start of the attempt.
        - For V(http) C(connect_ms) (with TLS), C(first_byte_ms) (with the headers), C(total_ms), C(body_bytes) (at most 1 MiB is
          read) and C(redirects).
        - For V(postgres) C(connect_ms), and C(query_ms) for the query alone.
        - For V(tcp) C(connect_ms).
      returned: always
      type: dict
      sample: {connect_ms: 0.4, first_byte_ms: 11.2, total_ms: 11.9, body_bytes: 64, redirects: 0}
    evidence:
      description: What came back, secrets masked. Null where it did not come to that, or the kind has no such thing.
      returned: always
      type: dict
      contains:
        address:
          description: The address and port that were connected to.
          returned: always
          type: str
          sample: 127.0.0.1:8080
        status:
          description: The status of the answer.
          returned: always
          type: int
          sample: 200
        headers:
          description: The telling headers of the answer, and those that were expected, with names in lower case.
          returned: always
          type: dict
          sample: {content-type: application/json}
        body_head:
          description: The first 500 characters of the body.
          returned: always
          type: str
          sample: '{"database": "healthy"}'
        value:
          description: What the query gave, as text.
          returned: always
          type: str
          sample: "true"
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._health.arguments import argument_spec
from ansible_collections.holdfast.webops.plugins.module_utils._health.watch import health_check


def main() -> None:
    run_module(health_check, argument_spec=argument_spec(), supports_check_mode=True)


if __name__ == "__main__":
    main()
