"""Pages of milestones."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.rules.errors import StaleVersion
from core.views.attachments import download
from projects.forms.milestones import Both, MilestoneForm
from projects.permissions import milestone_refusal
from projects.queries import milestones as queries
from projects.queries.projects import projects_visible_to, reading_of, resting_of
from projects.services import milestones as services


@requires(Permission.UPDATE_MILESTONES)
def milestone_update(request: SignedInRequest, pk: int) -> HttpResponse:
    """Report progress. When somebody saved first the form comes back with both versions, nothing lost."""
    milestone = get_object_or_404(queries.milestones_visible_to(request.user), pk=pk)
    is_leader = bool(getattr(milestone, "is_leader", False))
    if request.method == "GET" and milestone_refusal(
        user=request.user, project=milestone.project, is_leader=is_leader
    ):
        # Nobody fills in a form that will be refused; who may not report may still read.
        return redirect("projects:milestone-detail", pk=pk)
    progress = f"{milestone.progress.normalize():f}"
    initial = {
        "progress": progress,
        "done_on": milestone.done_on,
        "started_on": milestone.started_on,
        "forecast_on": milestone.forecast_on,
        "version": milestone.version,
    }
    form = MilestoneForm(request.POST or None, request.FILES or None, initial=initial)
    status, both = 200, list[Both]()
    if request.method == "POST" and form.is_valid():
        saved = submit(
            form,
            services.update_milestone,
            milestone_id=pk,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if saved:
            messages.success(request, f"“{milestone}”已更新。")
            return redirect("projects:project-milestones", pk=milestone.project_id)
        if isinstance(getattr(form, "broken_rule", None), StaleVersion):
            milestone.refresh_from_db()
            both, status = form.lay_over(milestone), 409
    today = timezone.localdate()
    resting = resting_of(milestone.project, is_led=True, today=today)
    reading = reading_of(milestone, today=today, resting=resting)
    context = {
        "milestone": milestone,
        "form": form,
        "light": reading,
        "both": both,
        "latest": queries.updates_of(milestone.project).filter(milestone=milestone).first() if both else None,
    }
    return render(request, "projects/milestone_form.html", context, status=status)


@requires(Permission.VIEW_PROJECTS)
def update_attachment(request: SignedInRequest, pk: int, update: int, attachment: int) -> HttpResponseBase:
    project = get_object_or_404(projects_visible_to(request.user), pk=pk)
    owner = get_object_or_404(queries.updates_of(project), pk=update)
    return download(owner=owner, pk=attachment, by=request.user)
