"""An authority of our own, and certificates that it has signed, good and bad ones."""

from __future__ import annotations

import datetime
import typing as t

import trustme

if t.TYPE_CHECKING:
    from pathlib import Path


class Authority:
    """Writes files in PEM into `folder`; `file` is its own certificate."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = trustme.CA(organization_name="Test Authority")
        self.file = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(self.file)

    def certificate(self, *names: str, days: float = 60.0) -> Path:
        """A file with key and certificate for names and addresses; with negative `days` it has ended."""
        end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
        begin = end - datetime.timedelta(days=90)
        issued = self._authority.issue_cert(*names, common_name=names[0], not_before=begin, not_after=end)
        file = self._folder / f"{names[0].replace('*', 'any')}{days:+g}.pem"
        issued.private_key_and_cert_chain_pem.write_to_path(file)
        return file
