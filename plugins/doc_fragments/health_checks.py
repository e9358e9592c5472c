# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option `checks` of health_check: what every kind of check has, and what belongs to some kinds only."""

from __future__ import annotations


class ModuleDocFragment:
    """C(holdfast.webops.health_checks) for the module that is made of checks, C(holdfast.webops.health_checks.optional) for others."""

    OPTIONAL: str

    DOCUMENTATION = r"""
options:
  checks:
    description:
      - What to look at. Names must differ.
      - An option that belongs to other kinds of checks only is an error.
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
          - V(security_headers) compares the headers of an answer with a policy.
          - V(tls) looks at a certificate and at the protocols of an encrypted port.
          - V(dns) asks for the records of a name. V(tcp) connects to a port.
          - V(postgres) connects to a database, asks it a question and looks how the server is.
          - V(supabase) asks a Supabase project how its services are.
          - V(storage) writes, reads and deletes a small object in a store.
          - V(backup) looks how old the newest backup is, and the newest one that was proven by a restore.
          - V(backup_policies) looks whether the backups that the ledger remembers are as their policies want them.
          - V(rehearsal) looks how old the last rehearsal of the recovery is that went well, by the ledger.
          - V(page) loads a page and everything it references on its own origin.
          - V(web_vitals) opens a page in a headless Chromium and measures what a user waits for.
          - V(smtp) talks to a mail server and sends no mail.
          - V(command) runs a program on the host where the module runs.
        type: str
        required: true
        choices:
          [http, security_headers, tls, dns, tcp, postgres, supabase, storage, backup, backup_policies, rehearsal, page, web_vitals, smtp,
           command]
      critical:
        description: Whether a failure of this check makes the verdict V(critical); otherwise it makes it V(degraded).
        type: bool
        default: true
      timeout:
        description: How long one attempt may take, from the name resolution to the last byte, in seconds, at most a day.
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
      thresholds:
        description:
          - "Limits on the figures of the check, by figure. Each has C(warn) or C(fail) or both, such as
            C({total_ms: {warn: 800, fail: 2000}})."
          - A figure above its limit warns or fails; those marked (least) do below it. One with a limit that was not measured fails.
          - For V(http) C(connect_ms), C(first_byte_ms), C(total_ms), C(body_bytes) and C(redirects).
          - For V(security_headers) C(total_ms) and C(redirects).
          - For V(tls) C(connect_ms), C(handshake_ms) and C(days_left) (least). Not given, C(days_left) warns under 21 and fails under 7.
          - For V(dns) C(query_ms), C(ttl_s) and C(records) (least).
          - For V(tcp) C(connect_ms).
          - For V(postgres) C(connect_ms), C(query_ms), C(connections_used), C(connections_allowed) (least), C(connections_used_percent),
            C(replication_lag_s), C(replication_lag_bytes), C(oldest_transaction_s), C(wraparound_percent), C(disk_used_percent), and
            C(database_bytes), which is measured only when it has a limit.
          - For V(supabase) C(slowest_ms), C(services) (least) and C(healthy_services) (least).
          - For V(storage) C(write_ms), C(read_ms) and C(delete_ms).
          - For V(backup_policies) C(late) and C(doubtful), numbers of policies. For V(rehearsal) C(good_days); not given, it fails over 35.
          - For V(backup) C(newest_hours), C(proven_hours) and C(backups) (least). Not given, C(newest_hours) fails over 26 and
            C(proven_hours) over 192.
          - For V(page) C(total_ms), C(page_bytes) and C(requests). Not given, C(total_ms) fails over 2000.
          - For V(web_vitals) C(lcp_ms), C(cls), C(inp_ms) and C(fid_ms). Not given, they fail over 2500, 0.1, 200 and 100.
            Also C(images_without_alt), C(fields_without_label) and C(skipped_headings), which have no limits when not given.
          - For V(smtp) C(connect_ms) and C(total_ms), for V(command) C(total_ms).
        type: dict
      groups:
        description: Groups of the check, such as V(smoke) or V(security). M(holdfast.webops.health_check) can run some of them.
        type: list
        elements: str
        default: []
      url:
        description:
          - Where to ask, for V(http), V(security_headers), V(page) and V(web_vitals).
          - A path, such as V(/api/health), is meant on O(base_url).
          - A user and password in it are sent as basic authentication and are masked in the result.
          - The proxy settings of the environment are not used, so that the answer is the server's own.
        type: str
      method:
        description: The method of the request, for V(http). V(GET) when not given.
        type: str
        choices: [GET, HEAD, OPTIONS]
      headers:
        description:
          - Headers of the request, for V(http), V(security_headers), V(page) and V(web_vitals).
          - They can be read in logs, so a header that holds a secret is refused here.
        type: dict
      secret_headers:
        description:
          - Headers of the request whose values are masked everywhere, for V(http), V(security_headers), V(page) and V(web_vitals).
            A short or common word would be masked in every other place too.
          - After a redirect to another scheme, host or port they are not sent any more.
        type: dict
      follow_redirects:
        description: Whether to follow at most 5 redirects, for V(http), V(security_headers) and V(page). V(true) when not given.
        type: bool
      validate_certs:
        description:
          - Whether the certificate must be good for the host, for V(http), V(security_headers), V(page), V(web_vitals), V(supabase) and
            V(smtp). V(true) when not given.
        type: bool
      ca_file:
        description:
          - File in PEM with the certificates to trust instead of the system's, for V(http), V(security_headers), V(page), V(tls),
            V(supabase) and V(smtp).
        type: path
      client_cert:
        description:
          - File in PEM with the certificate to show to the server, and those above it, for V(http), V(security_headers), V(page), V(tls)
            and V(smtp). It may hold the key too.
        type: path
      client_key:
        description: File in PEM with the key of O(checks[].client_cert), for V(http), V(security_headers), V(page), V(tls) and V(smtp).
        type: path
      expect_status:
        description: The statuses that are good, for V(http). Only V(200) when not given.
        type: list
        elements: int
      expect_body:
        description: A text that the body must contain, for V(http), or the output, for V(command).
        type: str
      expect_regex:
        description: A Python regular expression that must match somewhere in the body, for V(http), or in the output, for V(command).
        type: str
      expect_json:
        description:
          - What the body, read as JSON, must hold, for V(http). The keys are dotted paths, a number is a place in a list.
          - Types count, so V(1) is not V("1").
        type: dict
      expect_query:
        description:
          - What JMESPath expressions must give on the body, read as JSON, for V(http), such as 0 for
            C(length(services[?status!='up'])). Needs the library C(jmespath).
        type: dict
      expect_headers:
        description: Headers that the answer must have, with exactly these values, for V(http).
        type: dict
      expect_version:
        description:
          - The version or commit that must answer, for V(http). A short commit (7 hexadecimal digits or more) is the same as its long form.
        type: str
      version_from:
        description:
          - Where the answer names its version, for V(http), V(header:NAME) or V(json:dotted.path). V(json:version) when not given.
        type: str
      policy:
        description:
          - What the headers must carry out, for V(security_headers). What is not given is not looked at.
          - C(hsts) has C(max_age) (the least, in seconds), C(include_subdomains) and C(preload).
          - C(headers) maps names of headers to their values, compared without regard to case.
          - C(permissions) maps features to the list of those who may use them; an empty list forbids it.
          - C(csp) maps each directive of the Content-Security-Policy to its sources. Nothing more may be allowed, and nothing less.
          - C(cors) has C(origins), C(methods), C(headers) and C(credentials). Each origin is tried with a preflight, and one that is
            not among them, which must be refused.
          - C(absent) lists headers that must not be sent.
        type: dict
      host:
        description:
          - The name or address to connect to, for V(tls), V(tcp) and V(smtp).
          - The name to ask for, for V(dns).
        type: str
      port:
        description:
          - The port to connect to, for V(tcp), V(tls) (V(443) when not given), V(smtp) (by O(checks[].encryption) V(587), V(465) or
            V(25)) and V(dns) (that of O(checks[].nameserver), V(53)).
        type: int
      server_name:
        description:
          - The name to ask for in the handshake, which the certificate must be good for, for V(tls). O(checks[].host) when not given.
        type: str
      expect_names:
        description: Further names that the certificate must be good for, for V(tls).
        type: list
        elements: str
      minimum_protocol:
        description:
          - The oldest protocol that may be spoken, for V(tls). What is older is offered and must be refused. V(TLSv1.2) when not given.
        type: str
        choices: [TLSv1.2, TLSv1.3]
      record_type:
        description: Which records to ask for, for V(dns). V(A) when not given.
        type: str
        choices: [A, AAAA, CAA, CNAME, MX, NS, PTR, SOA, SRV, TXT]
      nameserver:
        description: The address of the server to ask, for V(dns). Those of the host when not given.
        type: str
      expect_records:
        description:
          - Records that must be there, for V(dns), written as in a zone file. Case and final dots do not matter; the strings of a TXT
            record are one text.
        type: list
        elements: str
      only_expected:
        description: Whether a record beyond O(checks[].expect_records) is an error, for V(dns).
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
      project:
        description: The ref of the project (20 lower-case letters), for V(supabase).
        type: str
      api_url:
        description: Where the management API is, for V(supabase). V(https://api.supabase.com) when not given.
        type: str
      access_token:
        description: A token for the management API, for V(supabase). With it the project's state and O(checks[].services) are asked for.
        type: str
      services:
        description:
          - Services that the management API must call healthy, for V(supabase). When not given C(auth), C(db), C(pooler), C(realtime),
            C(rest) and C(storage).
        type: list
        elements: str
        choices: [auth, db, db_postgres_user, pg_bouncer, pooler, realtime, rest, storage]
      project_url:
        description: Where the project's own endpoints are, for V(supabase). V(https://REF.supabase.co) when not given.
        type: str
      api_key:
        description: A key of the project, for V(supabase). With it O(checks[].endpoints) are asked.
        type: str
      endpoints:
        description: Endpoints of the project to ask, for V(supabase). All when not given.
        type: list
        elements: str
        choices: [auth, realtime, rest, storage]
      rest_table:
        description:
          - A table to ask the REST endpoint for, without rows, for V(supabase). When not given, its description is asked for, which
            needs a secret key.
        type: str
      store:
        description:
          - The object store, for V(storage) and V(backup), and that of the ledger for V(backup_policies) and V(rehearsal).
          - A URL as the modules for backups know it, such as V(s3://bucket/prefix).
        type: str
      store_options:
        description:
          - How to reach the store, for V(storage), V(backup), V(backup_policies) and V(rehearsal). A V(file://) store takes none.
          - The modules for backups describe these options in full.
        type: dict
        suboptions:
          endpoint:
            description: URL of the server. Left out, it is the service itself.
            type: str
          region:
            description: For V(s3://), region of the bucket. Left out, it comes from the environment.
            type: str
          access_key_id:
            description: For V(s3://), name of the access key. Left out, the environment or the role of the host is used.
            type: str
          secret_access_key:
            description: For V(s3://), secret part of the access key.
            type: str
          session_token:
            description: For V(s3://), the token that belongs to a temporary access key.
            type: str
          account:
            description: For V(az://), name of the storage account. Left out, it comes from the environment.
            type: str
          account_key:
            description: For V(az://), a key of the account. Left out, the environment or the identity of the host is used.
            type: str
          sas_token:
            description: For V(az://), a shared access signature.
            type: str
          service_account_file:
            description: For V(gs://), path of a service account's key. Left out, Application Default Credentials are used.
            type: path
          service_account_key:
            description: For V(gs://), the text of that file.
            type: str
          token:
            description: For V(vercel-blob://), the store's read-write token. Left out, it comes from E(BLOB_READ_WRITE_TOKEN).
            type: str
          allow_http:
            description: Allow an endpoint without encryption, as a server on the same host may have.
            type: bool
            default: false
          storage_class:
            description: Not used by checks.
            type: str
          server_side_encryption:
            description: For V(s3://), how the service encrypts what is written.
            type: str
            choices: [AES256, aws:kms, aws:kms:dsse]
          kms_key_id:
            description: For V(s3://) and V(gs://), the key of the provider's key service to encrypt with.
            type: str
          lock_days:
            description: Not used by checks.
            type: int
          lock_mode:
            description: Not used by checks.
            type: str
            choices: [governance, compliance]
      portal:
        description: The name under which the backups were made, for V(backup) and V(backup_policies), and of the ledger for V(rehearsal).
        type: str
      require_proof:
        description: Whether one of the backups must have been proven by a restore, for V(backup). V(true) when not given.
        type: bool
      policies:
        description: What is judged, for V(backup_policies), as O(holdfast.webops.backup_status#module:policies).
        type: list
        elements: dict
        suboptions:
          policy:
            description: Name of the policy.
            type: str
            required: true
          kind:
            description: What it backs up.
            type: str
            choices: [database, objects, configuration]
            required: true
          part:
            description: Which of several buckets.
            type: str
            default: ""
          late_hours:
            description: The newest good backup must be younger.
            type: float
          proof_hours:
            description: The newest proof must be younger.
            type: float
          grew:
            description: How many times as large as usual a backup may be.
            type: float
            default: 3.0
          shrank:
            description: Which part of the usual size it may be.
            type: float
            default: 0.5
          of_last:
            description: How many backups before it count.
            type: int
            default: 7
      browser:
        description:
          - The browser to start, for V(web_vitals). When not given, the first of the usual names of Chromium on E(PATH), and where there
            is none, the check is V(skipped).
        type: path
      encryption:
        description:
          - How the connection is encrypted, for V(smtp). V(starttls) begins in the clear and must be offered, V(implicit) is TLS from the
            first byte. V(starttls) when not given.
        type: str
        choices: [implicit, none, starttls]
      username:
        description: Who logs in, for V(smtp). Nobody when not given.
        type: str
      password:
        description: The password of O(checks[].username), for V(smtp).
        type: str
      command:
        description: The program and its arguments, for V(command). It gets no shell and a closed input. It is not run in check mode.
        type: list
        elements: str
      expect_rc:
        description: The exit codes that are good, for V(command). Only V(0) when not given.
        type: list
        elements: int
      environment:
        description: Environment variables for the program, for V(command). Their values are masked everywhere.
        type: dict
"""


# For modules that do something else, and look besides. Outside of the class, where ansible-test expects literals only.
ModuleDocFragment.OPTIONAL = ModuleDocFragment.DOCUMENTATION.replace("    elements: dict\n    required: true\n", "    elements: dict\n", 1)
