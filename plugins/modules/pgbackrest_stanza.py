#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pgbackrest_stanza
short_description: Let a PostgreSQL cluster archive its WAL with pgBackRest
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Configures pgBackRest for one cluster, creates its stanza, lets PostgreSQL archive into all repositories, and sees that WAL arrives.
  - The wanted configuration is tried before it is written. A repository that cannot be read is refused while nothing was touched.
  - Writes a file of its own in C(/etc/pgbackrest/conf.d) and one in the cluster's C(conf.d); what else is configured stays as it is.
  - PostgreSQL is restarted only where C(archive_mode) or C(wal_level) has to change, which needs that.
  - Runs as root on the host of the database, for clusters as Debian and Ubuntu lay them out. The package pgbackrest must be installed.
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Reads the repositories as well, and refuses what a real run would refuse.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows the configuration without its secrets, and says which of them are others.
options:
  stanza:
    description: The name of the cluster in the repositories.
    type: str
    required: true
  cluster:
    description: The cluster, as Debian names it, such as V(15/main). Empty is the only one of the host.
    type: str
    default: ""
  repositories:
    description: Where backups and WAL go, each a complete copy. The first one is C(repo1).
    type: list
    elements: dict
    required: true
    suboptions:
      type:
        description: V(posix) is a folder, also on a mounted file system. V(s3) is S3 or a server that speaks it, by TLS.
        type: str
        choices: [posix, s3]
        default: posix
      path:
        description: The folder, or the prefix in the bucket. It begins with C(/).
        type: str
        required: true
      bucket:
        description: For V(s3), the bucket, which must exist.
        type: str
      endpoint:
        description: For V(s3), name of the server.
        type: str
      region:
        description: For V(s3), the region.
        type: str
      key:
        description: For V(s3), the access key.
        type: str
      key_secret:
        description: For V(s3), the secret access key.
        type: str
      uri_style:
        description: For V(s3), whether the bucket is part of the server's name (V(host)) or of the path.
        type: str
        choices: [host, path]
        default: host
      port:
        description: For V(s3), the port. Left out, it is 443.
        type: int
      ca_file:
        description: For V(s3), certificates of those who may vouch for the server. Left out, it is the system's.
        type: path
      verify_tls:
        description: For V(s3), whether the server's certificate is looked at.
        type: bool
        default: true
      cipher_pass:
        description:
          - Passphrase with which everything in the repository is encrypted (AES-256-CBC).
          - It cannot be changed later, and nobody can restore without it.
          - It is kept in the configuration file, for root and the group of the cluster's owner.
        type: str
      retention_full:
        description: How many full backups, or the full backups of how many days, are kept with what depends on them.
        type: int
        default: 2
      retention_full_type:
        description: What O(repositories[].retention_full) counts, backups or days (V(time)).
        type: str
        choices: [count, time]
        default: count
      retention_diff:
        description: How many differential backups are kept. Left out, they stay as long as their full backup.
        type: int
      options:
        description: More options of the repository, by their names in pgBackRest's manual without C(repoN-). Not for secrets.
        type: dict
        default: {}
  options:
    description: More options of pgBackRest for this stanza, such as C(process-max) and C(compress-type). Not for secrets.
    type: dict
    default: {}
  archive_timeout:
    description: How long a change waits at most until its WAL is archived, in seconds.
    type: int
    default: 300
  restart:
    description: Whether PostgreSQL may be restarted. If not, and it has to be, nothing is archived before somebody does.
    type: bool
    default: true
  schedule:
    description: When backups are made. Nothing is scheduled here; RV(schedules) is what M(holdfast.webops.host_schedule) needs for that.
    type: list
    elements: dict
    default: []
    suboptions:
      type:
        description: Kind of the backup.
        type: str
        choices: [full, diff, incr]
        required: true
      calendar:
        description: When, as in a crontab with five fields.
        type: str
        required: true
      jitter:
        description: The backup begins up to so many seconds later, by chance.
        type: int
        default: 900
      timeout:
        description: Seconds after which it is ended.
        type: int
        default: 86400
seealso:
  - module: holdfast.webops.pg_recovery_points
  - module: holdfast.webops.pgbackrest_restore
  - module: holdfast.webops.host_schedule
"""

EXAMPLES = r"""
- name: Archive the shop's WAL here and far away
  holdfast.webops.pgbackrest_stanza:
    stanza: shop
    repositories:
      - path: /var/lib/pgbackrest
        cipher_pass: "{{ vault_repository_passphrase }}"
      - type: s3
        path: /shop
        bucket: shop-wal
        endpoint: s3.eu-west-1.amazonaws.com
        region: eu-west-1
        key: "{{ vault_s3_key }}"
        key_secret: "{{ vault_s3_secret }}"
        cipher_pass: "{{ vault_repository_passphrase }}"
        retention_full: 30
        retention_full_type: time
    schedule:
      - {type: full, calendar: "0 1 * * sun"}
      - {type: diff, calendar: "0 1 * * mon-sat"}
  register: stanza

- name: Make backups by the clock
  holdfast.webops.host_schedule:
    group: pgbackrest-shop
    user: postgres
    directory: /var/spool/pgbackrest
    schedules: "{{ stanza.schedules }}"
"""

RETURN = r"""
cluster:
  description: The cluster.
  returned: success
  type: str
  sample: 15/main
stanza:
  description: The stanza.
  returned: success
  type: str
  sample: shop
restarted:
  description: Whether PostgreSQL was restarted, or would be in check mode.
  returned: success
  type: bool
  sample: false
restart_needed:
  description: Whether somebody has to restart it, because O(restart=false).
  returned: success
  type: bool
  sample: false
backups:
  description: Labels of the backups that are there, of all repositories.
  returned: success
  type: list
  elements: str
  sample: [20261122-010002F]
owner:
  description: The user whom the cluster belongs to, who makes the backups.
  returned: success
  type: str
  sample: postgres
first_backups:
  description: Those of RV(schedules) that make a full backup for a repository without any.
  returned: success
  type: list
  elements: str
  sample: [pgbackrest-shop-full-repo1]
schedules:
  description: O(schedule), for M(holdfast.webops.host_schedule), one for each kind of backup and repository. Backups wait for each other.
  returned: success
  type: list
  elements: dict
  sample:
    - name: pgbackrest-shop-full-repo1
      description: full backup of shop to repository 1
      command: [/usr/bin/flock, /etc/pgbackrest/conf.d/holdfast-shop.conf, /usr/bin/pgbackrest, --stanza=shop, --repo=1, --type=full,
                backup]
      calendar: 0 1 * * sun
      jitter: 900
      timeout: 86400
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.stanza import ARGUMENTS, reconcile_stanza


def main() -> None:
    run_module(reconcile_stanza, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
