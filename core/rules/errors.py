"""The one family of errors that a user is meant to read."""

from __future__ import annotations


class DomainError(Exception):
    """A rule was broken; the message says in Chinese what is wrong and what to do next.

    `field` names the form or API field at fault, where there is one.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotAllowed(DomainError):
    """The person may see the thing but not do this to it; views answer 403."""


class StaleVersion(DomainError):
    """Somebody else saved first; both versions are shown and nothing is overwritten."""
