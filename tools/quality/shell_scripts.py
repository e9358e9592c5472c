"""`python -m tools.quality.shell_scripts`: shellcheck over every shell script of the checkout, whatever its name is."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

from tools.quality.staging import tracked_files
from tools.setup.steps import ROOT

SHEBANG = re.compile(rb"#!.*\b(ba|da|k)?sh\b")


def is_shell_script(path: pathlib.Path) -> bool:
    """By its ending or its first line."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return path.suffix == ".sh" or SHEBANG.match(file.readline(200)) is not None


def main() -> int:
    """Returns shellcheck's exit code."""
    scripts = [name for name in tracked_files() if is_shell_script(ROOT / name)]
    print(f"shell scripts: {', '.join(scripts) or 'none'}", flush=True)
    return subprocess.run(["shellcheck", *scripts], cwd=ROOT, check=False).returncode if scripts else 0


if __name__ == "__main__":
    sys.exit(main())
