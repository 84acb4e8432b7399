"""Pages of plans and of findings, with their steps."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from conduct.choices import PlanState
from conduct.filters.inspections import PlanFilter
from conduct.forms.inspections import (
    FinishForm,
    PlanForm,
    ToViolationForm,
)
from conduct.models import InspectionFinding, InspectionPlan
from conduct.queries import inspections as queries
from conduct.queries import links
from conduct.rules import inspections as rules
from conduct.services import findings, plans
from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import course_of, proposals_from
from core.views.steps import Deed, Desk, Wrong

PLAN_DESK = Desk(
    workflow=rules.PLAN,
    route="conduct:inspectionplan-step",
    argument="plan_id",
    deeds={
        "start": Deed(
            plans.start_plan,
            "计划已启动。",
            button="启动计划",
            hint="启动时抽取受检单位，抽取结果不能更改；种子和权重留存。",
            confirm="启动后抽取结果不能更改。",
        ),
        "finish": Deed(plans.finish_plan, "计划已结束。", FinishForm, button="结束计划"),
        "cancel": Deed(
            plans.cancel_plan,
            "计划已取消，已做的检查记录保留。",
            button="取消计划",
            confirm="取消后不能再按这个计划检查。",
            look="btn-risky",
        ),
    },
)
FINDING_DESK = Desk(
    workflow=rules.FINDING,
    route="conduct:inspection-finding-step",
    argument="finding_id",
    parts=queries.finding_parts,
    deeds={
        "to_violation": Deed(
            findings.finding_to_violation,
            "已登记为违规，待另一名纪检人员认定。",
            ToViolationForm,
            button="登记为违规",
            hint="日期、地点、项目和事实自动带入，由另一名纪检人员认定。",
        ),
        "to_letter": Deed(
            findings.finding_to_letter,
            "已建议发督办函，待纪检负责人研判。",
            button="建议发督办函",
            hint="属于单位管理问题的，建议向所在单位发督办函，由纪检负责人研判。",
            look="",
        ),
        "settle": Deed(
            findings.settle_finding,
            "已记为教育提醒。",
            button="记为教育提醒",
            hint="情节轻微，已当场教育提醒、现场纠正的。",
            look="",
        ),
    },
)


@requires(Permission.VIEW_INSPECTIONS)
def plan_list(request: SignedInRequest) -> HttpResponse:
    listing = PlanFilter(request.GET, queryset=queries.plans_visible_to(request.user))
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "conduct/plan_list.html#table" if partial else "conduct/plan_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.RECORD_INSPECTIONS)
def plan_create(request: SignedInRequest) -> HttpResponse:
    form = PlanForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        result = submit(form, plans.plan_inspection, by=request.user, at=timezone.now(), **form.cleaned_data)
        if result is not None:
            plan, is_new = result
            messages.success(request, "已制定，启动后开始检查。" if is_new else "这个计划刚才已经保存。")
            return redirect("conduct:inspectionplan-detail", pk=plan.pk)
    return render(request, "conduct/plan_form.html", {"form": form})


@requires(Permission.RECORD_INSPECTIONS)
def plan_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(queries.plans_visible_to(request.user), pk=pk, state=PlanState.DRAFT)
    form = PlanForm(request.POST or None, user=request.user, initial=PlanForm.of(plan))
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        units, _ = values.pop("units"), values.pop("submission_key")
        done = submit(
            form,
            plans.edit_plan,
            plan_id=pk,
            values=values,
            units=units,
            by=request.user,
            at=timezone.now(),
        )
        if done is not None:
            messages.success(request, "已修改。")
            return redirect("conduct:inspectionplan-detail", pk=pk)
    return render(request, "conduct/plan_form.html", {"form": form, "plan": plan})


@requires(Permission.RECORD_INSPECTIONS)
@require_POST
def plan_holiday(request: SignedInRequest) -> HttpResponse:
    """Draft the plan of the coming public holiday; pressing again leads to the same plan."""
    plan, is_new = plans.plan_holiday(by=request.user, at=timezone.now())
    said = f"已生成“{plan}”，请核对后启动。" if is_new else f"“{plan}”已经有了，没有重复生成。"
    messages.success(request, said)
    return redirect("conduct:inspectionplan-detail", pk=plan.pk)


@requires(Permission.VIEW_INSPECTIONS)
def plan_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _plan_page(request, get_object_or_404(queries.plans_visible_to(request.user), pk=pk))


def _plan_page(request: SignedInRequest, plan: InspectionPlan, wrong: Wrong | None = None) -> HttpResponse:
    drum = queries.drum_of(plan)
    context = {
        "plan": plan,
        "in_drum": len(drum),
        "drawn": [row for row in drum if row.place is not None],
        "left": [row for row in drum if row.place is None],
        "recheck": queries.recheck(plan, drum) if "recheck" in request.GET else None,
        "formula": rules.FORMULA,
        "visits": queries.inspections_visible_to(request.user).filter(plan=plan)[:50],
        "cards": PLAN_DESK.cards(plan, request.user, wrong=wrong),
        "course": course_of(plan, rules.PLAN),
    }
    return render(request, "conduct/plan_detail.html", context)


@requires(Permission.VIEW_INSPECTIONS)
def plan_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    plan = get_object_or_404(queries.plans_visible_to(request.user), pk=pk)
    return PLAN_DESK.take(request, plan, step, page=lambda wrong: _plan_page(request, plan, wrong))


@requires(Permission.VIEW_INSPECTIONS)
def finding_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _finding_page(request, get_object_or_404(queries.findings_visible_to(request.user), pk=pk))


def _finding_page(
    request: SignedInRequest, finding: InspectionFinding, wrong: Wrong | None = None
) -> HttpResponse:
    context = {
        "finding": finding,
        "rule_name": queries.rule_name(finding),
        "proposals": proposals_from(finding),
        "outcome": links.outcome_of(finding, request.user),
        "cards": FINDING_DESK.cards(finding, request.user, wrong=wrong),
        "course": course_of(finding, rules.FINDING),
    }
    return render(request, "conduct/finding_detail.html", context)


@requires(Permission.VIEW_INSPECTIONS)
def finding_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    finding = get_object_or_404(queries.findings_visible_to(request.user), pk=pk)
    return FINDING_DESK.take(
        request, finding, step, page=lambda wrong: _finding_page(request, finding, wrong)
    )
