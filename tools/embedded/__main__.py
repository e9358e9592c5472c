"""`python -m tools.embedded up|down|status --home .demo`: the embedded servers by hand."""

from __future__ import annotations

import argparse
import json
import sys

from tools.embedded import lifecycle, lock
from tools.embedded.errors import EmbeddedError
from tools.embedded.home import Home, require_furnished
from tools.embedded.ports import Ports, port_base


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.embedded", description=__doc__)
    parser.add_argument("action", choices=("up", "down", "status"))
    parser.add_argument("--home", default=".demo", help="folder of data, logs and secrets (default: %(default)s)")
    parser.add_argument("--port-base", help="first of six ports on loopback (default: HOLDFAST_PORT_BASE or 18400)")
    parser.add_argument("--purge", action="store_true", help="with down: remove the home and all data in it")
    chosen = parser.parse_args(argv)
    if chosen.purge and chosen.action != "down":
        parser.error("--purge only goes with down")
    return chosen


def run(chosen: argparse.Namespace) -> None:
    home = Home.at(chosen.home)
    if chosen.action == "status":
        print(json.dumps(lifecycle.status(home), indent=2))
        return
    if chosen.action == "down":
        if not home.path.exists():
            return
        require_furnished(home)
    with lock.held(home):
        if chosen.action == "up":
            print(json.dumps(lifecycle.up(home, Ports(port_base(chosen.port_base))), indent=2))
        else:
            lifecycle.down(home, remove=chosen.purge)


def main() -> int:
    try:
        run(arguments())
    except EmbeddedError as exc:
        print(f"embedded: {exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("embedded: interrupted; `python -m tools.embedded down` ends what runs.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
