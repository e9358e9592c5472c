"""`python -m portal`: serve until SIGTERM, then finish the requests in flight."""

from __future__ import annotations

import os

import uvicorn
from portal import application, journal, settings, stack, whole

KEEP_ALIVE_SECONDS = 60


def main() -> None:
    chosen = settings.from_environment(os.environ)
    journal.configure()
    app = stack.wrap(application.build(chosen), chosen.release)
    journal.write("start", version=chosen.release.version, commit=chosen.release.commit, host=chosen.host, port=chosen.port)
    uvicorn.run(
        app,
        http=whole.Protocol,
        host=chosen.host,
        port=chosen.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


if __name__ == "__main__":
    main()
