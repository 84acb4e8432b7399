"""What each person of the discipline office or an answering unit has to do today."""

from __future__ import annotations

from datetime import date

from conduct.queries import letters, violations
from core.models import User
from core.queries import Todo


def todo_groups(user: User, *, today: date) -> list[tuple[str, list[Todo]]]:
    """(heading, things to do) of conduct, the most pressing first; empty groups are left out by the page."""
    return [
        ("待认定的违规记录", violations.todos(user)),
        ("督办函", letters.todos(user, today=today)),
    ]
