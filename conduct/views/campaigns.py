"""Pages of campaigns."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from conduct.choices import RoundKind
from conduct.filters.campaigns import CampaignFilter
from conduct.forms.campaigns import CampaignEditForm, CampaignForm, CheckForm, ReportForm
from conduct.models import Campaign, CampaignRound
from conduct.queries import campaigns as queries
from conduct.rules.campaigns import CAMPAIGN
from conduct.services import campaigns as services
from core.forms import submit
from core.models import Unit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import course_of
from core.views.steps import Deed, Desk, Wrong, act

DESK = Desk(
    workflow=CAMPAIGN,
    route="conduct:campaign-step",
    argument="campaign_id",
    deeds={
        "start": Deed(services.start_campaign, "已启动。", hint="启动后按工作日历排好半月调度和月检查。"),
        "edit": Deed(services.edit_campaign, "已保存。", CampaignEditForm, button="保存修改", look=""),
        "finish": Deed(services.finish_campaign, "已结束，结果保留。", button="结束活动", look=""),
        "cancel": Deed(services.cancel_campaign, "已取消。", button="取消活动", look="btn-risky"),
    },
)


@requires(Permission.VIEW_CAMPAIGNS)
def campaign_list(request: SignedInRequest) -> HttpResponse:
    rows = queries.campaigns_visible_to(request.user)
    listing = CampaignFilter(request.GET, queryset=rows, user=request.user)
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


def _detail(request: SignedInRequest, campaign: Campaign, wrong: Wrong | None = None) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "campaign": campaign,
        "items": campaign.items.order_by("order"),
        "lines": queries.result_table(campaign, request.user, today=today),
        "rounds": queries.round_lines(campaign, request.user, today=today),
        "cards": DESK.cards(campaign, request.user, wrong=wrong),
        "course": course_of(campaign, CAMPAIGN),
    }
    return render(request, "conduct/campaign_detail.html", context)


@requires(Permission.VIEW_CAMPAIGNS)
def campaign_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    campaign = get_object_or_404(queries.campaigns_visible_to(request.user), pk=pk)
    return DESK.take(request, campaign, step, page=lambda wrong: _detail(request, campaign, wrong))


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
