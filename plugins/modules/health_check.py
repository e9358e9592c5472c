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
  - Runs many checks concurrently in one process (at most 64 at a time, 8 pages, 2 browsers) and gives one verdict, V(healthy),
    V(degraded) or V(critical), with a reason in a sentence for every check.
  - A portal is V(critical) when a check with O(checks[].critical=true) fails, V(degraded) when another check fails, when one warns
    or when all are skipped, and V(healthy) otherwise.
  - Every look is a fresh connection. Each check ends by its own deadline, also when the server never ends its answer, sends one
    byte a second or sends without end; at most 1 MiB of an answer is read.
  - The module can wait until all is healthy, several times in a row.
  - Nothing is changed on what is looked at. HTTP checks send only GET, HEAD or OPTIONS, queries run in a read-only transaction.
    Two kinds of checks are exceptions, and are skipped in check mode; O(checks[].kind=storage) writes a small object and deletes it,
    and O(checks[].kind=command) runs what it is told.
requirements:
  - psycopg (Python library), for checks of O(checks[].kind=postgres) only
  - cryptography (Python library), for checks of O(checks[].kind=tls) only
  - dnspython (Python library), for checks of O(checks[].kind=dns) only
  - jmespath (Python library), for O(checks[].expect_query) only
  - obstore (Python library), for stores on S3 and Azure
  - google-cloud-storage (Python library), for stores on Google Cloud Storage
  - Chromium, for checks of O(checks[].kind=web_vitals), which are skipped without it
extends_documentation_fragment:
  - holdfast.webops.health_checks
attributes:
  check_mode:
    description: Can run in check mode.
    support: partial
    details: Looking changes nothing, so check mode does the same as a real run, except that it writes no O(reports) and skips the
      kinds V(storage) and V(command).
  diff_mode:
    description: Says in diff mode what changed.
    support: none
    details: There is nothing to compare.
options:
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
  groups:
    description:
      - Run only the checks that are in one of these groups, see O(checks[].groups). All checks when empty.
      - A name that no check has is an error that lists the names there are.
    type: list
    elements: str
    default: []
  reports:
    description:
      - Files on the host where the module runs that get the result too, each complete or not at all, readable by all, secrets masked.
      - They are measurements, so each run writes them anew and is not V(changed). Check mode looks and writes none.
      - When one cannot be written, the others are, and the task fails with the verdict in its result.
    type: dict
    suboptions:
      json:
        description: The result as it is returned, and the labels.
        type: path
      junit:
        description:
          - JUnit XML, which CI servers show. A failed check is a failure (its type says whether it is critical), a skipped one is
            skipped, one that warns passes and says so in its output.
        type: path
      prometheus:
        description: Metrics for the textfile collector of node_exporter, in its directory. The name must end in C(.prom).
        type: path
      html:
        description: One page without scripts that loads nothing, what is wrong on top.
        type: path
      history:
        description:
          - The last verdicts as JSON lines. With it RV(since) is known and the page shows the history.
          - A file with anything else in it is refused and left as it is. A lock file C(.lock) stands beside it.
        type: path
      history_length:
        description: How many verdicts the history keeps.
        type: int
        default: 100
      labels:
        description:
          - What the reports say about the portal, such as C(portal) and C(environment). In metrics they are labels, so that files of
            several portals can lie in one directory.
        type: dict
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

- name: Run the smoke tests, and let CI and Prometheus know
  holdfast.webops.health_check:
    checks: "{{ portal_checks }}"
    groups: [smoke]
    reports:
      junit: "{{ lookup('ansible.builtin.env', 'CI_PROJECT_DIR') }}/health.xml"
      prometheus: /var/lib/prometheus/node-exporter/shop_smoke.prom
      html: /var/www/status/shop.html
      history: /var/lib/holdfast/shop.jsonl
      labels: {portal: shop, environment: production}

- name: Look at what surrounds the portal
  holdfast.webops.health_check:
    base_url: https://portal.example.com
    checks:
      - name: certificate
        kind: tls
        host: portal.example.com
        thresholds:
          days_left: {warn: 30, fail: 10}
      - name: headers
        kind: security_headers
        url: /
        policy:
          hsts: {max_age: 31536000, include_subdomains: true}
          headers: {X-Frame-Options: DENY, X-Content-Type-Options: nosniff}
          permissions: {camera: [], microphone: [], geolocation: []}
      - name: home page
        kind: page
        url: /
        thresholds:
          total_ms: {warn: 1000, fail: 2000}
          page_bytes: {fail: 3000000}
      - name: vitals
        kind: web_vitals
        url: /
        timeout: 30
        critical: false
      - name: backups
        kind: backup
        store: s3://portal-backups
        portal: shop
      - name: project
        kind: supabase
        project: abcdefghijklmnopqrst
        access_token: "{{ supabase_access_token }}"

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
started:
  description: When the look began.
  returned: when the options are good
  type: str
  sample: "2026-11-21T22:30:00Z"
since:
  description: Since when the verdict has been the same in every look, by O(reports.history). Null without a history.
  returned: when the options are good
  type: str
  sample: "2026-11-21T22:15:00Z"
reports:
  description: The files that were written, sorted.
  returned: when the options are good
  type: list
  elements: str
  sample: [/var/www/status/shop.html]
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
      description: What kind of check it is.
      returned: always
      type: str
      sample: http
    critical:
      description: Whether its failure makes the verdict V(critical).
      returned: always
      type: bool
      sample: true
    status:
      description: V(pass), V(skipped), V(warn) or V(fail).
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
        - Numbers by name, null where it did not come to that. Which kind has which is said by O(checks[].thresholds).
        - Names that end in C(_ms) are milliseconds. For V(http) they count from the start of the attempt; C(connect_ms) is with TLS,
          C(first_byte_ms) with the headers, and of C(body_bytes) at most 1 MiB is read.
        - Names that end in C(_s), C(_hours) or C(_percent) are seconds, hours and percent.
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
        resolved:
          description: All addresses that the name stood for.
          returned: always
          type: list
          elements: str
          sample: [127.0.0.1]
        certificate_end:
          description: When the certificate of the other side ends. Where certificates are not validated, only V(tls) knows it.
          returned: always
          type: str
          sample: "2027-02-01T12:00:00Z"
        status:
          description: The status of the answer, or the exit code of the program.
          returned: always
          type: int
          sample: 200
        headers:
          description: The telling headers of the answer, and those that were expected, with names in lower case.
          returned: always
          type: dict
          sample: {content-type: application/json}
        body_head:
          description: The first 500 characters of the body, or of the output.
          returned: always
          type: str
          sample: '{"database": "healthy"}'
        value:
          description: What the query gave, the records of a name, the version that answered, or what else the kind looks for, as text.
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
