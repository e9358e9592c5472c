"""Run argv and write what it cost to the file in the first argument. Started as a script, and small.

A process that is started inherits the largest memory of the one that starts it (Linux keeps ru_maxrss over exec), so that
whoever measures memory must be small himself.
"""

import os
import sys
import time

report, argv = sys.argv[1], sys.argv[2:]
started = time.monotonic()
child = os.posix_spawnp(argv[0], argv, os.environ)
_pid, status, usage = os.wait4(child, 0)
wall = time.monotonic() - started
with open(report, "w", encoding="ascii") as handle:
    handle.write(f"{wall} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss / 1024}")
sys.exit(os.waitstatus_to_exitcode(status) != 0)
