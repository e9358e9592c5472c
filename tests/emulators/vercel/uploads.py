"""POST /files: contents, named by their SHA-1."""

from __future__ import annotations

import typing as t

from tests.emulators.vercel.call import Answer
from tests.emulators.vercel.errors import bad_request

if t.TYPE_CHECKING:
    from tests.emulators.vercel.call import Call
    from tests.emulators.vercel.world import World


def upload(world: World, call: Call) -> Answer:
    digest = call.headers.get("x-vercel-digest") or call.headers.get("x-now-digest")
    size = call.headers.get("x-now-size")
    if call.body.size > world.settings.max_file_bytes:
        # What stands in front of the API says this, in its own words.
        return Answer(413, b"Request Entity Too Large", {"content-type": "text/plain"})
    if digest is not None and digest != call.body.sha:
        raise bad_request("Digest is not valid", code="invalid_digest")
    if size is not None and size != str(call.body.size):
        raise bad_request("File size is not valid", code="invalid_size")
    world.files.take(call.body)
    return Answer(200, {"urls": []})
