"""Pages of the roster of 群众监督员."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from conduct.forms.inspections import EndForm, SupervisorForm
from conduct.queries import inspections as queries
from conduct.services import supervisors as services
from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires


@requires(Permission.VIEW_INSPECTIONS)
def supervisor_list(request: SignedInRequest) -> HttpResponse:
    page = Paginator(queries.supervisors_visible_to(request.user), 50).get_page(request.GET.get("page"))
    return render(request, "conduct/supervisor_list.html", {"page": page})


@requires(Permission.RECORD_INSPECTIONS)
def supervisor_create(request: SignedInRequest) -> HttpResponse:
    form = SupervisorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = submit(
            form, services.appoint_supervisor, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if made is not None:
            messages.success(request, f"已聘任“{made}”。")
            return redirect("conduct:supervisor-list")
    return render(request, "conduct/supervisor_form.html", {"form": form})


@requires(Permission.RECORD_INSPECTIONS)
def supervisor_end(request: SignedInRequest, pk: int) -> HttpResponse:
    supervisor = get_object_or_404(queries.supervisors_visible_to(request.user), pk=pk)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = submit(
            form,
            services.end_supervisor,
            supervisor_id=pk,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if done is not None:
            messages.success(request, f"已解聘“{done}”，检查记录中仍保留姓名。")
            return redirect("conduct:supervisor-list")
    return render(request, "conduct/supervisor_form.html", {"form": form, "supervisor": supervisor})
