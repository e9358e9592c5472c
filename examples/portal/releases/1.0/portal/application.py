"""The addresses of the portal and what stands behind them."""

from __future__ import annotations

import asyncio
import contextlib
import re
import typing as t
from urllib.parse import quote

from portal import attachments, orders, pages
from portal.database import Database, UnavailableError
from portal.health import Health
from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute

if t.TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from portal.settings import Settings
    from starlette.requests import Request
    from starlette.websockets import WebSocket

LARGEST_BODY = attachments.LARGEST + 64 * 1024
PAGE_LENGTH = 20
LONGEST_LIST = 100
LONGEST_SLEEP = 5.0
NUMBER = re.compile(r"[0-9]{1,12}")
SECONDS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?")


class Portal:
    """The handlers, with what they need."""

    def __init__(self, settings: Settings) -> None:
        self.database = Database(settings.database_url)
        self.storage = attachments.open_storage(settings.uploads)
        self.health = Health(settings.release, self.database)
        self.version = settings.release.version

    async def form(self, _request: Request) -> Response:
        return HTMLResponse(pages.new_order())

    async def list_page(self, _request: Request) -> Response:
        return HTMLResponse(pages.order_list(await self.database.run(lambda connection: orders.newest(connection, PAGE_LENGTH))))

    async def list_json(self, request: Request) -> Response:
        text = request.query_params.get("limit", str(PAGE_LENGTH))
        if not NUMBER.fullmatch(text) or not 1 <= int(text) <= LONGEST_LIST:
            return JSONResponse({"error": f"limit must be a number from 1 to {LONGEST_LIST}"}, status_code=422)
        found = await self.database.run(lambda connection: orders.newest(connection, int(text)))
        return JSONResponse({"orders": [order.as_json() for order in found]})

    async def place(self, request: Request) -> Response:
        length = request.headers.get("content-length", "")
        if not NUMBER.fullmatch(length):
            return HTMLResponse(pages.message("Length required", "The request does not say how long it is."), status_code=411)
        if int(length) > LARGEST_BODY:
            return HTMLResponse(pages.message("Too large", "An attachment may have at most 5 MiB."), status_code=413)
        form = await request.form()
        try:
            return await self._place(form, request.headers.get("idempotency-key", "").strip('" '))
        finally:
            await form.close()

    async def _place(self, form: FormData, key: str) -> Response:
        """Two requests with one key are one order, as are two with one reference; the key is what clients other than our form send."""
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        texts |= {"reference": key} if key else {}
        draft, errors = orders.parse(texts)
        upload = await _upload(form.get("attachment"))
        if upload is not None and len(upload.content) > attachments.LARGEST:
            errors["attachment"] = "may have at most 5 MiB"
        if draft is None or errors:
            return HTMLResponse(pages.new_order(texts, errors), status_code=422)
        order_id = await self.database.run(lambda connection: orders.place(connection, draft))
        if upload is not None:
            await self._attach(order_id, upload)
        return RedirectResponse(f"/orders/{order_id}", status_code=303)

    async def _attach(self, order_id: int, upload: attachments.Upload) -> None:
        key = attachments.object_key(order_id, upload)
        await self.storage.write(key, upload.content)
        await self.database.run(lambda connection: attachments.attach(connection, order_id, upload))

    async def order_page(self, request: Request) -> Response:
        order_id = request.path_params["order_id"]
        order = await self.database.run(lambda connection: orders.find(connection, order_id))
        if order is None:
            return HTMLResponse(pages.message("Not found", "There is no such order."), status_code=404)
        files = await self.database.run(lambda connection: attachments.of_order(connection, order_id))
        return HTMLResponse(pages.one_order(order, files))

    async def download(self, request: Request) -> Response:
        wanted = request.path_params["order_id"], request.path_params["attachment_id"]
        file = await self.database.run(lambda connection: attachments.find(connection, *wanted))
        if file is None:
            return HTMLResponse(pages.message("Not found", "There is no such attachment."), status_code=404)
        disposition = f"attachment; filename*=UTF-8''{quote(file.filename)}"
        content = await self.storage.read(file.object_key)
        return Response(content, media_type=file.content_type, headers={"Content-Disposition": disposition})

    async def slow(self, request: Request) -> Response:
        text = request.query_params.get("seconds", "1")
        if not SECONDS.fullmatch(text) or float(text) > LONGEST_SLEEP:
            return JSONResponse({"error": f"seconds must be a number from 0 to {LONGEST_SLEEP:g}"}, status_code=422)
        await asyncio.sleep(float(text))
        return JSONResponse({"slept_seconds": float(text)})

    async def echo(self, line: WebSocket) -> None:
        await line.accept()
        async for word in line.iter_text():
            await line.send_text(f"{self.version} {word}")

    async def process_health(self, _request: Request) -> Response:
        return JSONResponse(self.health.of_process(), headers={"Cache-Control": "no-store"})

    async def database_health(self, _request: Request) -> Response:
        report = await self.health.of_database()
        return JSONResponse(report, status_code=503 if report["status"] == "critical" else 200, headers={"Cache-Control": "no-store"})

    async def style(self, _request: Request) -> Response:
        return Response(pages.STYLE, media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        await self.database.open()
        try:
            yield
        finally:
            await self.database.close()


def build(settings: Settings) -> Starlette:
    portal = Portal(settings)
    routes = [
        Route("/orders", portal.list_page),
        Route("/orders", portal.place, methods=["POST"]),
        Route("/api/orders", portal.list_json),
        Route("/", portal.form),
        Route("/slow", portal.slow),
        WebSocketRoute("/echo", portal.echo),
        Route("/orders/{order_id:int}", portal.order_page),
        Route("/orders/{order_id:int}/attachments/{attachment_id:int}", portal.download),
        Route("/api/health", portal.process_health),
        Route("/api/health/database", portal.database_health),
        Route("/style.css", portal.style),
    ]
    return Starlette(routes=routes, lifespan=portal.lifespan, exception_handlers={UnavailableError: _unavailable})


async def _unavailable(_request: Request, _exc: Exception) -> Response:
    text = "The database does not answer at the moment. Nothing was lost; please try again."
    return HTMLResponse(pages.message("Unavailable", text), status_code=503, headers={"Retry-After": "5"})


async def _upload(field: t.Any) -> attachments.Upload | None:
    """The chosen file; browsers send an empty one without a name when none was chosen."""
    if not isinstance(field, UploadFile) or not field.filename:
        return None
    content_type = field.content_type or "application/octet-stream"
    return attachments.Upload(field.filename[-attachments.LONGEST_NAME :], content_type, await field.read())
