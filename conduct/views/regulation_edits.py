"""Pages on which the library of regulations is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from conduct.forms.regulations import (
    AmendForm,
    ClauseForm,
    ClauseRows,
    CorrectClauseForm,
    CorrectRegulationForm,
    EditionForm,
    EditionTextForm,
    RegulationForm,
    RetireForm,
    carried_over,
    clause_rows,
    with_more_rows,
)
from conduct.models import Clause, Regulation
from conduct.queries import regulations as queries
from conduct.queries.citations import prohibitions_resting_on, records_behind
from conduct.rules.regulations import EditionText, Wording
from conduct.services import clauses as clause_services
from conduct.services import regulations as services
from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires


def _latest(pk: int) -> Regulation:
    """The last version of the regulation that a version belongs to."""
    found = queries.latest_edition(get_object_or_404(Regulation, pk=pk).key)
    assert found is not None
    return found


def _text_of(regulation: Regulation) -> EditionText:
    return EditionText(**{name: getattr(regulation, name) for name in EditionText.__dataclass_fields__})


def _wants_more(request: SignedInRequest) -> bool:
    """Whether the form is to be shown again as it is, with more rows: asked for, or back from the preview."""
    return request.method == "POST" and ("more" in request.POST or "back" in request.POST)


def _edition_page(
    request: SignedInRequest, form: EditionTextForm, rows: ClauseRows, latest: Regulation | None = None
) -> HttpResponse:
    return render(request, "conduct/regulation_form.html", {"form": form, "rows": rows, "latest": latest})


@requires(Permission.EDIT_REGULATIONS)
def regulation_create(request: SignedInRequest) -> HttpResponse:
    """A regulation the library does not have, with its clauses."""
    if request.method != "POST":
        return _edition_page(request, RegulationForm(), clause_rows())
    if _wants_more(request):
        more = with_more_rows(request.POST)
        return _edition_page(request, RegulationForm(more, quiet=True), clause_rows(more, quiet=True))
    form, rows = RegulationForm(request.POST), clause_rows(request.POST)
    if form.is_valid() & rows.is_valid():
        saved = submit(
            form,
            services.create_regulation,
            text=form.text(),
            effective_from=form.cleaned_data["effective_from"],
            key=form.cleaned_data["key"],
            clauses=rows.added(),
            by=request.user,
            at=timezone.now(),
        )
        if saved is not None:
            messages.success(request, f"已新增《{saved}》，代码 {saved.key}。")
            return redirect(saved)
    return _edition_page(request, form, rows)


@requires(Permission.EDIT_REGULATIONS)
def regulation_revise(request: SignedInRequest, pk: int) -> HttpResponse:
    """The next version: filled in, then shown with its effect on every clause, then published."""
    latest = _latest(pk)
    clauses = queries.continuing_clauses(latest)
    if request.method != "POST":
        form = EditionForm(initial=carried_over(latest))
        return _edition_page(request, form, clause_rows(clauses=clauses), latest)
    if _wants_more(request):
        more = with_more_rows(request.POST)
        rows = clause_rows(more, clauses=clauses, quiet=True)
        return _edition_page(request, EditionForm(more, quiet=True), rows, latest)
    form, rows = EditionForm(request.POST), clause_rows(request.POST, clauses=clauses)
    if form.is_valid() & rows.is_valid():
        wanted: dict[str, Any] = {
            "text": form.text(),
            "effective_from": form.cleaned_data["effective_from"],
            "clauses": rows.kept_and_changed(),
            "added": rows.added(),
        }
        if "publish" not in request.POST:
            return _preview(request, form, rows, latest, wanted)
        saved = submit(
            form,
            services.publish_edition,
            key=latest.key,
            gap_accepted=form.cleaned_data["gap_accepted"],
            by=request.user,
            at=timezone.now(),
            **wanted,
        )
        if saved is not None:
            messages.success(request, f"《{saved}》自 {saved.effective_from} 起施行，原版本留存可查。")
            return redirect(saved)
    return _edition_page(request, form, rows, latest)


def _preview(
    request: SignedInRequest, form: EditionForm, rows: ClauseRows, latest: Regulation, wanted: dict[str, Any]
) -> HttpResponse:
    """The effect of a new version, before it is published; what cannot be published goes back to the form."""
    plan = queries.edition_plan(latest=latest, **wanted)
    if plan.problem is not None:
        field, why = plan.problem
        form.add_error(field or None, why)
        return _edition_page(request, form, rows, latest)
    context = {
        "form": form,
        "rows": rows,
        "latest": latest,
        "plan": plan,
        "left_behind": records_behind(plan.left_behind, request.user),
        "rules_resting": prohibitions_resting_on(plan.ended),
        "today": timezone.localdate(),
    }
    return render(request, "conduct/regulation_preview.html", context)


def _edit(
    request: SignedInRequest,
    form: Form,
    service: Callable[..., Regulation | Clause],
    *,
    of: Regulation | Clause,
    page: dict[str, str],
    told: str,
    sent: Callable[[dict[str, Any]], dict[str, Any]],
) -> HttpResponse:
    """A page with one form about `of`: `page` are its words, `sent` makes the service's arguments of what was
    filled in."""
    if request.method == "POST" and form.is_valid():
        arguments = sent(dict(form.cleaned_data))
        saved = submit(form, service, by=request.user, at=timezone.now(), **arguments)
        if saved is not None:
            messages.success(request, told)
            return redirect(saved)
    return render(request, "conduct/regulation_edit.html", {"form": form, "of": of, **page})


@requires(Permission.EDIT_REGULATIONS)
def regulation_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put right what a version says of itself."""
    regulation = get_object_or_404(Regulation, pk=pk)
    form = CorrectRegulationForm(request.POST or None, initial=vars(_text_of(regulation)))
    return _edit(
        request,
        form,
        services.correct_regulation,
        of=regulation,
        page={
            "heading": f"更正《{regulation}》",
            "hint": "只更正这一版本的说明，原内容留在审计日志。改条款、改施行日期，请用“修订”。",
            "button": "保存更正",
        },
        told="已更正。",
        sent=lambda data: {"regulation_id": pk, "text": form.text(), "note": data["note"]},
    )


