"""Pages of clues. No page title, address or message carries a word of what was said."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from conduct.choices import ClueState
from conduct.filters.clues import ClueFilter
from conduct.forms import clues as forms
from conduct.forms.violations import EvidenceForm
from conduct.models import Clue
from conduct.queries import clues as queries
from conduct.queries import links
from conduct.rules import clues as rules
from conduct.services import clue_entry, handovers
from conduct.services import clues as services
from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import attachments_of, course_of
from core.rules.errors import NotAllowed
from core.services.sealing import contact_indexes
from core.views.attachments import download
from core.views.steps import Deed, Desk, Wrong, act

WAITING: dict[str, str] = {
    ClueState.REGISTERED: "等待负责人分派",
    ClueState.ASSIGNED: "等待承办人提出处置意见",
    ClueState.PROPOSED: "等待另一名负责人审批",
    ClueState.IN_HAND: "承办人办理中",
    ClueState.REPORTED: "等待另一名负责人批准了结",
}
DESK = Desk(
    workflow=rules.CLUE,
    route="conduct:clue-step",
    argument="clue_id",
    parts=queries.parts_in,
    key=attrgetter("number"),
    deeds={
        "assign": Deed(services.assign, "已分派，承办人的待办中会出现这条线索。", forms.AssignForm),
        "dispose": Deed(services.dispose, "处置意见已提交，待另一人审批。", forms.DisposeForm),
        "approve": Deed(
            services.approve,
            "已批准处置意见。",
            forms.ApproveForm,
            hint=lambda clue: f"提出的处置方式：{clue.get_method_display()}。",
            confirm="批准后不能撤回，办理期限从今天起算。",
        ),
        "return": Deed(services.send_back, "已退回承办人。", look="btn-risky"),
        "report": Deed(services.report, "办理结果已提交，待另一人审批。", forms.ReportForm),
        "conclude": Deed(
            services.conclude,
            "已批准了结。",
            confirm="了结后不能再改；实名举报从今天起 15 个工作日内反馈结果。",
        ),
        "redo": Deed(services.redo, "已退回承办人补充。", look="btn-risky"),
        "transfer": Deed(
            services.transfer,
            "已登记移送。",
            forms.TransferForm,
            confirm="移送后本区不再办理这条线索。",
            look="btn-risky",
        ),
        "merge": Deed(
            services.merge,
            "已并案，两条线索都保留。",
            forms.MergeForm,
            confirm="并案后只办理并入的那一条，本条保留备查。",
            look="btn-risky",
        ),
        "correct": Deed(
            clue_entry.correct,
            lambda done: f"已更正，原内容保留在经过中。{done[1]}",
            forms.CorrectionForm,
            button="保存更正",
            hint=lambda clue: (
                f"批准处置前可以更正，原内容保留。现被反映对象：{queries.subjects_in_words(clue)}。"
            ),
            look="",
        ),
        "attach": Deed(
            services.attach, "附件已补充。", EvidenceForm, button="上传", hint=forms.NOT_THE_NAME, look=""
        ),
    },
)


@requires(Permission.HANDLE_CLUES)
def clue_list(request: SignedInRequest) -> HttpResponse:
    listing = ClueFilter(request.GET, queryset=queries.clues_visible_to(request.user), request=request)
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "conduct/clue_list.html#table" if partial else "conduct/clue_list.html"
    today = timezone.localdate()
    rows = [(clue, rules.light(clue.due_on, today)) for clue in page]
    return render(request, template, {"filter": listing, "page": page, "rows": rows})


@requires(Permission.HANDLE_CLUES)
def clue_create(request: SignedInRequest) -> HttpResponse:
    """One question first. About somebody under a higher authority only the hand-over form is read and shown,
    whatever else was sent along."""
    answer = request.POST.get("above") or request.GET.get("above")
    if answer == "yes":
        return _count_handover(request)
    if answer != "no":
        gate = forms.GateForm(request.POST if request.method == "POST" else None)
        return render(request, "conduct/clue_gate.html", {"form": gate})
    sent = request.method == "POST"
    form = forms.ClueForm(request.POST or None, request.FILES or None, user=request.user)
    if sent and form.is_valid():
        result = submit(
            form, clue_entry.register_clue, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if isinstance(result, tuple):
            clue, is_new = result
            return _registered(request, clue, is_new)
    return render(request, "conduct/clue_form.html", {"form": form})


def _registered(request: SignedInRequest, clue: Clue, is_new: bool) -> HttpResponse:
    """To the new clue, saying again what it resembles: a notice, not a refusal."""
    told = f"已登记线索 {clue.number}，待负责人分派。"
    messages.success(request, told if is_new else "这条线索刚才已经保存，没有重复登记。")
    cadres = [s.cadre_id for s in clue.subjects.all() if s.cadre_id is not None]
    alike = queries.similar_clues(
        request.user, title=clue.title, cadre_ids=cadres, today=timezone.localdate(), unlike=clue
    )
    if is_new and alike:
        numbers = "、".join(other.number for other in alike[:3])
        messages.warning(request, f"近 12 个月有相近线索：{numbers}。确属同一件的，请负责人并案。")
    return redirect("conduct:clue-detail", number=clue.number)


def _count_handover(request: SignedInRequest) -> HttpResponse:
    sent = request.method == "POST" and "level" in request.POST
    form = forms.HandoverForm(request.POST if sent else None)
    if sent and form.is_valid():
        handover = submit(
            form, handovers.count_handover, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if handover is not None:
            messages.success(request, f"已登记，请在 {handover.due_on} 前移交；没有录入姓名和内容。")
            return redirect("conduct:handover-list")
    return render(request, "conduct/clue_handover_form.html", {"form": form})


@requires(Permission.HANDLE_CLUES)
def clue_similar(request: SignedInRequest) -> HttpResponse:
    """While typing: clues like this one, and how often the same contact wrote. By POST: nothing of it
    stands in an address or a log."""
    picked = [request.POST.get(f"{name}_id", "") for name in forms.PEOPLE]
    contact = request.POST.get("contact", "").strip()
    context: dict[str, Any] = {
        "similar": queries.similar_clues(
            request.user,
            title=request.POST.get("title", "")[:80],
            cadre_ids=[int(pk) for pk in picked if pk.isascii() and pk.isdigit() and len(pk) < 18],
            today=timezone.localdate(),
        ),
        "times": queries.times_written(request.user, contact_indexes(contact)) if contact else 0,
    }
    return render(request, "conduct/clue_similar.html", context)


def _found(request: SignedInRequest, number: str) -> Clue:
    return get_object_or_404(queries.clues_visible_to(request.user), number=number)


@requires(Permission.HANDLE_CLUES)
def clue_detail(request: SignedInRequest, number: str) -> HttpResponse:
    return _detail(request, _found(request, number))


def _notice_form(notice: int, sent: QueryDict | None = None) -> Wrong:
    key = f"notice{notice}"
    return Wrong(key, forms.NoticeForm(sent, auto_id=f"{key}_%s"))


def _seal_form(sent: QueryDict | None = None) -> Wrong:
    return Wrong("seal", forms.SealForm(sent, auto_id="seal_%s"))


def _detail(request: SignedInRequest, clue: Clue, wrong: Wrong | None = None) -> HttpResponse:
    """The clue's page; `wrong` is the form on it that came back with errors."""
    today = timezone.localdate()
    notices = clue.notices.select_related("done_by").order_by("due_on", "id")

    def shown(fresh: Wrong) -> Form:
        return wrong.form if wrong and wrong.key == fresh.key else fresh.form

    context = {
        "clue": clue,
        "due_light": rules.light(clue.due_on, today),
        "notices": [(n, rules.light(n.due_on, today), shown(_notice_form(n.pk))) for n in notices],
        "attachments": attachments_of(clue),
        "may_open": queries.may_open_seal(clue, request.user),
        "seal_form": shown(_seal_form()),
        "openings": queries.openings_of(clue),
        "outcome": links.outcome_of(clue, request.user),
        "related": queries.related_to(clue, request.user),
        "cards": DESK.cards(clue, request.user, wrong=wrong),
        "course": course_of(clue, rules.CLUE),
        "waiting": WAITING.get(clue.state, ""),
    }
    return render(request, "conduct/clue_detail.html", context)


