"""The program that supervisord runs as the S3 server: reads the keys from their files and becomes rclone.

It exists because secrets belong neither into argv nor into the supervisor's configuration.
"""

from __future__ import annotations

import os
import sys

from tools.embedded import credentials, objects
from tools.embedded.home import Home


def main() -> None:
    home, port = Home.at(sys.argv[1]), int(sys.argv[2])
    keys = objects.environment(*(credentials.read(home.secrets, name) for name in ("s3_access_key", "s3_secret_key")))
    argv = objects.command(home.objects, port)
    os.execve(argv[0], argv, {**os.environ, **keys})  # noqa: S606


if __name__ == "__main__":
    main()
