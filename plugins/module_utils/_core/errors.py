# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one family of errors. Each is a sentence for the person who runs the play, a hint what to do, and details."""

from __future__ import annotations

import typing as t


class WebopsError(Exception):
    """Something could not be done; what was tried and what came back is in the sentence.

    `details` become keys of the failed result (plain data, never a secret).
    """

    def __init__(self, message: str, *, hint: str = "", **details: t.Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(WebopsError):
    """The task's options are wrong; nothing was touched."""


class NotFoundError(WebopsError):
    """What was named does not exist."""


class ConflictError(WebopsError):
    """Somebody else holds it, or changed it in between."""


class DeadlineError(WebopsError):
    """What was waited for did not happen in time."""


class CommandError(WebopsError):
    """A program ended with an error."""
