"""Pages of project issues."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import course_of, units_visible_to
from core.views.steps import Deed, Desk, Wrong
from projects.choices import IssueState
from projects.filters.issues import IssueFilter
from projects.forms.issues import CorrectionForm, EscalationForm, ExtensionForm, IssueForm, SolvingForm
from projects.models import ProjectIssue
from projects.queries import issues as queries
from projects.queries.projects import projects_visible_to
from projects.rules import issues as rules
from projects.services import issues as services
from projects.views.frame import project_of, render_tab

DESK = Desk(
    workflow=rules.ISSUE,
    route="projects:issue-step",
    argument="issue_id",
    parts=queries.parts_in,
    deeds={
        "solve": Deed(
            services.solve_issue, "已登记解决，待提出人或项目组长销号。", SolvingForm, button="已解决"
        ),
        "close": Deed(services.close_issue, "已销号。", confirm="销号后不能再退回。"),
        "return": Deed(services.return_issue, "已退回，责任单位会在待办里看到原因。", look=""),
        "escalate": Deed(
            services.escalate_issue,
            "已提级，上级单位会在待办里看到。",
            EscalationForm,
            hint="现在的责任单位解决不了的，提到它的上级单位；时限不变。",
            look="",
            offered=lambda issue: queries.units_above(issue).exists(),
        ),
        "extend": Deed(services.extend_issue, "已延期，原时限保留在经过里。", ExtensionForm, look=""),
        "correct": Deed(services.correct_issue, "已更正，原文保留在经过里。", CorrectionForm, look=""),
        "withdraw": Deed(
            services.withdraw_issue,
            "已撤回，原文保留。",
            confirm="撤回后不再催办，原文留存备查。",
            look="btn-risky",
        ),
    },
)


@requires(Permission.VIEW_PROJECTS)
def issue_list(request: SignedInRequest) -> HttpResponse:
    listing = IssueFilter(request.GET, queryset=queries.issues_visible_to(request.user), user=request.user)
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    lines = queries.issue_lines(page, today=timezone.localdate())
    partial = request.headers.get("HX-Request")
    template = "projects/issue_list.html#table" if partial else "projects/issue_list.html"
    return render(request, template, {"filter": listing, "page": page, "lines": lines})


@requires(Permission.VIEW_PROJECTS)
def issue_statistics(request: SignedInRequest) -> HttpResponse:
    """The counts of what the list shows under the same conditions."""
    listing = IssueFilter(request.GET, queryset=queries.issues_visible_to(request.user), user=request.user)
    # A unit outside the list's own filter is counted, but leads nowhere.
    filtered = set(units_visible_to(request.user).values_list("pk", flat=True))
    context = {
        "filter": listing,
        "found": queries.count_issues(listing.qs),
        "filtered": {str(pk) for pk in filtered},
    }
    partial = request.headers.get("HX-Request")
    template = "projects/issue_statistics.html#table" if partial else "projects/issue_statistics.html"
    return render(request, template, context)


@requires(Permission.REPORT_ISSUES)
def issue_create(request: SignedInRequest) -> HttpResponse:
    """Raise an issue; `?project=` is the project it is of, where one comes from its page."""
    wanted = request.GET.get("project", "")
    project = queries.projects_to_report(request.user).filter(pk=wanted).first() if wanted.isdigit() else None
    form = IssueForm(request.POST or None, user=request.user, project=project)
    if request.method == "POST" and form.is_valid():
        issue = submit(form, services.raise_issue, by=request.user, at=timezone.now(), **form.cleaned_data)
        if issue is not None:
            messages.success(
                request, f"已提出，由“{issue.owner or issue.owner_unit}”在 {issue.due_on} 前解决。"
            )
            return redirect(issue)
    return render(request, "projects/issue_form.html", {"form": form, "project": project})


@requires(Permission.VIEW_PROJECTS)
def issue_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _detail(request, get_object_or_404(queries.issues_visible_to(request.user), pk=pk))


def _detail(request: SignedInRequest, issue: ProjectIssue, wrong: Wrong | None = None) -> HttpResponse:
    today = timezone.localdate()
    waiting = {
        IssueState.OPEN: f"等待{issue.owner or issue.owner_unit}解决",
        IssueState.ESCALATED: f"等待{issue.escalated_to}协调解决",
        IssueState.SOLVED: "等待提出人或项目组长销号",
    }
    context = {
        "line": queries.issue_lines([issue], today=today)[0],
        "issue": issue,
        "today": today,
        "is_live": issue.state in rules.LIVE,
        "project_seen": projects_visible_to(request.user).filter(pk=issue.project_id).exists(),
        "cards": DESK.cards(issue, request.user, wrong=wrong),
        "course": course_of(issue, rules.ISSUE),
        "waiting": waiting.get(IssueState(issue.state), ""),
    }
    return render(request, "projects/issue_detail.html", context)


@requires(Permission.VIEW_PROJECTS)
def issue_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    issue = get_object_or_404(queries.issues_visible_to(request.user), pk=pk)
    return DESK.take(request, issue, step, page=lambda wrong: _detail(request, issue, wrong))


@requires(Permission.VIEW_PROJECTS)
def project_issues(request: SignedInRequest, pk: int) -> HttpResponse:
    """The issues of one project, those to be solved first."""
    project = project_of(request, pk)
    issues = list(queries.issues_visible_to(request.user).filter(project=project))
    issues.sort(key=lambda issue: (issue.state not in rules.LIVE, -issue.raised_on.toordinal(), -issue.pk))
    context = {
        "lines": queries.issue_lines(issues, today=timezone.localdate()),
        "may_raise": queries.may_raise(request.user, project),
        "in_project": True,
    }
    return render_tab(request, project, "projects/project_issues.html", context)
