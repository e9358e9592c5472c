# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The storage service: the largest file, and what else it offers."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.interface import Part, View
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.sizes import as_bytes

PATH = "/config/storage"
LARGEST = 536_870_912_000
FEATURES = {"image_transformation": "imageTransformation", "s3_protocol": "s3Protocol"}


class Storage(Part):
    """`wanted` is the option storage; what is None in it is not asked for."""

    name = "storage"

    def __init__(self, wanted: t.Mapping[str, t.Any]) -> None:
        self._wanted = {name: value for name, value in wanted.items() if value is not None}
        if "file_size_limit" in self._wanted:
            size = as_bytes("storage.file_size_limit", self._wanted["file_size_limit"])
            if size > LARGEST:
                raise InputError(f"storage.file_size_limit: {size} bytes is out of range.", hint="Supabase takes at most 500GB.")
            self._wanted["file_size_limit"] = size

    def read(self, api: Supabase) -> t.Any:
        return api.get("show the configuration of storage", PATH)

    def before(self) -> View:
        features = self.found.get("features") or {}
        values = {name: (features.get(key) or {}).get("enabled") for name, key in FEATURES.items()}
        values["file_size_limit"] = self.found.get("fileSizeLimit")
        return {name: values[name] for name in self._wanted}

    def after(self) -> View:
        return dict(self._wanted)

    def write(self, api: Supabase) -> None:
        body: dict[str, t.Any] = {}
        features = {FEATURES[name]: {"enabled": self._wanted[name]} for name in self.names if name in FEATURES}
        if features:
            body["features"] = features
        if "file_size_limit" in self.names:
            body["fileSizeLimit"] = self._wanted["file_size_limit"]
        api.patch("change the configuration of storage", PATH, body)
