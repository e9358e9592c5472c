"""What the steps of the set-up share: their one way to fail, to run a program, and to know that they are done."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
LOG = CACHE / "setup.log"
STAMP = ".holdfast-complete"
OFFLINE = ("failed to establish", "connection", "name resolution", "timed out", "proxyerror", "max retries", "dns error", "retrying (")


class SetupError(Exception):
    """The set-up cannot go on; the text is one message for a person: what was wanted, what happened, what to do."""


def say(text: str) -> None:
    """Tell the person at the console."""
    print(f"setup: {text}", flush=True)


def key_of(*parts: str | pathlib.Path) -> str:
    """A digest of texts and of the contents of files: equal keys mean that a step has nothing to do."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, pathlib.Path) else part.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def is_complete(folder: pathlib.Path, key: str) -> bool:
    """Whether the folder was finished from just these inputs."""
    try:
        return (folder / STAMP).read_text() == key
    except (FileNotFoundError, NotADirectoryError):
        return False


@contextlib.contextmanager
def whole_or_absent(folder: pathlib.Path, key: str) -> t.Iterator[None]:
    """Make the folder in the block: afterwards it is stamped as complete, or gone when the block failed or was interrupted.

    A block that is killed leaves no stamp, and the next start begins with removing what it left.
    """
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    (folder / STAMP).write_text(key)


@contextlib.contextmanager
def one_at_a_time() -> t.Iterator[None]:
    """Let a second set-up of the same checkout wait for the first.

    The programs it starts hold the lock too: when it alone is killed, the next one waits until they have ended.
    """
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "setup.lock").open("w") as lock:
        os.set_inheritable(lock.fileno(), True)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up of this checkout is running; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(argv: t.Sequence[str | pathlib.Path], *, fetching: str, **env: str) -> None:
    """Run a program that fetches something; its output goes to the log. SetupError when it fails."""
    finished = attempt(argv, **env)
    if finished.returncode:
        raise SetupError(failure(fetching, finished.stdout))


def attempt(argv: t.Sequence[str | pathlib.Path], **env: str) -> subprocess.CompletedProcess[str]:
    """Run a program with a closed stdin, whatever comes of it; its output goes to the log too."""
    words = [str(word) for word in argv]
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")}
    finished = subprocess.run(
        words,
        env={**clean, "PIP_USER": "0", **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        close_fds=False,
    )
    with LOG.open("a") as log:
        log.write(f"$ {' '.join(words)}\n{finished.stdout}(exit code {finished.returncode})\n")
    return finished


def looks_offline(output: str) -> bool:
    """Whether pip or uv failed because the package index could not be reached."""
    return any(sign in output.lower() for sign in OFFLINE)


def failure(fetching: str, output: str) -> str:
    """The message for a failed fetch."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if looks_offline(output):
        return (
            f"could not fetch {fetching}: the package index does not answer. This step needs a network connection (a proxy goes into "
            f"https_proxy, an index of your own into pip's settings). No half-made environment was left; run the same command again. "
            f"Full output: {LOG.relative_to(ROOT)}"
        )
    reason = lines[-1] if lines else "it said nothing"
    return f"could not fetch {fetching}: {reason}. No half-made environment was left. Full output: {LOG.relative_to(ROOT)}"


def tell_and_fail(error: SetupError) -> int:
    """End with the one message."""
    print(f"setup: {error}", file=sys.stderr)
    return 1
