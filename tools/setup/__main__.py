"""`python3 -m tools.setup [environment|newest|packages|lock]`: started by the Makefile with any Python 3."""

import os
import sys

from tools.setup import interpreters


def main() -> int:
    """Continue in a supported Python, looking for one when this is not."""
    if not interpreters.OLDEST <= sys.version_info[:2] <= interpreters.NEWEST:
        found = interpreters.discover()
        if not found:
            sys.stderr.write("setup: " + interpreters.nothing_suitable(sys.version_info[:2]) + "\n")
            return 1
        os.execv(found[0].path, [found[0].path, "-m", "tools.setup"] + sys.argv[1:])  # noqa: RUF005, S606 (Python 3.6)
    from tools.setup.command import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
