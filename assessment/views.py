"""Pages of the assessment."""

from __future__ import annotations

import hashlib

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessment.choices import MAX_RATING, PeriodState, Source
from assessment.filters import RankingFilter
from assessment.forms import RatingForm
from assessment.models import Run
from assessment.queries import periods, results
from assessment.resources import ranking_file_name, ranking_workbook
from assessment.rules import periods as calendar
from assessment.services import exports, ratings, runs
from core.forms import submit
from core.permissions import Permission, SignedInRequest, may, requires
from core.resources.sheets import MEDIA_TYPE
from core.rules.errors import DomainError
from core.views.downloads import as_file

MOST_RUNS = 60
"""So many runs are offered to choose from: five years of months."""


@requires(Permission.RUN_ASSESSMENT)
def period_list(request: SignedInRequest) -> HttpResponse:
    """Periods with their state; while a run is under way the table asks again every two seconds."""
    page = Paginator(periods.periods_visible_to(request.user), 24).get_page(request.GET.get("page"))
    lines = periods.period_lines(list(page.object_list))
    context = {"page": page, "lines": lines, "running": any(line.is_running for line in lines)}
    partial = request.headers.get("HX-Request")
    return render(
        request, "assessment/period_list.html#table" if partial else "assessment/period_list.html", context
    )


@requires(Permission.RUN_ASSESSMENT)
def period_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One period: its versions with scheme, progress and digest, and what may be started now."""
    period = get_object_or_404(periods.periods_visible_to(request.user), pk=pk)
    lines = periods.run_lines(period)
    today = timezone.localdate()
    context = {
        "period": period,
        "lines": lines,
        "due_on": periods.due_day(period),
        "running": any(line.is_running for line in lines),
        "begun": period.first_day <= today,
        "ended": period.last_day < today,
        "computed": period.state == PeriodState.REVIEW,
    }
    partial = request.headers.get("HX-Request")
    name = "assessment/period_detail.html"
    return render(request, f"{name}#runs" if partial else name, context)


@requires(Permission.RUN_ASSESSMENT)
@require_POST
def run_start(request: SignedInRequest, pk: int) -> HttpResponse:
    """Compute a period now: provisional before its end, a new version when it was computed before."""
    period = get_object_or_404(periods.periods_visible_to(request.user), pk=pk)
    again = request.POST.get("again") == "1"
    try:
        run = runs.start_run(period=period, by=request.user, at=timezone.now(), again=again)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{run}已交后台处理，完成后可在“结果与排名”查看。")
    return redirect("assessment:period-detail", pk=pk)


def _listing(request: SignedInRequest) -> tuple[Run | None, RankingFilter | None]:
    """The run named by `?run=` or the newest final one, and its filtered rows; 404 for one not there."""
    runs = list(results.runs_visible_to(request.user)[:MOST_RUNS])
    if not runs:
        return None, None
    newest = next((run for run in runs if not run.provisional), runs[0])
    wanted = request.GET.get("run", "")
    run = next((run for run in runs if str(run.pk) == wanted), None) if wanted else newest
    if run is None:
        raise Http404
    rows = results.ranking(request.user, run)
    return run, RankingFilter(request.GET, queryset=rows, user=request.user, runs=runs, newest=newest)


@requires(Permission.VIEW_RESULTS)
def ranking(request: SignedInRequest) -> HttpResponse:
    """The ranking of one run within the reader's scope. Who sees only the own result is led there."""
    if results.sees_only_self(request.user):
        return redirect("assessment:my-results")
    run, listing = _listing(request)
    context: dict[str, object] = {"run": run}
    if run is not None and listing is not None:
        page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
        spec = run.spec
        context |= {
            "filter": listing,
            "page": page,
            "spec": spec,
            "heads": results.heads(spec),
            "rows": [(result, *results.lines_and_marks(spec, result)) for result in page.object_list],
            "may_export": may(request.user, Permission.EXPORT_RANKING),
        }
    partial = request.headers.get("HX-Request")
    return render(request, "assessment/ranking.html#table" if partial else "assessment/ranking.html", context)


@requires(Permission.EXPORT_RANKING)
def export_ranking(request: SignedInRequest) -> HttpResponse:
    """The same rows as the page, as a workbook an office would print; recorded before it is handed out."""
    run, listing = _listing(request)
    if run is None or listing is None:
        raise Http404
    at = timezone.now()
    rows = list(listing.qs)
    content = ranking_workbook(
        run=run, results=rows, filters=listing.in_words, by_name=request.user.display_name, at=at
    )
    exports.record_export(
        run=run,
        rows=len(rows),
        sha256=hashlib.sha256(content).hexdigest(),
        filters=listing.in_words,
        by=request.user,
        at=at,
    )
    return as_file(content, name=ranking_file_name(run), content_type=MEDIA_TYPE)


@requires(Permission.VIEW_RESULTS)
def result_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """How every point of one result came about, down to the records the reader may see."""
    visible = results.results_visible_to(request.user).select_related("run__period", "run__scheme")
    result = get_object_or_404(visible, pk=pk)
    spec = result.run.spec
    only_self = results.sees_only_self(request.user)
    context = {
        "result": result,
        "run": result.run,
        "spec": spec,
        "lines": results.explanation(request.user, result, spec),
        "only_self": only_self,
        "band": results.standing_band(result) if only_self else "",
        "Source": Source,
    }
    return render(request, "assessment/result_detail.html", context)


@requires(Permission.VIEW_RESULTS)
def my_results(request: SignedInRequest) -> HttpResponse:
    """我的得分: the own results only, newest period first."""
    page = Paginator(results.own_results(request.user), 24).get_page(request.GET.get("page"))
    rows = [(result, results.shown_lines(result.run.spec, result)) for result in page.object_list]
    return render(request, "assessment/my_results.html", {"page": page, "rows": rows})


@requires(Permission.RATE_STAFF)
def rating_list(request: SignedInRequest) -> HttpResponse:
    """The months to rate, with how many are left."""
    today = timezone.localdate()
    page = Paginator(periods.months_to_rate(today), 12).get_page(request.GET.get("page"))
    tasks = periods.rating_tasks(request.user, page.object_list, today=today)
    return render(request, "assessment/rating_list.html", {"page": page, "tasks": tasks})


@requires(Permission.RATE_STAFF)
def rating_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """One table for the whole unit; what was typed stays when something is wrong."""
    today = timezone.localdate()
    period = get_object_or_404(periods.months_to_rate(today), pk=pk)
    rows = periods.rating_rows(request.user, period, today=today)
    form = RatingForm(request.POST if request.method == "POST" else None, rows=rows)
    if request.method == "POST" and form.is_valid():
        changed = submit(
            form,
            ratings.save_ratings,
            period_id=period.pk,
            marks=form.cleaned_marks,
            by=request.user,
            at=timezone.now(),
        )
        if changed is not None:
            messages.success(request, f"已保存 {int(changed)} 人的评分。" if changed else "评分没有变化。")
            return redirect("assessment:rating-edit", pk=pk)
    open_, reason = calendar.can_rate(PeriodState(period.state), period.span)
    context = {
        "period": period,
        "form": form,
        "sheet": form.sheet(),
        "styles": periods.work_styles(period.last_day),
        "open": open_,
        "reason": reason,
        "closes_on": periods.due_day(period),
        "max_rating": MAX_RATING,
        "rated": sum(row.marks is not None for row in rows),
    }
    return render(request, "assessment/rating_form.html", context)