@requires(Permission.HANDLE_CLUES)
def clue_step(request: SignedInRequest, number: str, step: str) -> HttpResponse:
    clue = _found(request, number)
    return DESK.take(request, clue, step, page=lambda wrong: _detail(request, clue, wrong))


@requires(Permission.HANDLE_CLUES)
@require_POST
def clue_notice(request: SignedInRequest, number: str, notice: int) -> HttpResponse:
    clue = _found(request, number)
    found = get_object_or_404(clue.notices.all(), pk=notice)
    sent = _notice_form(found.pk, request.POST)
    return act(
        request,
        sent.form,
        services.fulfil_notice,
        told="已登记告知。",
        back=reverse("conduct:clue-detail", args=[number]),
        page=lambda _: _detail(request, clue, sent),
        notice_id=found.pk,
    )


@requires(Permission.HANDLE_CLUES)
@require_POST
def clue_seal(request: SignedInRequest, number: str) -> HttpResponse:
    """The complainant's identity, shown once as the answer to a reason; never stored by the browser."""
    clue = _found(request, number)
    sent = _seal_form(request.POST)
    form, who = sent.form, None
    if form.is_valid():
        who = submit(
            form, services.open_seal, clue_id=clue.pk, by=request.user, at=timezone.now(), **form.cleaned_data
        )
    refused = getattr(form, "broken_rule", None)
    if isinstance(refused, NotAllowed):
        messages.error(request, refused.message)
        return redirect("conduct:clue-detail", number=number)
    if who is None:
        return _detail(request, clue, sent)
    response = render(request, "conduct/clue_identity.html", {"clue": clue, "who": who})
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


