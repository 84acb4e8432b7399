"""Pages of supervision letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from conduct.choices import ChaseKind, ExtensionState, LetterState
from conduct.filters.letters import LetterFilter
from conduct.forms.letters import (
    CheckForm,
    DemandFormSet,
    ExtensionDecisionForm,
    ExtensionForm,
    IssueForm,
    LetterForm,
    PlanForm,
    ReportForm,
    demand_forms,
    with_more_rows,
)
from conduct.models import RectificationItem, SupervisionLetter
from conduct.queries import letters as queries
from conduct.queries import links, rectification
from conduct.resources.letters import letter_pdf, letter_word
from conduct.rules import letters as rules
from conduct.rules.rectification import EXTENSION, ITEM
from conduct.services import letters as services
from conduct.services import rectification as answers
from conduct.views.regulations import citation_block
from core.forms import OpinionForm, submit
from core.models import User
from core.permissions import Permission, SignedInRequest, may, requires
from core.rules.errors import NotAllowed, StaleVersion
from core.views.attachments import download
from core.views.documents import hand_out
from core.views.steps import Deed, Desk, StepCard, Wrong, act

WAITING: dict[str, str] = {
    LetterState.DRAFT: "等待拟稿人送审",
    LetterState.IN_REVIEW: "等待另一名纪检人员审核",
    LetterState.APPROVED: "等待签发（签发人不能是拟稿人）",
    LetterState.ISSUED: "等待主送单位签收",
    LetterState.RECEIVED: "等待主送单位报送整改方案",
    LetterState.RECTIFYING: "整改中，全部整改项通过后销号",
}


DESK = Desk(
    workflow=rules.LETTER,
    route="conduct:letter-step",
    argument="letter_id",
    parts=queries.parts_in,
    deeds={
        "submit": Deed(
            services.submit_letter, "已送审。", hint="送审后由另一名纪检人员审核，审核前不能再改。"
        ),
        "approve": Deed(services.approve_letter, "审核通过，待签发。", OpinionForm),
        "issue": Deed(
            services.issue_letter,
            lambda letter: f"已签发，文号 {letter.number}。",
            IssueForm,
            button="签发并编号",
            hint="签发时自动取得文号，主送单位即可看到。",
            confirm="签发后自动编号并送达主送单位，不能撤回。",
        ),
        "return": Deed(services.return_letter, "已退回拟稿人修改。", look=""),
        "receive": Deed(services.receive_letter, "已签收，请报送整改方案。", hint="签收后请报送整改方案。"),
        "plan": Deed(services.plan_letter, "整改方案已报送，完成一项反馈一项。", PlanForm),
        "close": Deed(
            services.close_letter,
            "已销号。",
            hint="全部整改项已通过核验。",
            confirm="销号后这份督办函办结，不再变动。",
            offered=lambda letter: not queries.items_left(letter),
        ),
        "cancel": Deed(
            services.cancel_letter,
            "已作废，草稿留存备查。",
            confirm="作废后不能恢复，草稿留存备查。",
            look="btn-risky",
        ),
    },
)


def _is_mended(item: RectificationItem) -> bool:
    return item.letter.state == LetterState.RECTIFYING


ITEM_DESK = Desk(
    workflow=ITEM,
    route="conduct:letter-item-step",
    argument="item_id",
    parts=rectification.parts_in_item,
    several=True,
    deeds={
        "report": Deed(
            answers.report_item, "已反馈，待核验。", ReportForm, button="提交反馈", offered=_is_mended
        ),
        "pass": Deed(answers.check_item, "核验结果已保存。", CheckForm, button="核验", offered=_is_mended),
        "chase": Deed(
            answers.chase_item,
            "催办情况已记录。",
            look="",
            offered=lambda item: rectification.chase_due(item) is not None,
        ),
    },
)
EXTENSION_DESK = Desk(
    workflow=EXTENSION,
    route="conduct:letter-extension-step",
    argument="extension_id",
    parts=rectification.parts_in_extension,
    back=lambda extension: str(extension.item.get_absolute_url()),
    several=True,
    deeds={
        "grant": Deed(answers.decide_extension, "审批结果已保存。", ExtensionDecisionForm, button="审批延期"),
    },
)


@requires(Permission.VIEW_LETTERS)
def letter_list(request: SignedInRequest) -> HttpResponse:
    found = queries.with_progress(queries.letters_visible_to(request.user))
    listing = LetterFilter(request.GET, queryset=found, user=request.user)
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    rectification.light_letters(page.object_list, today=timezone.localdate())
    partial = request.headers.get("HX-Request")
    template = "conduct/letter_list.html#table" if partial else "conduct/letter_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.DRAFT_LETTERS)
def letter_create(request: SignedInRequest) -> HttpResponse:
    """Draft a letter; `?about=` names the record it is about, which fills in what it already says."""
    user = request.user
    if request.method != "POST":
        about = request.GET.get("about", "")
        source = links.record_of(about, user)
        known = source and {"about": about, **(links.letter_about(source) or {})}
        form = LetterForm(
            user=user,
            initial={"submission_key": uuid4(), "contact": queries.last_contact(user), **(known or {})},
        )
        return _form_page(request, form, demand_forms(user=user))
    if "more" in request.POST:
        more = with_more_rows(request.POST)
        form = LetterForm(more, user=user, quiet=True)
        return _form_page(request, form, demand_forms(user=user, data=more, quiet=True))
    form, rows = LetterForm(request.POST, user=user), demand_forms(user=user, data=request.POST)
    if form.is_valid() & rows.is_valid():
        data = dict(form.cleaned_data)
        data.pop("version")
        source = data.pop("about")
        made = submit(
            form,
            services.draft_letter,
            by=user,
            at=timezone.now(),
            demands=rows.demands(),
            sources=[source] if source else [],
            **data,
        )
        if isinstance(made, tuple):
            letter, is_new = made
            told = "草稿已保存，核对后送审。" if is_new else "这份草稿刚才已经保存，没有重复建立。"
            messages.success(request, told)
            return redirect("conduct:letter-detail", pk=letter.pk)
    return _form_page(request, form, rows)


@requires(Permission.DRAFT_LETTERS)
def letter_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change one's own draft; somebody else's save in between is not overwritten."""
    user = request.user
    letter = get_object_or_404(queries.letters_visible_to(user), pk=pk)
    if letter.state != LetterState.DRAFT or letter.recorded_by_id != user.pk:
        messages.error(request, "只有拟稿人可以修改自己的草稿；已送审的请先由审核人退回。")
        return redirect("conduct:letter-detail", pk=pk)
    if request.method != "POST":
        names = ("title", "unit", "matter", "basis", "contact", "cc", "version", "submission_key")
        form = LetterForm(user=user, initial={name: getattr(letter, name) for name in names})
        initial = [
            {
                "what": item.what,
                "standard": item.standard,
                "due_on": item.due_on,
                "unit": str(item.unit_id) if item.unit_id != letter.unit_id else "",
                "cadre": item.cadre,
            }
            for item in letter.items.select_related("cadre").order_by("order")
        ]
        return _form_page(request, form, demand_forms(user=user, initial=initial), letter)
    if "more" in request.POST:
        more = with_more_rows(request.POST)
        form = LetterForm(more, user=user, quiet=True)
        return _form_page(request, form, demand_forms(user=user, data=more, quiet=True), letter)
    form, rows = LetterForm(request.POST, user=user), demand_forms(user=user, data=request.POST)
    status = 200
    if form.is_valid() & rows.is_valid():
        data = {
            name: value
            for name, value in form.cleaned_data.items()
            if name not in ("about", "submission_key")
        }
        data["version"] = data["version"] or 0
        saved = submit(
            form,
            services.edit_letter,
            letter_id=pk,
            by=user,
            at=timezone.now(),
            demands=rows.demands(),
            **data,
        )
        if saved:
            messages.success(request, "草稿已保存。")
            return redirect("conduct:letter-detail", pk=pk)
        status = 409 if isinstance(getattr(form, "broken_rule", None), StaleVersion) else 200
    return _form_page(request, form, rows, letter, status=status)


