"""What several files here share: it takes seconds to make."""

from __future__ import annotations

import tempfile
import typing as t
from pathlib import Path

import pytest

from tests.conformance.postgres.archiving_server import ArchivingServer, archiving_server


@pytest.fixture(scope="session")
def archiving() -> t.Iterator[ArchivingServer]:
    with tempfile.TemporaryDirectory(prefix="archiving-") as folder, archiving_server(Path(folder)) as server:
        yield server