@requires(Permission.EDIT_REGULATIONS)
def regulation_retire(request: SignedInRequest, pk: int) -> HttpResponse:
    """End a regulation and its clauses from a day on."""
    latest = _latest(pk)
    count = sum(clause.retired_on is None for clause in queries.continuing_clauses(latest))
    hint = (
        f"停用日期起，本法规和 {count} 条现行条款不再施行，没有新版本接替；之后发生的事不能再引用，"
        "之前的记录不变。有新版本的，请用“修订”，新旧版本自动衔接。"
    )
    return _edit(
        request,
        RetireForm(request.POST or None),
        services.retire_regulation,
        of=latest,
        page={
            "heading": f"停用《{latest}》",
            "hint": hint,
            "button": "停用",
            "look": "btn-risky",
            "confirm": hint,
        },
        told="停用日期已登记，各版本和条款留存可查。",
        sent=lambda data: {"key": latest.key, **data},
    )


@requires(Permission.EDIT_REGULATIONS)
def clause_create(request: SignedInRequest, pk: int) -> HttpResponse:
    """One more clause of a regulation."""
    latest = _latest(pk)
    last = max((clause.number for clause in queries.continuing_clauses(latest)), default=0)
    initial = {
        "number": last + 1,
        "effective_from": max(timezone.localdate(), latest.effective_from),
        "basis": _text_of(latest).source,
        "verified": latest.verified,
    }

    def sent(data: dict[str, Any]) -> dict[str, Any]:
        words = Wording(data.pop("number"), data.pop("name").strip(), data.pop("description").strip())
        return {"regulation_key": latest.key, "wording": words, **data}

    return _edit(
        request,
        ClauseForm(request.POST or None, initial=initial),
        clause_services.add_clause,
        of=latest,
        page={
            "heading": "新增条款",
            "hint": f"《{latest}》。已有的条款和条次不变；要插在中间的，请用“修订”一并调整条次。",
            "button": "保存",
        },
        told="条款已新增。",
        sent=sent,
    )


@requires(Permission.EDIT_REGULATIONS)
def clause_amend(request: SignedInRequest, pk: int) -> HttpResponse:
    """The next version of one clause."""
    clause = get_object_or_404(Clause, pk=pk)
    initial = {"name": clause.name, "description": clause.description}
    return _edit(
        request,
        AmendForm(request.POST or None, initial=initial),
        clause_services.amend_clause,
        of=clause,
        page={
            "heading": f"修订{clause}",
            "hint": f"现行版本自 {clause.effective_from} 起施行；新版本施行之日起停用，不删除。",
            "button": "保存新版本",
        },
        told="新版本已保存，原版本留存可查。",
        sent=lambda data: {"key": clause.key, **data},
    )


@requires(Permission.EDIT_REGULATIONS)
def clause_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put right a slip in one version of a clause."""
    clause = get_object_or_404(Clause, pk=pk)
    fields = ("name", "description", "basis", "verified")
    return _edit(
        request,
        CorrectClauseForm(request.POST or None, initial={name: getattr(clause, name) for name in fields}),
        clause_services.correct_clause,
        of=clause,
        page={
            "heading": f"更正{clause}",
            "hint": "更正录入差错，原内容留在审计日志。已被引用的标题和条文不能改写，请用“修订”。",
            "button": "保存更正",
        },
        told="已更正。",
        sent=lambda data: {"clause_id": pk, **data},
    )
