"""Pages of investment: all projects in a month, a project's year, its plan and what was brought forward."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from core.filters import conditions
from core.forms import submit
from core.permissions import Permission, SignedInRequest, may, requires
from core.resources.sheets import MEDIA_TYPE
from core.rules.errors import StaleVersion
from core.views.downloads import as_file
from projects.filters.investment import InvestmentFilter
from projects.forms.investment import OpeningForm, PlanForm, YearForm, shown_text
from projects.models import InvestmentOpening, InvestmentPlan, KeyProject
from projects.permissions import check_report_investment
from projects.queries import investment as queries
from projects.queries.projects import leads, projects_visible_to
from projects.rules import investment as rules
from projects.services import investment as services
from projects.tables.investment import ledger_workbook
from projects.views.frame import project_of, render_tab

PAGE = 100
"""Projects on one page of the table; units and sums are always of all."""
RECENT = 8
"""Revisions shown at once; the others are folded."""
HISTORY = 60
"""Revisions on the page of a project; the rest is in its history."""


def _listing(request: SignedInRequest) -> InvestmentFilter:
    visible = projects_visible_to(request.user).order_by("code", "pk")
    return InvestmentFilter(request.GET, queryset=visible, user=request.user)


@requires(Permission.VIEW_PROJECTS)
def investment_list(request: SignedInRequest) -> HttpResponse:
    """A month over all visible projects, by project, by unit and in sum: sums are of what is listed."""
    listing = _listing(request)
    found = queries.ledger(listing.qs, month=listing.month_read)
    partial = request.headers.get("HX-Request")
    template = "projects/investment_list.html#table" if partial else "projects/investment_list.html"
    page = Paginator(found.lines, PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": listing,
        "found": found,
        "page": page,
        "export": reverse("projects:investment-export"),
    }
    return render(request, template, context)


@requires(Permission.VIEW_PROJECTS)
def investment_export(request: SignedInRequest) -> HttpResponse:
    """The page as a workbook, recorded before it is handed out."""
    listing, at = _listing(request), timezone.now()
    found = queries.ledger(listing.qs, month=listing.month_read)
    limits = {label: text for _, label, text in conditions(listing.form)}
    on = timezone.localdate(at)
    told = "；".join(
        [*(f"{label}：{text}" for label, text in limits.items()), f"共 {len(found.lines)} 个项目"]
    )
    content = ledger_workbook(found, told=f"{told}；{request.user.display_name} {on} 导出")
    services.record_export(
        content=content, detail={"rows": len(found.lines), "filters": limits}, by=request.user, at=at
    )
    name = f"投资完成_{found.month.year}年{found.month.month}月.xlsx"
    return as_file(content, name=name, content_type=MEDIA_TYPE)


def _year(text: str) -> int:
    """The year asked for, this year for what is none."""
    this = timezone.localdate().year
    year = int(text) if text.isdecimal() and len(text) == 4 else this
    return year if rules.FIRST_YEAR <= year <= this + 1 else this


@requires(Permission.VIEW_PROJECTS)
def project_investment(request: SignedInRequest, pk: int) -> HttpResponse:
    """A project's year: who leads it fills the sheet in, everybody else reads it. When somebody saved first
    the sheet comes back with both amounts, nothing lost."""
    project, today = project_of(request, pk), timezone.localdate()
    sheet = queries.year_sheet(project, _year(request.GET.get("year", "")), today=today)
    can_report = queries.may_report(request.user, project)
    form = YearForm(request.POST or None, lines=sheet.lines) if can_report else None
    status = 200
    if request.method == "POST":
        check_report_investment(user=request.user, project=project, is_leader=leads(request.user, project))
        assert form is not None
        answer = _save(request, form, project, sheet)
        if isinstance(answer, HttpResponse):
            return answer
        status = answer
    rows = queries.revisions_of(project)[:HISTORY]
    history = [{"row": row, "what": queries.told(row)} for row in rows]
    context = {
        "sheet": sheet,
        "form": form,
        "rows": [(line, form.parts(line.month) if form else {}) for line in sheet.lines],
        "history": {"recent": history[:RECENT], "earlier": history[RECENT:]},
        "now_year": today.year,
        "can_plan": may(request.user, Permission.MANAGE_PROJECTS),
    }
    return render_tab(request, project, "projects/investment_sheet.html", context, status=status)


def _save(
    request: SignedInRequest, form: YearForm, project: KeyProject, sheet: queries.YearSheet
) -> HttpResponse | int:
    """Save a sheet: where to go on, or the status with which it comes back with what is wrong in it."""
    if not form.is_valid():
        return 200
    typed = form.typed
    saved = submit(
        form, services.save_months, project_id=project.pk, rows=typed, by=request.user, at=timezone.now()
    )
    if saved is not None:
        if saved:
            messages.success(request, f"已保存 {saved} 个月的投资。")
        else:
            messages.info(request, "没有改动，不用保存。")
        return redirect(request.get_full_path())
    broken = getattr(form, "broken_rule", None)
    if isinstance(broken, rules.SheetWrong):
        for problem in broken.problems[1:]:
            form.add_error(problem.field, problem.message)
    if isinstance(broken, services.StaleMonths):
        # What was typed stays; sending it once more is sending it over the amount now shown.
        now = {line.month: line for line in sheet.lines}
        data = request.POST.copy()
        for month in broken.months:
            line = now[month]
            data[f"was_{month.month}"] = shown_text(line)
            data[f"version_{month.month}"] = str(line.entry.version if line.entry else 0)
        form.data = data
        return 409
    return 200


@requires(Permission.MANAGE_PROJECTS)
def project_investment_plan(request: SignedInRequest, pk: int, year: int) -> HttpResponse:
    """Set or change a year's plan."""
    project = project_of(request, pk)
    plan = queries.plan_of(project, year)
    initial = {"amount": plan.amount_text if plan else "", "version": plan.version if plan else 0}
    form = PlanForm(request.POST or None, initial=initial)
    return _office_page(
        request,
        project,
        form,
        services.set_plan,
        {"year": year},
        title=f"{year} 年计划投资",
        said=(project.plan_text, project.plan_yuan),
        stored=plan,
        back=f"?year={year}",
    )


