# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client of a project's own storage API, which knows buckets with their limits. It decides nothing.

Wire format: https://supabase.github.io/storage (storage-api). A key of the new kind goes as `apikey`, a JWT as a bearer token too.
"""

from __future__ import annotations

import json
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core import hosted, patience
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import Access, Answer, Ask, HostedApi
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.failures import ApiError, words

NO_SUCH = 404
ABOUT_KEYS = "Give the project's secret key (sb_secret_...) or its service_role key in 'service_key'."
Bucket = dict[str, t.Any]


class StorageApi(HostedApi):
    """A session with the storage of one project."""

    vendor = "Supabase Storage"

    def __init__(self, project_url: str, key: str, timeout: float, clock: Clock, deadline: Deadline) -> None:
        super().__init__(Access(project_url, key, timeout), clock, deadline)
        self._session.headers["apikey"] = key

    def buckets(self) -> list[Bucket]:
        """All buckets with their settings."""
        return t.cast("list[Bucket]", self._call("list the buckets", "GET", "/bucket", repeat=True) or [])

    def create(self, name: str, settings: Bucket) -> None:
        """Make a bucket. LostAnswerError: only looking can tell whether it is there."""
        self._call(f"make the bucket {name}", "POST", "/bucket", {"id": name, "name": name, **settings}, repeat=False)

    def update(self, name: str, settings: Bucket) -> None:
        """Change the settings of a bucket; `public` has to be among them."""
        self._call(f"change the bucket {name}", "PUT", f"/bucket/{_quoted(name)}", settings, repeat=True)

    def holds_objects(self, name: str) -> bool:
        """Whether anything is in a bucket."""
        body = {"prefix": "", "limit": 1, "offset": 0}
        return bool(self._call(f"list the bucket {name}", "POST", f"/object/list/{_quoted(name)}", body, repeat=True))

    def empty(self, name: str) -> None:
        """Begin to remove all objects of a bucket."""
        self._call(f"empty the bucket {name}", "POST", f"/bucket/{_quoted(name)}/empty", {}, repeat=True)

    def delete(self, name: str) -> None:
        """Remove an empty bucket; one that is gone is fine."""
        try:
            self._call(f"remove the bucket {name}", "DELETE", f"/bucket/{_quoted(name)}", {}, repeat=True)
        except ApiError as exc:
            if _status(exc) != NO_SUCH:
                raise

    def said(self, answer: Answer) -> str:
        return words(answer.data()).rstrip(".")

    def limit_seconds(self, answer: Answer) -> float:
        seconds = patience.retry_after(answer.headers, self.server_time())
        return patience.UNSAID if seconds is None else max(seconds, 0.0)

    def refusal(self, what: str, answer: Answer) -> ApiError:
        data = answer.data() if words(answer.data()) else {"message": hosted.told_otherwise(answer)}
        refused = ApiError(what, answer.status, data)
        return ApiError(what, answer.status, data, hint=ABOUT_KEYS if _status(refused) in {401, 403} else "")

    def _call(self, what: str, method: str, path: str, body: t.Any = None, *, repeat: bool) -> t.Any:
        encoded = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        return self.ask(Ask(what, method, f"{self._access.api_url}/storage/v1{path}", repeat, headers, lambda: encoded)).data()


def _status(refused: ApiError) -> int:
    """Storage answers 400 to nearly everything and tells its own status inside."""
    inside = str(refused.data.get("statusCode") or "")
    return int(inside) if inside.isdigit() else refused.status


def _quoted(name: str) -> str:
    return urllib.parse.quote(name, safe="")
