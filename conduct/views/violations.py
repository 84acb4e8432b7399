"""Pages of violations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from conduct.choices import ViolationState
from conduct.filters.violations import ViolationFilter
from conduct.forms.violations import (
    CompletionForm,
    CorrectionForm,
    DecisionForm,
    EvidenceForm,
    HandlingEntryForm,
    ReasonForm,
    RoundForm,
    RowFormSet,
    ViolationForm,
    WithdrawForm,
)
from conduct.models import Violation
from conduct.queries import violations as queries
from conduct.rules import violations as rules
from conduct.services import handlings as handling_services
from conduct.services import violations as services
from conduct.views.regulations import citation_block
from core.forms import submit
from core.permissions import Permission, SignedInRequest, may, requires
from core.queries import attachments_of, course_of, proposals_from
from core.views.attachments import download
from core.views.steps import Offer, act, step_cards

DECIDED: dict[str, str] = {
    ViolationState.CONFIRMED: "已认定属实，自今天起计入考核。",
    ViolationState.PARTLY: "已认定部分属实，自今天起减半计入考核。",
    ViolationState.DISMISSED: "已认定不属实，不计入考核；已建议澄清正名，待纪检负责人研判。",
}
TOLD: dict[str, str] = {
    "withdraw": "已撤回，原文保留在记录中。",
    "attach": "附件已补充。",
    "correct": "已更正，原内容保留在更正记录中。",
    "handle": "处理已登记。",
    "escalate": "已建议问责，待纪检负责人研判。",
    "complete": "完成日期已登记。",
    "close": "已办结。",
    "reopen": "已撤销原认定，待重新认定；原认定保留在更正记录中，不再计入考核。",
}
CARRIED = ("occurred_on", "found_by", "place")
"""What the next record of the same round most likely shares."""


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
    """Log a violation; “保存并继续登记” keeps date and place for the next one of the same round."""
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
    if request.FILES and form.errors and "evidence" not in form.errors:
        form.add_error("evidence", "其他栏有误，还没有保存；附件请重新选择。")
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
    carried = {name: request.GET[name] for name in CARRIED if request.GET.get(name)}
    return {"submission_key": uuid4(), **carried}


@requires(Permission.VIEW_VIOLATIONS)
def violation_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    return _detail(request, violation)


def _detail(
    request: SignedInRequest, violation: Violation, wrong: Form | None = None, step: str = ""
) -> HttpResponse:
    """The record's page; `wrong` is the form of `step` that came back with an error."""

    def to(name: str) -> str:
        return reverse(f"conduct:violation-{name}", args=[violation.pk])

    points = f"{violation.prohibition.deduct_points.normalize():f}"
    repeats = queries.repeats_of(violation)
    handlings = list(queries.handlings_of(violation))
    open_ones = [handling for handling in handlings if handling.is_open]
    inside = may(request.user, Permission.CONFIRM_VIOLATIONS)
    offers = [
        Offer(
            "decide",
            to("decide"),
            DecisionForm(initial={"circumstances": violation.circumstances}),
            button="提交认定",
            hint=f"本条款每次扣 {points} 分，以考核方案为准。{_repeat_hint(repeats)}",
            confirm="认定后要改结论，只能由另一人重新认定；属实、部分属实的自今天起计入考核。",
        ),
        Offer("attach", to("attach"), EvidenceForm(), button="上传", look=""),
        Offer(
            "correct",
            to("correct"),
            CorrectionForm(violation=violation, user=request.user),
            button="保存更正",
            hint="认定前可以更正，原内容保留在经过中。",
            look="",
        ),
        Offer(
            "withdraw",
            to("withdraw"),
            WithdrawForm(auto_id="withdraw_%s"),
            button="撤回记录",
            hint="撤回后不再认定，原文留存备查。",
            confirm="撤回后这条记录不再认定，原文留存备查。",
            look="btn-risky",
        ),
        Offer(
            "complete",
            to("complete"),
            CompletionForm(open_ones=open_ones),
        ),
        Offer(
            "handle",
            to("handle"),
            HandlingEntryForm(auto_id="handle_%s"),
            hint="可以登记多项。责令检查、公开承诺在本人完成后还要登记完成日期。",
        ),
        Offer(
            "close",
            to("close"),
            hint=(queries.closing_problem(violation) or "") if violation.finding else "",
            confirm="办结后不能再登记处理。",
            look="",
        ),
        Offer(
            "escalate",
            to("escalate"),
            ReasonForm(auto_id="escalate_%s", label="建议问责的理由"),
            hint="批评教育等不够的，由纪检负责人研判是否启动问责；系统不自动处理。",
            look="",
        ),
        Offer(
            "reopen",
            to("reopen"),
            ReasonForm(auto_id="reopen_%s", label="重新认定的原因"),
            button="撤销认定，重新认定",
            hint="原认定和处理保留备查，不再计入考核。",
            confirm="撤销后这条记录回到待认定，原认定不再计入考核。",
            look="btn-risky",
        ),
    ]
    if not open_ones:
        offers = [offer for offer in offers if offer.step != "complete"]
    context = {
        "violation": violation,
        "cards": step_cards(
            rules.VIOLATION,
            state=violation.state,
            user=request.user,
            parts=queries.parts_in(violation, request.user),
            offers=offers,
            wrong=wrong,
            wrong_step=step,
        ),
        "course": course_of(violation, rules.VIOLATION, inside=inside),
        "waiting": "等待另一名纪检人员认定" if violation.state == ViolationState.LOGGED else "",
        "attachments": attachments_of(violation),
        "citations": citation_block(violation, request.user),
        "handlings": handlings,
        "proposals": proposals_from(violation),
        "others": queries.same_matter(violation, request.user),
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


def _act(
    request: SignedInRequest, pk: int, step: str, service: Callable[..., Violation], form: Form
) -> HttpResponse:
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    return act(
        request,
        form,
        service,
        told=lambda done: DECIDED[done.state] if step == "decide" else TOLD[step],
        back=reverse("conduct:violation-detail", args=[pk]),
        page=lambda wrong: _detail(request, violation, wrong, step),
        violation_id=pk,
    )


@requires(Permission.CONFIRM_VIOLATIONS)
@require_POST
def violation_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "decide", services.decide_violation, DecisionForm(request.POST))


