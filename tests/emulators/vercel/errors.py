"""What the API answers when it refuses: `{"error": {"code", "message", ...}}`."""

from __future__ import annotations

import typing as t


class ApiError(Exception):
    """An answer other than success; `more` stands beside code and message in the body."""

    def __init__(self, status: int, code: str, message: str, *, headers: dict[str, str] | None = None, **more: t.Any) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body = {"error": {"code": code, "message": message, **more}}


def bad_request(message: str, code: str = "bad_request", **more: t.Any) -> ApiError:
    return ApiError(400, code, message, **more)


def payment_required(message: str) -> ApiError:
    return ApiError(402, "payment_required", message)


def forbidden(message: str, **more: t.Any) -> ApiError:
    return ApiError(403, "forbidden", message, **more)


def not_found(message: str) -> ApiError:
    return ApiError(404, "not_found", message)


def conflict(message: str, code: str = "conflict", **more: t.Any) -> ApiError:
    return ApiError(409, code, message, **more)


def unprocessable(message: str) -> ApiError:
    return ApiError(422, "unprocessable_entity", message)
