"""Pages of public notices of typical cases."""

from __future__ import annotations

from collections.abc import Callable

from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from conduct.filters.notices import NoticeFilter
from conduct.forms.notices import NoticeDraftForm, NoticeForm, ReasonForm
from conduct.models import CaseNotice
from conduct.queries import notices as queries
from conduct.rules.notices import NOTICE
from conduct.services import notices as services
from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import course_of
from core.views.steps import Offer, act, step_cards


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


def _detail(
    request: SignedInRequest, notice: CaseNotice, wrong: Form | None = None, step: str = ""
) -> HttpResponse:
    """The notice's page; `wrong` is the form of `step` that came back with an error."""

    def to(name: str) -> str:
        return reverse(f"conduct:notice-{name}", args=[notice.pk])

    initial = {"title": notice.title, "body": notice.body, "masked": notice.masked}
    offers = (
        Offer("edit", to("edit"), NoticeForm(initial=initial), button="保存修改", look=""),
        Offer("submit", to("submit"), button="送审", hint="送审后由另一名负责人审批，不能再改。"),
        Offer("approve", to("approve"), button="批准通报", confirm="批准后全区可见。"),
        Offer("return", to("return"), ReasonForm(auto_id="return_%s"), look=""),
        Offer("recall", to("recall"), ReasonForm(auto_id="recall_%s"), look="btn-risky"),
        Offer("cancel", to("cancel"), ReasonForm(auto_id="cancel_%s"), look="btn-risky"),
    )
    context = {
        "notice": notice,
        "records": queries.citable(request.user).filter(notices=notice).order_by("occurred_on", "id"),
        "cards": step_cards(
            NOTICE,
            state=notice.state,
            user=request.user,
            parts=queries.parts_in(notice, request.user),
            offers=offers,
            wrong=wrong,
            wrong_step=step,
        ),
        "course": course_of(notice, NOTICE),
    }
    return render(request, "conduct/notice_detail.html", context)


def _act(
    request: SignedInRequest, pk: int, step: str, service: Callable[..., CaseNotice], form: Form, told: str
) -> HttpResponse:
    notice = get_object_or_404(queries.notices_visible_to(request.user), pk=pk)
    return act(
        request,
        form,
        service,
        told=told,
        back=reverse("conduct:notice-detail", args=[pk]),
        page=lambda wrong: _detail(request, notice, wrong, step),
        notice_id=pk,
    )


@requires(Permission.DRAFT_NOTICES)
@require_POST
def notice_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "edit", services.edit_notice, NoticeForm(request.POST), "已保存。")


@requires(Permission.DRAFT_NOTICES)
@require_POST
def notice_submit(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "submit", services.submit_notice, Form(request.POST), "已送审。")


@requires(Permission.APPROVE_NOTICES)
@require_POST
def notice_approve(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "approve", services.approve_notice, Form(request.POST), "已通报，全区可见。")


@requires(Permission.APPROVE_NOTICES)
@require_POST
def notice_return(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="return_%s")
    return _act(request, pk, "return", services.return_notice, form, "已退回拟稿人。")


@requires(Permission.APPROVE_NOTICES)
@require_POST
def notice_recall(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="recall_%s")
    return _act(request, pk, "recall", services.recall_notice, form, "已撤回，不再公开。")


@requires(Permission.DRAFT_NOTICES)
@require_POST
def notice_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="cancel_%s")
    return _act(request, pk, "cancel", services.cancel_notice, form, "已作废。")
