"""Pages of campaigns."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from conduct.choices import RoundKind
from conduct.filters.campaigns import CampaignFilter
from conduct.forms.campaigns import CampaignForm, CheckForm, ReportForm
from conduct.forms.notices import ReasonForm
from conduct.models import Campaign, CampaignRound
from conduct.queries import campaigns as queries
from conduct.rules.campaigns import CAMPAIGN
from conduct.services import campaigns as services
from core.forms import submit
from core.models import Unit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import course_of
from core.views.steps import Offer, act, step_cards


@requires(Permission.VIEW_CAMPAIGNS)
def campaign_list(request: SignedInRequest) -> HttpResponse:
    listing = CampaignFilter(request.GET, queryset=queries.campaigns_visible_to(request.user))
    page = Paginator(listing.qs.order_by("-first_day", "-id"), 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "conduct/campaign_list.html#table" if partial else "conduct/campaign_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.MANAGE_CAMPAIGNS)
def campaign_create(request: SignedInRequest) -> HttpResponse:
    form = CampaignForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        data = {**form.cleaned_data, "units": list(form.cleaned_data["units"])}
        campaign = submit(form, services.create_campaign, by=request.user, at=timezone.now(), **data)
        if campaign is not None:
            messages.success(request, "已建立，核对后点“启动”，调度和检查的日期自动排好。")
            return redirect("conduct:campaign-detail", pk=campaign.pk)
    return render(request, "conduct/campaign_form.html", {"form": form})


@requires(Permission.VIEW_CAMPAIGNS)
def campaign_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(queries.campaigns_visible_to(request.user), pk=pk)
    return _detail(request, campaign)


def _detail(
    request: SignedInRequest, campaign: Campaign, wrong: Form | None = None, step: str = ""
) -> HttpResponse:
    """The campaign's page; `wrong` is the form of `step` that came back with an error."""

    def to(name: str) -> str:
        return reverse(f"conduct:campaign-{name}", args=[campaign.pk])

    today = timezone.localdate()
    offers = (
        Offer("start", to("start"), button="启动", hint="启动后按工作日历排好半月调度和月检查。"),
        Offer("finish", to("finish"), ReasonForm(auto_id="finish_%s"), button="结束活动", look=""),
        Offer("cancel", to("cancel"), ReasonForm(auto_id="cancel_%s"), button="取消活动", look="btn-risky"),
    )
    context = {
        "campaign": campaign,
        "items": campaign.items.order_by("order"),
        "lines": queries.result_table(campaign, request.user, today=today),
        "rounds": queries.round_lines(campaign, request.user, today=today),
        "cards": step_cards(
            CAMPAIGN,
            state=campaign.state,
            user=request.user,
            parts=(),
            offers=offers,
            wrong=wrong,
            wrong_step=step,
        ),
        "course": course_of(campaign, CAMPAIGN),
    }
    return render(request, "conduct/campaign_detail.html", context)


def _act(
    request: SignedInRequest, pk: int, step: str, service: Callable[..., Campaign], form: Form, told: str
) -> HttpResponse:
    campaign = get_object_or_404(queries.campaigns_visible_to(request.user), pk=pk)
    return act(
        request,
        form,
        service,
        told=told,
        back=reverse("conduct:campaign-detail", args=[pk]),
        page=lambda wrong: _detail(request, campaign, wrong, step),
        campaign_id=pk,
    )


@requires(Permission.MANAGE_CAMPAIGNS)
@require_POST
def campaign_start(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "start", services.start_campaign, Form(request.POST), "已启动。")


@requires(Permission.MANAGE_CAMPAIGNS)
@require_POST
def campaign_finish(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="finish_%s")
    return _act(request, pk, "finish", services.finish_campaign, form, "已结束，结果保留。")


@requires(Permission.MANAGE_CAMPAIGNS)
@require_POST
def campaign_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="cancel_%s")
    return _act(request, pk, "cancel", services.cancel_campaign, form, "已取消。")


def _round(request: SignedInRequest, pk: int, round_pk: int) -> CampaignRound:
    campaign = get_object_or_404(queries.campaigns_visible_to(request.user), pk=pk)
    return get_object_or_404(campaign.rounds.select_related("campaign"), pk=round_pk)


@requires(Permission.VIEW_CAMPAIGNS)
def campaign_round(request: SignedInRequest, pk: int, round_pk: int) -> HttpResponse:
    """One dispatch or check: every visible unit, what it said or how it was found."""
    entry = _round(request, pk, round_pk)
    units = queries.units_of(entry.campaign, request.user)
    kept = entry.reports if entry.kind == RoundKind.DISPATCH else entry.checks.prefetch_related("tags")
    by_unit = {row.unit_id: row for row in kept.all()}
    writable = {unit.pk for unit in queries.reportable_units(entry.campaign, request.user)}
    context = {
        "round": entry,
        "lines": [(unit, by_unit.get(unit.pk), unit.pk in writable) for unit in units],
    }
    return render(request, "conduct/campaign_round.html", context)


def _unit(request: SignedInRequest, entry: CampaignRound, unit_pk: int) -> Unit:
    for unit in queries.units_of(entry.campaign, request.user):
        if unit.pk == unit_pk:
            return unit
    raise Http404


@requires(Permission.REPORT_CAMPAIGNS)
def round_report(request: SignedInRequest, pk: int, round_pk: int, unit_pk: int) -> HttpResponse:
    entry = _round(request, pk, round_pk)
    unit = _unit(request, entry, unit_pk)
    earlier = entry.reports.filter(unit=unit).first()
    form = ReportForm(request.POST or None, initial={"text": earlier.text if earlier else ""})
    if request.method == "POST":
        return act(
            request,
            form,
            services.report_round,
            told=f"“{unit}”已填报。",
            back=reverse("conduct:campaign-round", args=[pk, round_pk]),
            page=lambda wrong: _sheet(request, entry, unit, wrong),
            round_id=round_pk,
            unit=unit,
        )
    return _sheet(request, entry, unit, form)


@requires(Permission.MANAGE_CAMPAIGNS)
def round_check(request: SignedInRequest, pk: int, round_pk: int, unit_pk: int) -> HttpResponse:
    entry = _round(request, pk, round_pk)
    unit = _unit(request, entry, unit_pk)
    items = list(entry.campaign.items.order_by("order"))
    earlier = entry.checks.filter(unit=unit).prefetch_related("points", "tags").first()
    form = CheckForm(request.POST or None, items=items, earlier=earlier)
    if request.method == "POST":
        return act(
            request,
            form,
            services.record_check,
            told=f"“{unit}”的检查已记录。",
            back=reverse("conduct:campaign-round", args=[pk, round_pk]),
            page=lambda wrong: _sheet(request, entry, unit, wrong),
            round_id=round_pk,
            unit=unit,
        )
    return _sheet(request, entry, unit, form)


def _sheet(request: SignedInRequest, entry: CampaignRound, unit: Unit, form: Form) -> HttpResponse:
    context = {"round": entry, "unit": unit, "form": form}
    return render(request, "conduct/campaign_sheet.html", context)
