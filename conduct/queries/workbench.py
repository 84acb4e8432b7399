"""What each person of the discipline office or an answering unit has to do today."""

from __future__ import annotations

from datetime import date

from conduct.queries import violations
from core.models import User
from core.queries import Todo, proposal_todos


def todo_groups(user: User, *, today: date) -> list[tuple[str, list[Todo]]]:
    """(heading, things to do) of conduct, the most pressing first; empty groups are left out by the page."""
    return [
        ("待认定的违规记录", violations.todos(user)),
        ("待处理、待办结的违规记录", violations.handling_todos(user)),
        ("待研判的建议", proposal_todos(user)),
    ]
