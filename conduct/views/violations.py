"""Pages of violations."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from conduct.choices import ViolationState
from conduct.filters.violations import ViolationFilter
from conduct.forms.violations import (
    AmendmentForm,
    CompletionForm,
    CorrectionForm,
    DecisionForm,
    EvidenceForm,
    HandlingEntryForm,
    RoundForm,
    RowFormSet,
    ViolationForm,
)
from conduct.models import Violation
from conduct.queries import links
from conduct.queries import violations as queries
from conduct.queries.dossier import open_requests
from conduct.rules import violations as rules
from conduct.services import corrections
from conduct.services import handlings as handling_services
from conduct.services import violations as services
from conduct.views.regulations import citation_block
from core.forms import submit
from core.permissions import Permission, SignedInRequest, may, requires
from core.queries import attachments_of, course_of, proposals_from
from core.views.attachments import download
from core.views.steps import Deed, Desk, Wrong

DECIDED: dict[str, str] = {
    ViolationState.CONFIRMED: "已认定属实，自今天起计入考核。",
    ViolationState.PARTLY: "已认定部分属实，自今天起减半计入考核。",
    ViolationState.DISMISSED: "已认定不属实，不计入考核；已建议澄清正名，待纪检负责人研判。",
}
CARRIED = ("occurred_on", "found_by", "place", "about")
"""What the next record of the same round most likely shares."""


def _told_decision(violation: Violation) -> str:
    return DECIDED[violation.state]


DESK = Desk(
    workflow=rules.VIOLATION,
    route="conduct:violation-step",
    argument="violation_id",
    parts=queries.parts_in,
    deeds={
        "decide": Deed(
            services.decide_violation,
            _told_decision,
            DecisionForm,
            button="提交认定",
            confirm="认定后要改结论，只能由另一人重新认定；属实、部分属实的自今天起计入考核。",
        ),
        "complete": Deed(
            handling_services.complete_handling,
            "完成日期已登记。",
            CompletionForm,
            offered=lambda violation: bool(queries.open_handlings(violation)),
        ),
        "handle": Deed(
            handling_services.handle_violation,
            "处理已登记。",
            HandlingEntryForm,
            hint="可以登记多项。责令检查、公开承诺在本人完成后还要登记完成日期。",
        ),
        "close": Deed(
            handling_services.close_violation,
            "已办结。",
            hint=lambda violation: queries.closing_problem(violation) or "",
            confirm="办结后不能再登记处理。",
            look="",
        ),
        "attach": Deed(services.add_evidence, "附件已补充。", EvidenceForm, button="上传", look=""),
        "correct": Deed(
            corrections.correct_violation,
            "已更正，原内容保留在经过中。",
            CorrectionForm,
            button="保存更正",
            hint="认定前可以更正，原内容保留在经过中。",
            look="",
        ),
        "amend": Deed(
            corrections.amend_violation,
            "已勘误，原文保留在经过中。",
            AmendmentForm,
            button="保存勘误",
            hint="只改文字差错，原文保留并可查；人员、条款、日期有误的，要重新认定。",
            look="",
        ),
        "escalate": Deed(
            handling_services.escalate_violation,
            "已建议问责，待纪检负责人研判。",
            hint="批评教育等不够的，由纪检负责人研判是否启动问责；系统不自动处理。",
            look="",
        ),
        "withdraw": Deed(
            services.withdraw_violation,
            "已撤回，原文保留在记录中。",
            button="撤回记录",
            hint="撤回后不再认定，原文留存备查。",
            confirm="撤回后这条记录不再认定，原文留存备查。",
            look="btn-risky",
        ),
        "reopen": Deed(
            corrections.reopen_violation,
            "已撤销原认定，待重新认定；原认定保留在经过中，不再计入考核。",
            button="撤销认定，重新认定",
            hint="原认定和处理保留备查，不再计入考核。",
            confirm="撤销后这条记录回到待认定，原认定不再计入考核。",
            look="btn-risky",
        ),
    },
)


@requires(Permission.VIEW_VIOLATIONS)
def violation_list(request: SignedInRequest) -> HttpResponse:
    listing = ViolationFilter(
        request.GET, queryset=queries.violations_visible_to(request.user), user=request.user
    )
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "conduct/violation_list.html#table" if partial else "conduct/violation_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.LOG_VIOLATIONS)
def violation_create(request: SignedInRequest) -> HttpResponse:
    """Log a violation; `?about=` names the record it comes from. What the next one of a round most likely
    shares is kept for it."""
    form = ViolationForm(
        request.POST or None, request.FILES or None, user=request.user, initial=_carried_over(request)
    )
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        people = [data.pop("cadre"), *data.pop("others")]
        logged = submit(
            form,
            services.log_violations,
            people=[(person, person.unit_id_on) for person in people],
            origin=data.pop("about"),
            by=request.user,
            at=timezone.now(),
            **data,
        )
        if logged:
            messages.success(request, _logged(logged))
            if "again" in request.POST:
                return redirect(
                    f"{request.path}?{urlencode({name: request.POST.get(name, '') for name in CARRIED})}"
                )
            return redirect("conduct:violation-detail", pk=logged[0][0].pk)
    return render(request, "conduct/violation_form.html", {"form": form})


def _logged(logged: list[tuple[Violation, bool]]) -> str:
    if not any(is_new for _, is_new in logged):
        return "这条记录刚才已经保存，没有重复登记。"
    names = "、".join(str(violation.cadre) for violation, _ in logged)
    return f"已登记“{names}”，待另一名纪检人员认定。"


@requires(Permission.LOG_VIOLATIONS)
def violation_bulk(request: SignedInRequest) -> HttpResponse:
    """The findings of one round in one form: shared day and place, a row a finding, all or none."""
    head = RoundForm(request.POST or None)
    head_ok = request.method == "POST" and head.is_valid()
    day = head.cleaned_data.get("occurred_on") if request.method == "POST" else None
    of_round: dict[str, Any] = {"user": request.user, "day": day}
    rows = RowFormSet(request.POST or None, prefix="rows", **of_round)
    if request.method == "POST" and rows.is_valid() and head_ok:
        filled = {
            number: services.FindingRow(
                cadre=row.cleaned_data["cadre"],
                unit_id=row.cleaned_data["cadre"].unit_id_on,
                prohibition=row.cleaned_data["prohibition"],
                facts=row.cleaned_data["facts"],
                distinct=row.cleaned_data["distinct"],
            )
            for number, row in enumerate(rows.forms)
            if row.has_changed()
        }
        logged = submit(
            head,
            services.log_findings,
            rows=filled,
            by=request.user,
            at=timezone.now(),
            **head.cleaned_data,
        )
        if logged:
            messages.success(request, _logged(logged))
            return redirect("conduct:violation-list")
        problem = getattr(head, "broken_rule", None)
        for number, error in getattr(problem, "rows", {}).items():
            row = rows.forms[number]
            row.add_error(error.field if error.field in row.fields else None, error.message)
    return render(request, "conduct/violation_bulk.html", {"head": head, "rows": rows})


def _carried_over(request: SignedInRequest) -> dict[str, object]:
    """What the record it comes from already says, or the record before it in the same round."""
    carried = {name: request.GET[name] for name in CARRIED if request.GET.get(name)}
    source = links.record_of(carried.get("about", ""), request.user) if request.method != "POST" else None
    known = source and links.violation_from(source)
    return {"submission_key": uuid4(), **(known or {}), **carried}


@requires(Permission.VIEW_VIOLATIONS)
def violation_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _detail(request, _found(request, pk))


@requires(Permission.VIEW_VIOLATIONS)
def violation_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    violation = _found(request, pk)
    return DESK.take(request, violation, step, page=lambda wrong: _detail(request, violation, wrong))


def _found(request: SignedInRequest, pk: int) -> Violation:
    rows = queries.violations_visible_to(request.user).prefetch_related("handlings__recorded_by")
    return get_object_or_404(rows, pk=pk)


def _detail(request: SignedInRequest, violation: Violation, wrong: Wrong | None = None) -> HttpResponse:
    points = f"{violation.prohibition.deduct_points.normalize():f}"
    repeats = _repeat_hint(queries.repeats_of(violation))
    inside = may(request.user, Permission.CONFIRM_VIOLATIONS)
    context = {
        "violation": violation,
        "cards": DESK.cards(
            violation,
            request.user,
            wrong=wrong,
            hints={"decide": f"本条款每次扣 {points} 分，以考核方案为准。{repeats}"},
        ),
        "course": course_of(violation, rules.VIOLATION, inside=inside),
        "waiting": "等待另一名纪检人员认定" if violation.state in rules.TO_DECIDE else "",
        "attachments": attachments_of(violation),
        "citations": citation_block(violation, request.user),
        "handlings": violation.handlings.all(),
        "proposals": proposals_from(violation),
        "others": queries.same_matter(violation, request.user),
        "origin": links.visible([(violation.origin_label, violation.origin_id)], request.user).values(),
        "outcome": links.outcome_of(violation, request.user),
        "requests": open_requests(violation._meta.label, violation.pk, request.user),
        "sees_verification": inside,
    }
    return render(request, "conduct/violation_detail.html", context)


def _repeat_hint(repeats: queries.Repeats) -> str:
    """What the decider should know of earlier records; a hint, the person decides."""
    if not repeats.is_repeat:
        return ""
    same = f"（同一条款第 {repeats.same_rule + 1} 次）" if repeats.same_rule else ""
    return (
        f"近 {rules.REPEAT_MONTHS} 个月第 {repeats.any_rule + 1} 次{same}，依地方办法应从重一档"
        "（一年内两次以上，只计属实、部分属实）。"
    )


@requires(Permission.VIEW_VIOLATIONS)
def violation_attachment(request: SignedInRequest, pk: int, attachment: int) -> HttpResponseBase:
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    return download(owner=violation, pk=attachment, by=request.user)
