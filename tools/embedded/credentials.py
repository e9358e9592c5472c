"""The secrets of the embedded environment: made once, one 0600 file each."""

from __future__ import annotations

import os
import secrets
import tempfile
import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    from collections.abc import Callable

GENERATED: t.Final[dict[str, Callable[[], str]]] = {
    "postgres_admin_password": lambda: secrets.token_hex(16),
    "app_db_password": lambda: secrets.token_hex(16),
    "s3_access_key": lambda: f"AK{secrets.token_hex(9).upper()}",
    "s3_secret_key": lambda: secrets.token_hex(20),
    "preview_token": lambda: secrets.token_hex(16),
}
AGE_IDENTITY = "age_identity.txt"
AGE_RECIPIENTS = "age_recipients.txt"


def make_missing(folder: Path) -> None:
    """Generate what is not there yet; what is there stays, for the data is protected by it."""
    for name, generate in GENERATED.items():
        if not (folder / name).exists():
            write_secret(folder / name, generate() + "\n")
    if not (folder / AGE_IDENTITY).exists():
        _make_age_pair(folder)


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text().strip()


def write_secret(path: Path, text: str) -> None:
    """Write a 0600 file that is complete as soon as it has its name."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(temporary).replace(path)


def _make_age_pair(folder: Path) -> None:
    from pyrage import x25519

    identity = x25519.Identity.generate()
    write_secret(folder / AGE_RECIPIENTS, f"{identity.to_public()}\n")
    write_secret(folder / AGE_IDENTITY, f"# public key: {identity.to_public()}\n{identity}\n")
