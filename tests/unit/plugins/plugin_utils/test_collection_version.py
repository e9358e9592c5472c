"""Which version of the collection runs: an installed one has a manifest, a checkout has what the manifest is built from."""

from __future__ import annotations

import json
import pathlib
import typing as t

import yaml

from ansible_collections.holdfast.webops.plugins.plugin_utils.collection_version import collection_version

CHECKOUT = pathlib.Path(__file__).parents[4]


def test_a_checkout_says_its_own() -> None:
    assert collection_version() == yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["version"]


def test_an_installed_one_says_that_of_its_manifest(tmp_path: pathlib.Path) -> None:
    manifest: dict[str, t.Any] = {"collection_info": {"name": "webops", "version": "1.4.2"}, "format": 1}
    (tmp_path / "MANIFEST.json").write_text(json.dumps(manifest))
    (tmp_path / "galaxy.yml").write_text("version: 9.9.9\n")
    assert collection_version(tmp_path) == "1.4.2"


def test_what_is_neither_is_told_to_be_unknown(tmp_path: pathlib.Path) -> None:
    assert collection_version(tmp_path) == "unknown"
    (tmp_path / "galaxy.yml").write_text("name: webops\n")
    assert collection_version(tmp_path) == "unknown"