@requires(Permission.MANAGE_PROJECTS)
def project_investment_opening(request: SignedInRequest, pk: int) -> HttpResponse:
    """Bring forward what was done before months were reported."""
    project, today = project_of(request, pk), timezone.localdate()
    opening = queries.opening_of(project)
    initial: dict[str, Any] = {"version": 0}
    if opening is not None:
        initial = {
            "amount": opening.amount_text,
            "month": opening.month.isoformat(),
            "scope": opening.scope,
            "version": opening.version,
        }
    form = OpeningForm(request.POST or None, initial=initial, today=today)
    return _office_page(
        request,
        project,
        form,
        services.set_opening,
        {},
        title="期初累计投资",
        said=(project.invested_text, project.invested_yuan),
        stored=opening,
        back="",
    )


def _office_page(
    request: SignedInRequest,
    project: KeyProject,
    form: PlanForm,
    service: Any,
    more: dict[str, Any],
    *,
    title: str,
    said: tuple[str, Any],
    stored: InvestmentPlan | InvestmentOpening | None,
    back: str,
) -> HttpResponse:
    """A figure the office sets: the form beside what the imported table says."""
    status, page = 200, reverse("projects:project-investment", args=[project.pk]) + back
    if request.method == "POST" and form.is_valid():
        given = {("money" if name == "amount" else name): value for name, value in form.cleaned_data.items()}
        saved = submit(
            form, service, project_id=project.pk, by=request.user, at=timezone.now(), **given, **more
        )
        if saved is not None:
            messages.success(request, f"{title}已保存。")
            return redirect(page)
        if isinstance(getattr(form, "broken_rule", None), StaleVersion):
            form.data = {**request.POST.dict(), "version": str(stored.version if stored else 0)}
            status = 409
    text, yuan = said
    context = {
        "project": project,
        "form": form,
        "heading": title,
        "said_text": text,
        "said_yuan": yuan,
        "said_fill": "" if yuan is None else rules.spoken(yuan).replace(" ", "").replace(",", ""),
        "back": page,
        "asks_sure": bool(form.errors.get("sure")) or bool(form.data.get("sure")),
    }
    return render(request, "projects/investment_office_form.html", context, status=status)
