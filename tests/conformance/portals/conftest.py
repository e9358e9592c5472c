"""The npm packages that a portal's files are tried with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.migrations.vendors import npm_installed


@pytest.fixture(scope="session")
def portal_tools() -> Path:
    """A folder with what the lock file pins, and our programs that call it."""
    return npm_installed(Path(__file__).parent / "tools", "portal-tools")