def _form_page(
    request: SignedInRequest,
    form: LetterForm,
    rows: DemandFormSet,
    letter: SupervisionLetter | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "rows": rows, "letter": letter}
    return render(request, "conduct/letter_form.html", context, status=status)


@requires(Permission.VIEW_LETTERS)
def letter_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    letter = get_object_or_404(queries.letters_visible_to(request.user), pk=pk)
    return _detail(request, letter)


@requires(Permission.VIEW_LETTERS)
def letter_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    letter = get_object_or_404(queries.letters_visible_to(request.user), pk=pk)
    return DESK.take(request, letter, step, page=lambda wrong: _detail(request, letter, wrong))


@requires(Permission.VIEW_LETTERS)
def item_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    item = get_object_or_404(queries.items_visible_to(request.user), pk=pk)
    letter = get_object_or_404(queries.letters_visible_to(request.user), pk=item.letter_id)
    return ITEM_DESK.take(request, item, step, page=lambda wrong: _detail(request, letter, wrong))


@requires(Permission.VIEW_LETTERS)
def extension_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    extension = get_object_or_404(queries.extensions_visible_to(request.user), pk=pk)
    letter = get_object_or_404(queries.letters_visible_to(request.user), pk=extension.item.letter_id)
    return EXTENSION_DESK.take(request, extension, step, page=lambda wrong: _detail(request, letter, wrong))


