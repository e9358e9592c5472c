# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which run rehearses a portal on this host, in one file: a second one would end what the first one keeps.

Whether a run is still alive only its controller knows, which says in `ended` that it is not. Without that a claim holds until `until`,
when everything that its run may have kept has ended by itself.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import os
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError

Claim = t.Mapping[str, str]


# A timer has a /tmp of its own (PrivateTmp), in which nobody else would see it.
SHARED = "/run/lock"


def claim_file(place: str | None, portal: str) -> str:
    """Where it is noted."""
    shared = SHARED if os.access(SHARED, os.W_OK) else tempfile.gettempdir()
    return os.path.join(place or shared, f"holdfast-rehearsal-{portal}.claim")


def refuse_others(path: str, run: str, ended: str, clock: Clock) -> None:
    """ConflictError while another run rehearses; its details name that run as `claim`."""
    with contextlib.suppress(FileNotFoundError), _opened(path, create=False) as handle:
        _refuse(path, _read(handle), run, ended, clock)


def take(path: str, run: str, ended: str, seconds: float, clock: Clock) -> None:
    """Note that `run` rehearses, for so many seconds at most."""
    with _opened(path) as handle:
        _refuse(path, _read(handle), run, ended, clock)
        now = clock.now()
        claim = {"run": run, "since": iso(now), "until": iso(now + datetime.timedelta(seconds=seconds))}
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(claim).encode(), 0)


def is_open_to(path: str, run: str) -> bool:
    """Whether it is the run's own, or nobody's."""
    with contextlib.suppress(FileNotFoundError), _opened(path, create=False) as handle:
        return _read(handle).get("run", run) == run
    return True


def give_back(path: str, run: str) -> None:
    """Nobody rehearses any more, unless another run does by now."""
    with contextlib.suppress(FileNotFoundError), _opened(path, create=False) as handle:
        if _read(handle).get("run", run) == run:
            os.unlink(path)


def _refuse(path: str, claim: Claim, run: str, ended: str, clock: Clock) -> None:
    if claim.get("run", run) in (run, ended) or parse_iso(claim["until"]) <= clock.now():
        return
    raise ConflictError(
        f"Another rehearsal of the portal is under way on this host since {claim['since']} (run {claim['run']}). Nothing was touched.",
        hint=f"Wait until it is over; it ends by {claim['until']} in any case. If you know that it is dead, remove {path} there.",
        claim=claim["run"],
    )


@contextlib.contextmanager
def _opened(path: str, *, create: bool = True) -> t.Iterator[int]:
    """The file, which nobody else changes meanwhile. One that was removed while we waited for it is none."""
    with contextlib.ExitStack() as stack:
        while True:
            handle = _open(path, create=create)
            stack.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), os.lstat(path)):
                    break
        yield handle


def _open(path: str, *, create: bool) -> int:
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_CREAT if create else 0), 0o600)
    except FileNotFoundError:
        if not create:
            raise
        raise WebopsError(f"scratch_dirs: there is no folder {os.path.dirname(path)}.", hint="Name one that exists.") from None
    except OSError as exc:
        raise WebopsError(f"{path} cannot be used: {exc.strerror}.", hint="Is it another user's? Rehearse as that user.") from exc
    if os.fstat(handle).st_uid != os.geteuid():
        os.close(handle)
        raise WebopsError(f"{path} is another user's.", hint="Rehearse a portal on a host as one user.")
    return handle


def _read(handle: int) -> Claim:
    """{} where a run was killed before it had written it."""
    try:
        claim = json.loads(os.pread(handle, 4096, 0))
    except ValueError:
        return {}
    return claim if isinstance(claim, dict) and set(claim) >= {"run", "since", "until"} else {}