@requires(Permission.HANDLE_CLUES)
def clue_attachment(request: SignedInRequest, number: str, attachment: int) -> HttpResponseBase:
    return download(owner=_found(request, number), pk=attachment, by=request.user)


@requires(Permission.HANDLE_CLUES)
def handover_list(request: SignedInRequest) -> HttpResponse:
    today, seen = timezone.localdate(), queries.handovers_visible_to(request.user)
    page = Paginator(seen, 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "waiting": seen.filter(handed_on=None).count(),
        "rows": [(h, rules.light(h.due_on, today)) for h in page],
        "counts": queries.handover_counts(request.user),
    }
    return render(request, "conduct/handover_list.html", context)


@requires(Permission.HANDLE_CLUES)
@require_POST
def handover_done(request: SignedInRequest, pk: int) -> HttpResponse:
    handover = get_object_or_404(queries.handovers_visible_to(request.user), pk=pk)
    form = forms.HandedForm(request.POST)
    done = None
    if form.is_valid():
        done = submit(
            form, handovers.hand_over, handover_id=handover.pk, by=request.user, at=timezone.now(),
            **form.cleaned_data,
        )  # fmt: skip
    if done is None:
        messages.error(request, " ".join(str(e) for errors in form.errors.values() for e in errors))
    else:
        messages.success(request, "移交日期已登记。")
    return redirect("conduct:handover-list")


@requires(Permission.HANDLE_CLUES)
def notice_list(request: SignedInRequest) -> HttpResponse:
    """Notices to real-name reporters that are still owed, the nearest limit first."""
    owed = queries.notices_visible_to(request.user).filter(done_on=None).order_by("due_on", "id")
    page = Paginator(owed, 50).get_page(request.GET.get("page"))
    today = timezone.localdate()
    rows = [(notice, rules.light(notice.due_on, today)) for notice in page]
    return render(request, "conduct/clue_notice_list.html", {"page": page, "rows": rows})
