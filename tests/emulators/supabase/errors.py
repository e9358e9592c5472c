"""What the API answers when it refuses: `{"message": ...}`."""

from __future__ import annotations


class ApiError(Exception):
    """An answer other than success."""

    def __init__(self, status: int, message: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body = {"message": message}


def bad_request(message: str) -> ApiError:
    return ApiError(400, message)


def payment_required(message: str) -> ApiError:
    return ApiError(402, message)


def forbidden(message: str = "Your account does not have the necessary privileges to access this endpoint.") -> ApiError:
    return ApiError(403, message)


def not_found(message: str) -> ApiError:
    return ApiError(404, message)


def conflict(message: str) -> ApiError:
    return ApiError(409, message)