@requires(Permission.LOG_VIOLATIONS)
@require_POST
def violation_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    form = WithdrawForm(request.POST, auto_id="withdraw_%s")
    return _act(request, pk, "withdraw", services.withdraw_violation, form)


@requires(Permission.LOG_VIOLATIONS)
@require_POST
def violation_attach(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "attach", services.add_evidence, EvidenceForm(request.POST, request.FILES))


@requires(Permission.LOG_VIOLATIONS)
@require_POST
def violation_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    form = CorrectionForm(request.POST, violation=violation, user=request.user)
    return _act(request, pk, "correct", services.correct_violation, form)


@requires(Permission.CONFIRM_VIOLATIONS)
@require_POST
def violation_handle(request: SignedInRequest, pk: int) -> HttpResponse:
    form = HandlingEntryForm(request.POST, auto_id="handle_%s")
    return _act(request, pk, "handle", handling_services.handle_violation, form)


@requires(Permission.CONFIRM_VIOLATIONS)
@require_POST
def violation_escalate(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="escalate_%s", label="建议问责的理由")
    return _act(request, pk, "escalate", handling_services.escalate_violation, form)


@requires(Permission.CONFIRM_VIOLATIONS)
@require_POST
def violation_complete(request: SignedInRequest, pk: int) -> HttpResponse:
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    open_ones = [handling for handling in queries.handlings_of(violation) if handling.is_open]
    form = CompletionForm(request.POST, open_ones=open_ones)
    return _act(request, pk, "complete", handling_services.complete_handling, form)


@requires(Permission.CONFIRM_VIOLATIONS)
@require_POST
def violation_close(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "close", handling_services.close_violation, Form(request.POST))


@requires(Permission.CONFIRM_VIOLATIONS)
@require_POST
def violation_reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="reopen_%s", label="重新认定的原因")
    return _act(request, pk, "reopen", services.reopen_violation, form)
