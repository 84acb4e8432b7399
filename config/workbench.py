"""The first page: what this person has to do today, gathered from every app."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

import assessment.queries
import conduct.queries.workbench
import projects.queries
from core.permissions import Public, SignedInRequest, requires


@requires(Public.SIGNED_IN)
def workbench(request: SignedInRequest) -> HttpResponse:
    """我的待办: groups of things to do, most urgent first; an empty list says so."""
    today = timezone.localdate()
    groups = [
        group
        for group in (
            *conduct.queries.workbench.todo_groups(request.user, today=today),
            ("临期和逾期的节点", projects.queries.todos(request.user, today=today)),
            ("待完成的评分", assessment.queries.todos(request.user, today=today)),
        )
        if group[1]
    ]
    return render(
        request, "workbench.html", {"groups": groups, "today": today, "count": sum(len(t) for _, t in groups)}
    )