@requires(Permission.ANSWER_LETTERS)
@require_POST
def item_extend(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for more time; the answer is a step of the request."""
    item = get_object_or_404(queries.items_visible_to(request.user), pk=pk)
    letter = get_object_or_404(queries.letters_visible_to(request.user), pk=item.letter_id)
    key = f"item{pk}-extend"
    return act(
        request,
        ExtensionForm(request.POST, auto_id=f"{key}_%s"),
        answers.ask_extension,
        told="延期申请已提交，待审批。",
        back=item.get_absolute_url(),
        page=lambda form: _detail(request, letter, Wrong(key, form)),
        item_id=pk,
    )


@dataclass(frozen=True)
class ItemBlock:
    """An item on the page with what can be done about it."""

    line: rectification.ItemLine
    cards: list[StepCard]
    extend: Form | None


def _item_block(user: User, line: rectification.ItemLine, wrong: Wrong | None) -> ItemBlock:
    item = line.item
    cards: list[StepCard] = ITEM_DESK.cards(item, user, parts=line.parts, wrong=wrong)
    rung = rectification.chase_due(item)
    cards = [replace(c, button=ChaseKind(rung).label) if rung and c.step == "chase" else c for c in cards]
    asked = [extension for extension in line.extensions if extension.state == ExtensionState.ASKED]
    for extension in asked:
        extension.item = item
        cards += EXTENSION_DESK.cards(extension, user, wrong=wrong)
    may_ask = (
        "addressee" in line.parts
        and may(user, Permission.ANSWER_LETTERS)
        and item.letter.state in (LetterState.RECEIVED, LetterState.RECTIFYING)
        and line.light.light in ("GREEN", "YELLOW")
        and not asked
    )
    key, extend = f"item{item.pk}-extend", None
    if wrong is not None and wrong.key == key:
        extend = wrong.form
    elif may_ask:
        extend = ExtensionForm(auto_id=f"{key}_%s")
    return ItemBlock(line, cards, extend)


def _detail(request: SignedInRequest, letter: SupervisionLetter, wrong: Wrong | None = None) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    parts = queries.parts_in(letter, user)
    lines = rectification.item_lines(letter, user, today=today)
    context = {
        "letter": letter,
        "sources": _sources(letter, user),
        "alike": queries.similar_to(letter, today=today) if letter.state in rules.BEFORE_ISSUE else [],
        "may_edit": letter.state == LetterState.DRAFT and "drafter" in parts,
        "cards": DESK.cards(letter, user, parts=parts, wrong=wrong),
        "citations": citation_block(letter, user),
        "running": letter.state in rules.SENT,
        "blocks": [_item_block(user, line, wrong) for line in lines],
        "course": rectification.course_with_items(letter, lines, inside=may(user, Permission.DRAFT_LETTERS)),
        "waiting": WAITING.get(letter.state, ""),
    }
    return render(request, "conduct/letter_detail.html", context)


def _sources(letter: SupervisionLetter, user: User) -> list[Any]:
    """What a letter is about, within what the reader may see: a clue is not told to whom it concerns."""
    return list(links.visible([(m.source_label, m.source_id) for m in letter.sources.all()], user).values())


@requires(Permission.VIEW_LETTERS)
def item_attachment(request: SignedInRequest, pk: int, attachment: int) -> HttpResponseBase:
    item = get_object_or_404(queries.items_visible_to(request.user), pk=pk)
    return download(owner=item, pk=attachment, by=request.user)


def _document(
    request: SignedInRequest, pk: int, make: Callable[[SupervisionLetter], bytes], kind: str
) -> HttpResponse:
    letter = get_object_or_404(queries.letters_visible_to(request.user), pk=pk)
    if letter.state == LetterState.CANCELLED:
        raise NotAllowed("这份督办函已作废，不能导出。")
    name = f"{letter.number or '草稿'} {letter.title}"
    return hand_out(make(letter), kind=kind, name=name, owner=letter, by=request.user)


@requires(Permission.VIEW_LETTERS)
def letter_as_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    return _document(request, pk, letter_pdf, "pdf")


@requires(Permission.VIEW_LETTERS)
def letter_as_word(request: SignedInRequest, pk: int) -> HttpResponse:
    return _document(request, pk, letter_word, "docx")
