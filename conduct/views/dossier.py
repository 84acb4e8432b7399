"""一人一档: a person's file, what the person says of it, and the office's answers."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from conduct.forms.dossier import AnswerForm, StatementForm
from conduct.models import FileStatement
from conduct.queries import dossier as queries
from conduct.queries.entries import FileEntry, Side
from conduct.rules.dossier import STATEMENT
from conduct.services import dossier as services
from core.models import Cadre
from core.permissions import Permission, SignedInRequest, requires
from core.queries import course_of, page_of
from core.views.steps import Deed, Desk, Wrong, act

SIDES = (("", "全部"), (Side.GOOD.value, "嘉奖和成绩"), (Side.BAD.value, "违规和处理"))


DESK = Desk(
    workflow=STATEMENT,
    route="conduct:statement-step",
    argument="statement_id",
    parts=queries.parts_in,
    back=lambda statement: reverse("conduct:dossier", args=[statement.cadre_id]),
    several=True,
    deeds={
        "answer": Deed(
            services.answer_statement,
            "已答复，本人可以看到。",
            AnswerForm,
            button="提交答复",
            confirm="答复后本人即可看到，不能更改。",
        ),
        "correct": Deed(
            services.correct_statement,
            "已登记改正，本人可以看到。",
            hint="先在记录中改正（更正、勘误或重新认定），再写明改了什么。",
        ),
        "withdraw": Deed(
            services.withdraw_statement,
            "已撤回，原文留存。",
            confirm="撤回后不再答复，原文留存。",
            look="",
        ),
    },
)


@requires(Permission.VIEW_DOSSIERS)
def my_dossier(request: SignedInRequest) -> HttpResponse:
    """The own file; an account that stands for nobody has none."""
    if request.user.cadre_id is None:
        raise Http404
    return redirect("conduct:dossier", pk=request.user.cadre_id)


@requires(Permission.VIEW_DOSSIERS)
def dossier(request: SignedInRequest, pk: int) -> HttpResponse:
    cadre = get_object_or_404(queries.dossiers_visible_to(request.user), pk=pk)
    services.note_reading(cadre=cadre, by=request.user, at=timezone.now())
    return _page(request, cadre)


@requires(Permission.VIEW_DOSSIERS)
def unit_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """一单位一档: what the unit itself was told, commended and sanctioned for."""
    unit = get_object_or_404(queries.unit_files_visible_to(request.user), pk=pk)
    lines = queries.file_of_unit(unit, user=request.user)
    context = {"unit": unit, "sides": SIDES, **_of_side(request, lines)}
    return render(request, "conduct/unit_file.html", context)


def _of_side(request: SignedInRequest, lines: list[FileEntry]) -> dict[str, Any]:
    """The lines of the side that is asked for; all of them by default."""
    side = request.GET.get("side", "")
    shown = [line for line in lines if side not in (Side.GOOD, Side.BAD) or line.side == side]
    return {"side": side, "lines": shown}


def _page(
    request: SignedInRequest, cadre: Cadre, *, statement_form: Form | None = None, wrong: Wrong | None = None
) -> HttpResponse:
    found = queries.statements_visible_to(request.user).filter(cadre=cadre).order_by("-recorded_at", "-id")
    own = request.user.cadre_id == cadre.pk
    lines = queries.file_of(cadre, user=request.user)
    if own and statement_form is None:
        statement_form = StatementForm(lines=queries.line_choices(lines))
    context = {
        "cadre": cadre,
        "own": own,
        "sides": SIDES,
        **_of_side(request, lines),
        "statements": [_shown(request, s, wrong) for s in found[:50]],
        "statement_form": statement_form,
    }
    return render(request, "conduct/dossier.html", context)


def _shown(request: SignedInRequest, statement: FileStatement, wrong: Wrong | None) -> dict[str, Any]:
    course = course_of(statement, STATEMENT)
    return {
        "statement": statement,
        "about": page_of(statement.about_label, statement.about_id),
        "course": course,
        "cards": DESK.cards(statement, request.user, wrong=wrong),
    }


@requires(Permission.VIEW_DOSSIERS)
@require_POST
def statement_create(request: SignedInRequest, pk: int) -> HttpResponse:
    cadre = get_object_or_404(queries.dossiers_visible_to(request.user), pk=pk)
    return act(
        request,
        StatementForm(request.POST, lines=queries.line_choices(queries.file_of(cadre, user=request.user))),
        services.file_statement,
        told="已提交，纪检机构答复后显示在本页。",
        back=reverse("conduct:dossier", args=[pk]),
        page=lambda form: _page(request, cadre, statement_form=form),
        cadre=cadre,
    )


@requires(Permission.VIEW_DOSSIERS)
def statement_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    statement = get_object_or_404(queries.statements_visible_to(request.user), pk=pk)
    return DESK.take(
        request, statement, step, page=lambda wrong: _page(request, statement.cadre, wrong=wrong)
    )
