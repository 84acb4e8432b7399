"""The page of a project's taskforce: members now and before; appointing, changing, ending."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from core.forms import submit
from core.permissions import Permission, SignedInRequest, may, requires
from projects.choices import MemberRole
from projects.forms.taskforce import AppointForm, ChangeMemberForm, EndMemberForm
from projects.models import KeyProject, TaskforceMember
from projects.queries import taskforce as queries
from projects.services import taskforce as services
from projects.views.frame import project_of, render_tab

DEEDS: dict[str, tuple[type[Form], Callable[..., TaskforceMember]]] = {
    "change": (ChangeMemberForm, services.change_member),
    "end": (EndMemberForm, services.end_membership),
}


@requires(Permission.VIEW_PROJECTS)
def taskforce(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, project_of(request, pk))


def _page(request: SignedInRequest, project: KeyProject, form: Form | None = None) -> HttpResponse:
    appoints = may(request.user, Permission.MANAGE_PROJECTS) and project.closed_on is None
    lines = queries.member_lines(project, today=timezone.localdate())
    has_leader = any(line.member.role == MemberRole.LEADER for line in lines)
    if form is None and appoints:
        role = MemberRole.MEMBER if has_leader else MemberRole.LEADER
        form = AppointForm(user=request.user, initial={"role": role})
    context = {
        "lines": lines,
        "former": queries.former_members(project),
        "has_leader": has_leader,
        "appoints": appoints,
        "shows_remarks": may(request.user, Permission.MANAGE_PROJECTS),
        "form": form,
    }
    return render_tab(request, project, "projects/taskforce.html", context)


@requires(Permission.MANAGE_PROJECTS)
def member_appoint(request: SignedInRequest, pk: int) -> HttpResponse:
    """Appoint somebody; what is to be seen to about the person is said at once."""
    project = project_of(request, pk)
    if request.method != "POST":
        return redirect("projects:project-taskforce", pk=pk)
    form = AppointForm(request.POST, user=request.user)
    if form.is_valid():
        now = timezone.now()
        member = submit(
            form, services.appoint_member, project_id=pk, by=request.user, at=now, **form.cleaned_data
        )
        if member is not None:
            messages.success(request, f"已任命“{member.cadre}”为{member.get_role_display()}。")
            remark = queries.account_remark(member.cadre, role=member.role, today=timezone.localdate(now))
            if remark:
                messages.warning(request, f"“{member.cadre}”{remark}。")
            return redirect("projects:project-taskforce", pk=pk)
    return _page(request, project, form)


def _member(project: KeyProject, member: int) -> TaskforceMember:
    found: TaskforceMember = get_object_or_404(
        project.members.filter(end_on=None).select_related("cadre__unit"), pk=member
    )
    return found


@requires(Permission.MANAGE_PROJECTS)
def member_change(request: SignedInRequest, pk: int, member: int, deed: str) -> HttpResponse:
    """Give a member another role or duty (`change`), or end the membership (`end`)."""
    project = project_of(request, pk)
    found = _member(project, member)
    if deed not in DEEDS:
        raise Http404
    form = DEEDS[deed][0](request.POST or None, initial={"role": found.role, "duty": found.duty})
    if request.method == "POST" and form.is_valid():
        service = DEEDS[deed][1]
        done = submit(
            form,
            service,
            project_id=pk,
            member_id=member,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if done is not None:
            told = "已退出攻坚小组，记录保留在历任成员里" if deed == "end" else "的任职已更新"
            messages.success(request, f"“{found.cadre}”{told}。")
            return redirect("projects:project-taskforce", pk=pk)
    context = {"member": found, "form": form, "deed": deed}
    return render_tab(request, project, "projects/member_form.html", context)
