# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the migration modules have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """C(holdfast.webops.migrations): the options of a module that runs migrations."""

    DOCUMENTATION = r"""
options:
  remote_src:
    description: Whether O(migrations_dir) and O(rollback_dir) are on the target instead of the controller.
    type: bool
    default: false
  contents:
    description:
      - The contents of the files in base64 by their names, under the keys C(migrations) and C(rollback).
      - The controller fills it in where O(remote_src=false). It is not meant to be written in a playbook.
    type: dict
  state:
    description:
      - V(applied) runs what is pending.
      - V(rolled_back) takes back every migration newer than O(to), newest first, each by its rollback script. Nothing is taken back
        when one of the scripts is missing.
      - V(baselined) records O(versions), or everything up to O(to), as applied without running anything, for a database that already
        has what these migrations make.
      - V(repaired) makes O(versions) pending again without running anything; what a journal knows of them is forgotten.
    type: str
    choices: [applied, rolled_back, baselined, repaired]
    default: applied
  to:
    description:
      - With O(state=rolled_back), the version that shall be the newest one afterwards. It must be in the history. V(0) takes
        everything back.
      - With O(state=baselined), the newest version to record.
    type: str
  versions:
    description: The versions that O(state=baselined) or O(state=repaired) is about.
    type: list
    elements: str
  phase:
    description:
      - Which of the pending migrations run with O(state=applied).
      - 'A file belongs to V(post_deployment) when the comment C(-- holdfast: phase=post_deployment) stands in a line before its first
        statement, else to V(pre_deployment). After it the line is an error.'
      - V(pre_deployment) is what the code that is still live survives, and runs before new code gets traffic. V(post_deployment) runs
        when no old code is left.
    type: str
    choices: [pre_deployment, post_deployment, all]
    default: all
  lock_wait:
    description:
      - How long to wait for another run on the same database to end, in seconds. V(0) does not wait.
      - Also how long C(CREATE INDEX CONCURRENTLY) and its kind wait for other transactions to end. They keep nobody waiting meanwhile.
    type: float
    default: 60.0
  lock_timeout:
    description:
      - How long a statement waits for a lock, in seconds. Whoever comes later waits behind it, so this bounds what others notice.
      - When the time is over, the file is rolled back and tried again, see O(lock_retries).
    type: float
    default: 4.0
  lock_retries:
    description:
      - How often a step is tried again that found no lock in time, or was the victim of a deadlock.
      - The pause before it is 1 second at first, and each time twice as long, up to 30 seconds.
    type: int
    default: 5
  statement_timeout:
    description: How long a statement may run, in seconds. V(0) sets no limit.
    type: float
    default: 0.0
  lint:
    description:
      - What to do when a pending migration would harm a portal in use, such as by keeping everybody waiting while a large table is
        rewritten, or by dropping what the live release still uses. The guide on schema changes lists the rules.
      - V(fail) runs nothing. V(warn) says so and goes on. V(off) does not look.
      - A statement counts only where its table was there before this run, and, but for what drops or renames, only where the table has
        O(lint_min_rows) rows.
      - 'The line C(-- holdfast: lint-ignore=<rule> <why it is safe here>) anywhere in a file switches a rule off for this file.'
      - With O(phase=pre_deployment) the pending files of V(post_deployment) are looked at too, because once the new code has traffic it
        is too late to stop.
      - A rollback is looked at as well, and never stopped.
      - The body of a C(DO) is looked at too. What C(EXECUTE) and C(CALL) run cannot be; a warning names them.
    type: str
    choices: [fail, warn, "off"]
    default: fail
  lint_min_rows:
    description: From how many rows on, by the server's estimate, a table counts as large for O(lint). V(0) counts every table.
    type: int
    default: 100000
  lint_squawk:
    description:
      - Whether the findings of C(squawk) are added to RV(lint). The program must be in E(PATH) where the module runs.
      - Squawk reads the files only and does not know how large a table is, so its findings never stop a run.
    type: bool
    default: false
  rehearse:
    description:
      - Whether everything that can run in a transaction is first run in one that is rolled back, so that a statement that fails on the
        data is found before the first file is applied. In check mode that is all that happens.
      - Statements that cannot run in a transaction are left out; see RV(rehearsal). What comes after them is tried as far as it goes.
      - The locks of all files are held until the end of the rehearsal. Use it on a copy of production, or where the files are short.
      - What a rollback does not undo stays, such as the next values of sequences.
    type: bool
    default: false
  on_missing_locally:
    description: What to do when the database has run migrations that O(migrations_dir) does not hold.
    type: str
    choices: [fail, warn, ignore]
    default: fail
  on_out_of_order:
    description:
      - What to do when a pending migration of the phase V(pre_deployment) is older than one that the database has run.
      - V(warn) and V(ignore) run it.
    type: str
    choices: [fail, warn, ignore]
    default: fail
"""
