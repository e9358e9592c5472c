"""The checksum of an artefact, taken where Ansible runs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.holdfast.webops.plugins.filter.file_sha256 import file_sha256


def test_it_is_the_checksum_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\x00\xff" * 1_000_000)
    assert file_sha256(str(tmp_path / "a")) == hashlib.sha256(b"\x00\xff" * 1_000_000).hexdigest()


def test_where_there_is_no_file_there_is_no_checksum(tmp_path: Path) -> None:
    assert file_sha256(str(tmp_path / "nowhere")) == ""
    assert file_sha256(str(tmp_path)) == ""


def test_a_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(AnsibleFilterError, match="/proc/self/mem cannot be read"):
        file_sha256("/proc/self/mem")  # root cannot read its first byte either
