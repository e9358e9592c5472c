"""The one error of the embedded servers: a sentence for the person at the console."""

from __future__ import annotations


class EmbeddedError(Exception):
    """The embedded servers cannot do what was asked; the text says why and what to do."""
