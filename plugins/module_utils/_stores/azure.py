# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`az://`: Azure Blob Storage. The service itself forgets blocks that were never committed, after a week."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._stores.clouds import CloudStore, client_settings


class AzureOptions(t.NamedTuple):
    """How to reach a container; what is None comes from the environment variables of Azure, the workload's or the machine's identity."""

    endpoint: str | None = None
    account: str | None = None
    account_key: str | None = None
    sas_token: str | None = None
    allow_http: bool = False
    storage_class: str | None = None


class AzureStore(CloudStore):
    """The blobs of a container below a prefix. `storage_class` is their access tier (Hot, Cool, Cold, Archive)."""

    most_parts = 45_000  # of 50,000 blocks
    advice = "Check the account, the endpoint and the container's name."
    refusal_advice = "Check the account key, the SAS token or the role of the identity (Storage Blob Data Contributor)."
    credentials_advice = (
        "Set account_key or sas_token, or where the module runs AZURE_STORAGE_ACCOUNT_KEY, AZURE_USE_AZURE_CLI=true or an identity."
    )

    def __init__(self, container: str, prefix: str, options: AzureOptions) -> None:
        url = f"az://{container}" + (f"/{prefix}" if prefix else "")
        super().__init__(url, _connect(container, prefix, options), options.storage_class)

    def protect(self, key: str) -> None:
        """Locks are a policy of the container here; see docs/guides/backups.md."""

    def protected_until(self, key: str) -> datetime.datetime | None:  # noqa: ARG002
        """Not known; the service refuses to delete what its policy keeps."""
        return None

    def sweep(self, prefix: str, before: datetime.datetime, *, dry: bool) -> t.List[str]:  # noqa: ARG002
        return []


def _connect(container: str, prefix: str, options: AzureOptions) -> t.Any:
    settings = client_settings(
        allow_http=options.allow_http,
        prefix=prefix or None,
        endpoint=options.endpoint,
        account_name=options.account,
        account_key=options.account_key,
        sas_key=options.sas_token,
    )
    return need("obstore.store").AzureStore(container, **settings)
