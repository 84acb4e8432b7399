"""Pages of statistics: own violations, the public case ledger, and whether published figures chain."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from conduct.choices import Timeliness
from conduct.filters.cases import CaseFilter
from conduct.forms.statistics import ChainForm, RangeForm
from conduct.queries import cases as case_queries
from conduct.queries import clue_statistics as clue_queries
from conduct.queries import statistics as queries
from conduct.resources.cases import case_workbook
from conduct.resources.chain import FigureTable, read_figures
from conduct.rules.statistics import check_figures, grouped
from conduct.services import statistics as services
from conduct.tables.statistics import statistics_workbook
from core.filters import conditions
from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.resources.sheets import MEDIA_TYPE
from core.resources.workbook import MAX_BYTES
from core.views.downloads import as_file


@requires(Permission.VIEW_STATISTICS)
def statistics(request: SignedInRequest) -> HttpResponse:
    """Counted violations of a year or a range of days, within the reader's reach."""
    form = RangeForm(request.GET)
    since, until = form.days
    partial = request.headers.get("HX-Request")
    template = "conduct/statistics.html#table" if partial else "conduct/statistics.html"
    context = {"form": form, "found": queries.statistics(request.user, since, until), "tab": "own"}
    return render(request, template, context)


@requires(Permission.VIEW_STATISTICS)
def statistics_export(request: SignedInRequest) -> HttpResponse:
    """The page as a workbook, recorded before it is handed out."""
    since, until = RangeForm(request.GET).days
    found, at = queries.statistics(request.user, since, until), timezone.now()
    content = statistics_workbook(
        found, by_name=request.user.display_name, on=timezone.localdate(at).isoformat()
    )
    services.record_export(
        what="导出作风统计",
        content=content,
        detail={"since": since, "until": until, "counted": found.counted},
        by=request.user,
        at=at,
    )
    return as_file(content, name=f"作风统计_{since}_{until}.xlsx", content_type=MEDIA_TYPE)


@requires(Permission.HANDLE_CLUES)
def clue_statistics(request: SignedInRequest) -> HttpResponse:
    """Clues received in a year or a range of days, as counts; nobody's own are in them."""
    form = RangeForm(request.GET, day="收到日期")
    found = clue_queries.clue_statistics(request.user, *form.days)
    partial = request.headers.get("HX-Request")
    template = "conduct/clue_statistics.html#table" if partial else "conduct/clue_statistics.html"
    context = {"form": form, "found": found, "stands": Timeliness.labels, "tab": "clues"}
    return render(request, template, context)


@requires(Permission.VIEW_STATISTICS)
def case_statistics(request: SignedInRequest) -> HttpResponse:
    found = case_queries.case_statistics(case_queries.cases_visible_to(request.user))
    return render(request, "conduct/case_statistics.html", {"found": found, "tab": "cases"})


@requires(Permission.VIEW_STATISTICS)
def case_list(request: SignedInRequest) -> HttpResponse:
    listing = CaseFilter(request.GET, queryset=case_queries.cases_visible_to(request.user))
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "conduct/case_list.html#table" if partial else "conduct/case_list.html"
    context = {"filter": listing, "page": page, "tab": "list", "export": reverse("conduct:case-export")}
    return render(request, template, context)


@requires(Permission.VIEW_STATISTICS)
def case_export(request: SignedInRequest) -> HttpResponse:
    """What the list shows, all pages of it, under the heads of the import."""
    listing = CaseFilter(request.GET, queryset=case_queries.cases_visible_to(request.user))
    cases, at = list(listing.qs), timezone.now()
    limits = {label: text for _, label, text in conditions(listing.form)}
    on = timezone.localdate(at).isoformat()
    told = "；".join([*(f"{label}：{text}" for label, text in limits.items()), f"共 {len(cases)} 个案例"])
    content = case_workbook(cases, told=f"{told}；{request.user.display_name} {on} 导出")
    services.record_export(
        what="导出案例库",
        content=content,
        detail={"rows": len(cases), "filters": limits},
        by=request.user,
        at=at,
    )
    return as_file(content, name=f"案例库_{on}.xlsx", content_type=MEDIA_TYPE)


@requires(Permission.VIEW_STATISTICS)
def case_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One case as its source tells it, beside what was read from it."""
    case = get_object_or_404(case_queries.cases_visible_to(request.user), code=code)
    return render(request, "conduct/case_detail.html", {"case": case, "tab": "list"})


@requires(Permission.VIEW_STATISTICS)
def chain_check(request: SignedInRequest) -> HttpResponse:
    """Read a table of figures and say which statements hold; nothing of it is kept."""
    sent = request.method == "POST"
    form = ChainForm(request.POST if sent else None, request.FILES if sent else None)
    context: dict[str, object] = {"form": form, "tab": "chain"}
    if sent and form.is_valid():
        file = form.cleaned_data["file"]
        data = file.read(MAX_BYTES + 1) if file else form.cleaned_data["text"].strip("\r\n").encode()
        table = submit(form, read_figures, name=file.name if file else "粘贴.csv", data=data)
        if isinstance(table, FigureTable):
            checked = check_figures(table.lines)
            context |= {
                "checked": checked,
                "holding": len(checked.statements) - len(checked.differing),
                "uncompared": grouped([*table.unreadable, *checked.uncompared]),
                "left_out": table.left_out,
                "rows_read": len(table.lines),
            }
    return render(request, "conduct/chain_check.html", context)
