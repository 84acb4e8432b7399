"""What each person of the discipline office or an answering unit has to do today."""

from __future__ import annotations

from datetime import date

from conduct.queries import (
    campaigns,
    clues,
    dossier,
    education,
    inspections,
    letters,
    links,
    notices,
    rectification,
    unit_measures,
    violations,
)
from core.models import User
from core.queries import Todo, proposal_todos


def todo_groups(user: User, *, today: date) -> list[tuple[str, list[Todo]]]:
    """(heading, things to do) of conduct, the most pressing first; empty groups are left out by the page."""
    return [
        ("待认定的违规记录", violations.todos(user)),
        ("待答复的档案说明", dossier.todos(user)),
        ("典型案例通报", notices.todos(user)),
        ("专项活动调度和检查", campaigns.todos(user, today=today)),
        *clues.todo_groups(user, today=today),
        ("明察暗访", inspections.todos(user, today=today)),
        ("待批准的单位处理", unit_measures.todos(user)),
        ("待确认的嘉奖表彰", education.todos(user)),
        ("待初阅的试卷", education.paper_todos(user, today=today)),
        ("督办函", [*letters.todos(user), *rectification.todos(user, today=today)]),
        ("待拟的督办函", links.todos(user)),
        ("待处理、待办结的违规记录", violations.handling_todos(user)),
        ("待研判的建议", proposal_todos(user)),
    ]
