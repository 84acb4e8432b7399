"""Pages of public notices of typical cases."""

from __future__ import annotations

from collections.abc import Callable

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from conduct.choices import NoticeState
from conduct.filters.notices import NoticeFilter
from conduct.forms.notices import NoticeDraftForm, NoticeForm
from conduct.models import CaseNotice
from conduct.queries import notices as queries
from conduct.resources.notices import notice_pdf, notice_word
from conduct.rules.notices import NOTICE
from conduct.services import notices as services
from conduct.views.regulations import citation_block
from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import course_of
from core.rules.errors import NotAllowed
from core.views.documents import hand_out
from core.views.steps import Deed, Desk, Wrong

DESK = Desk(
    workflow=NOTICE,
    route="conduct:notice-step",
    argument="notice_id",
    parts=queries.parts_in,
    deeds={
        "edit": Deed(
            services.edit_notice,
            "已保存，核对后送审。",
            NoticeForm,
            button="保存修改",
            hint="改好先保存，再送审。",
        ),
        "submit": Deed(
            services.submit_notice,
            "已送审。",
            button="送审",
            hint="送审的是已保存的文字；送审后由另一名负责人审批，不能再改。",
        ),
        "approve": Deed(services.approve_notice, "已通报，全区可见。", confirm="批准后全区可见。"),
        "return": Deed(services.return_notice, "已退回拟稿人。", look=""),
        "recall": Deed(services.recall_notice, "已撤回，不再公开。", look="btn-risky"),
        "cancel": Deed(services.cancel_notice, "已作废。", look="btn-risky"),
    },
)


@requires(Permission.VIEW_NOTICES)
def notice_list(request: SignedInRequest) -> HttpResponse:
    listing = NoticeFilter(request.GET, queryset=queries.notices_visible_to(request.user))
    page = Paginator(listing.qs.order_by("-recorded_at", "-id"), 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "conduct/notice_list.html#table" if partial else "conduct/notice_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.DRAFT_NOTICES)
def notice_create(request: SignedInRequest) -> HttpResponse:
    form = NoticeDraftForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        data = {**form.cleaned_data, "violations": list(form.cleaned_data["violations"])}
        notice = submit(form, services.draft_notice, by=request.user, at=timezone.now(), **data)
        if notice is not None:
            return redirect("conduct:notice-detail", pk=notice.pk)
    return render(request, "conduct/notice_form.html", {"form": form})


@requires(Permission.VIEW_NOTICES)
def notice_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    notice = get_object_or_404(queries.notices_visible_to(request.user), pk=pk)
    return _detail(request, notice)


def _detail(request: SignedInRequest, notice: CaseNotice, wrong: Wrong | None = None) -> HttpResponse:
    cards = DESK.cards(notice, request.user, wrong=wrong)
    context = {
        "notice": notice,
        "is_edited": any(card.step == "edit" and card.allowed for card in cards),
        "records": queries.citable(request.user).filter(notices=notice).order_by("occurred_on", "id"),
        "cards": cards,
        "citations": citation_block(notice, request.user),
        "course": course_of(notice, NOTICE),
    }
    return render(request, "conduct/notice_detail.html", context)


def _document(
    request: SignedInRequest, pk: int, make: Callable[[CaseNotice], bytes], kind: str
) -> HttpResponse:
    notice = get_object_or_404(queries.notices_visible_to(request.user), pk=pk)
    if notice.state in (NoticeState.RECALLED, NoticeState.CANCELLED):
        raise NotAllowed(f"这份通报{notice.get_state_display()}，不能导出。")
    name = notice.title if notice.published_on else f"草稿 {notice.title}"
    return hand_out(make(notice), kind=kind, name=name, owner=notice, by=request.user)


@requires(Permission.VIEW_NOTICES)
def notice_as_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    return _document(request, pk, notice_pdf, "pdf")


@requires(Permission.VIEW_NOTICES)
def notice_as_word(request: SignedInRequest, pk: int) -> HttpResponse:
    return _document(request, pk, notice_word, "docx")


@requires(Permission.VIEW_NOTICES)
def notice_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    notice = get_object_or_404(queries.notices_visible_to(request.user), pk=pk)
    return DESK.take(request, notice, step, page=lambda wrong: _detail(request, notice, wrong))
