"""Pages of supervision letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from conduct.choices import ChaseKind, ExtensionState, ItemState, LetterState
from conduct.filters.letters import LetterFilter
from conduct.forms.letters import (
    CheckForm,
    DemandFormSet,
    EmptyForm,
    ExtensionDecisionForm,
    ExtensionForm,
    IssueForm,
    LetterForm,
    NoteForm,
    OpinionForm,
    PlanForm,
    ReportForm,
    demand_forms,
    with_more_rows,
)
from conduct.models import SupervisionLetter, Violation
from conduct.queries import letters as queries
from conduct.resources.letters import letter_pdf, letter_word
from conduct.rules import letters as rules
from conduct.services import letters as services
from core.forms import submit
from core.permissions import Permission, SignedInRequest, may, requires
from core.queries import course_of
from core.rules.errors import NotAllowed, StaleVersion
from core.services import audit
from core.views.attachments import download
from core.views.steps import Offer, StepCard, act, step_cards

WAITING: dict[str, str] = {
    LetterState.DRAFT: "等待拟稿人送审",
    LetterState.IN_REVIEW: "等待另一名纪检人员审核",
    LetterState.APPROVED: "等待签发（签发人不能是拟稿人）",
    LetterState.ISSUED: "等待主送单位签收",
    LetterState.RECEIVED: "等待主送单位报送整改方案",
    LetterState.RECTIFYING: "整改中，全部整改项通过后销号",
}
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@requires(Permission.VIEW_LETTERS)
def letter_list(request: SignedInRequest) -> HttpResponse:
    found = queries.with_progress(queries.letters_visible_to(request.user))
    listing = LetterFilter(request.GET, queryset=found, user=request.user)
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    queries.light_letters(page.object_list, today=timezone.localdate())
    partial = request.headers.get("HX-Request")
    template = "conduct/letter_list.html#table" if partial else "conduct/letter_list.html"
    return render(request, template, {"filter": listing, "page": page})


def _from_violation(violation: Violation) -> dict[str, Any]:
    """What a letter about a violation says before anybody types."""
    return {
        "violation": violation.pk,
        "title": f"关于{violation.unit.name}“{violation.prohibition.name}”问题的督办函"[:80],
        "unit": violation.unit_id,
        "matter": f"{violation.get_found_by_display()}发现：{violation.occurred_on:%Y年%-m月%-d日}，"
        f"{violation.unit.name}{violation.cadre.name}在{violation.place}，{violation.facts}"[:2000],
        "basis": f"八不准第{violation.prohibition.order}条：{violation.prohibition.name}"[:300],
    }


@requires(Permission.DRAFT_LETTERS)
def letter_create(request: SignedInRequest) -> HttpResponse:
    """Draft a letter; `?violation=` fills in what the record already says and links it."""
    user = request.user
    if request.method != "POST":
        source = queries.source_for(user, request.GET.get("violation"))
        known = _from_violation(source) if source else {}
        form = LetterForm(
            user=user, initial={"submission_key": uuid4(), "contact": user.display_name, **known}
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
        source = queries.source_for(user, str(data.pop("violation") or ""))
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
            if name not in ("violation", "submission_key")
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


@dataclass(frozen=True)
class Wrong:
    """A form that came back with errors, and where it stands on the letter's page."""

    step: str
    form: Form
    item: int = 0
    extension: int = 0


@dataclass(frozen=True)
class ItemBlock:
    """An item on the page with what can be done about it."""

    line: queries.ItemLine
    cards: list[StepCard]
    extend: Form | None
    deciding: list[tuple[Any, list[StepCard]]]


def _letter_offers(letter: SupervisionLetter, *, alike: bool) -> tuple[Offer, ...]:
    def to(name: str) -> str:
        return reverse(f"conduct:letter-{name}", args=[letter.pk])

    return (
        Offer("submit", to("submit"), button="送审", hint="送审后由另一名纪检人员审核，审核前不能再改。"),
        Offer("approve", to("approve"), OpinionForm(auto_id="approve_%s"), button="审核通过"),
        Offer(
            "issue",
            to("issue"),
            IssueForm(alike=alike, auto_id="issue_%s"),
            button="签发并编号",
            hint="签发时自动取得文号，主送单位即可看到。",
            confirm="签发后自动编号并送达主送单位，不能撤回。",
        ),
        Offer("return", to("return"), NoteForm(auto_id="return_%s"), button="退回修改", look=""),
        Offer("receive", to("receive"), button="签收", hint="签收后请报送整改方案。"),
        Offer("plan", to("plan"), PlanForm(auto_id="plan_%s"), button="报送整改方案"),
        Offer(
            "close",
            to("close"),
            OpinionForm(auto_id="close_%s"),
            button="销号",
            hint="全部整改项通过核验后才能销号。",
            confirm="销号后这份督办函办结，不再变动。",
        ),
        Offer(
            "cancel",
            to("cancel"),
            NoteForm(auto_id="cancel_%s"),
            button="作废",
            confirm="作废后不能恢复，草稿留存备查。",
            look="btn-risky",
        ),
    )


def _item_block(
    request: SignedInRequest, letter: SupervisionLetter, line: queries.ItemLine, wrong: Wrong | None
) -> ItemBlock:
    """What can be done about one item: only what its light and the letter's state leave open is offered."""
    item, user = line.item, request.user
    here = wrong if wrong is not None and wrong.item == item.pk else None

    def to(name: str) -> str:
        return reverse(f"conduct:letter-item-{name}", args=[item.pk])

    offers = []
    if letter.state == LetterState.RECTIFYING:
        report = ReportForm(auto_id=f"report{item.pk}_%s")
        check = CheckForm(auto_id=f"check{item.pk}_%s")
        offers += [
            Offer("report", to("report"), report, button="提交反馈"),
            Offer("pass", to("check"), check, button="核验"),
        ]
    rung = rules.next_rung([chase.kind for chase in line.chases])
    if line.light.light == "RED" and rung is not None and letter.state in rules.RUNNING:
        chase = OpinionForm(auto_id=f"chase{item.pk}_%s")
        label = dict(ChaseKind.choices)[rung]
        offers.append(Offer("chase", to("chase"), chase, button=label, hint=f"下一步：{label}。", look=""))
    cards = step_cards(
        rules.ITEM,
        state=item.state,
        user=user,
        parts=line.parts,
        offers=offers,
        wrong=here.form if here else None,
        wrong_step=here.step if here else "",
    )
    extend: Form | None = None
    asked = [e for e in line.extensions if e.state == ExtensionState.ASKED]
    may_ask = (
        "addressee" in line.parts
        and may(user, Permission.ANSWER_LETTERS)
        and letter.state in (LetterState.RECEIVED, LetterState.RECTIFYING)
        and line.light.light in ("GREEN", "YELLOW")
        and not asked
    )
    if here is not None and here.step == "extend":
        extend = here.form
    elif may_ask:
        extend = ExtensionForm(auto_id=f"extend{item.pk}_%s")
    deciding = []
    for extension in asked:
        extension.item = item
        decision = (
            wrong.form
            if wrong is not None and wrong.extension == extension.pk
            else ExtensionDecisionForm(auto_id=f"decide{extension.pk}_%s")
        )
        url = reverse("conduct:letter-extension-decide", args=[extension.pk])
        deciding.append(
            (
                extension,
                step_cards(
                    rules.EXTENSION,
                    state=extension.state,
                    user=user,
                    parts=queries.parts_in_extension(extension, user),
                    offers=[Offer("grant", url, decision, button="审批延期")],
                ),
            )
        )
    return ItemBlock(line, cards, extend, deciding)


def _is_shown(form: Form, cards: list[StepCard], blocks: list[ItemBlock]) -> bool:
    """Whether a form stands on the page: one whose step is not offered now cannot show its own errors."""
    on_page = [card.offer.form for card in cards]
    for block in blocks:
        on_page += [card.offer.form for card in block.cards]
        on_page += [block.extend, *(card.offer.form for _, found in block.deciding for card in found)]
    return any(shown is form for shown in on_page)


def _detail(request: SignedInRequest, letter: SupervisionLetter, wrong: Wrong | None = None) -> HttpResponse:
    """The letter's page; `wrong` is a form that came back with an error."""
    user, today = request.user, timezone.localdate()
    alike = queries.similar_to(letter, today=today) if letter.state in rules.BEFORE_ISSUE else []
    parts = queries.parts_in(letter, user)
    own = wrong is not None and not wrong.item and not wrong.extension
    blocks = [
        _item_block(request, letter, line, wrong) for line in queries.item_lines(letter, user, today=today)
    ]
    done = all(block.line.item.state == ItemState.PASSED for block in blocks)
    cards = step_cards(
        rules.LETTER,
        state=letter.state,
        user=user,
        parts=parts,
        offers=[o for o in _letter_offers(letter, alike=bool(alike)) if o.step != "close" or done],
        wrong=wrong.form if own and wrong else None,
        wrong_step=wrong.step if own and wrong else "",
    )
    if wrong is not None and not _is_shown(wrong.form, cards, blocks):
        for errors in wrong.form.errors.values():
            messages.error(request, f"没有保存：{' '.join(map(str, errors))}")
    context = {
        "letter": letter,
        "sources": queries.source_links(letter, user),
        "alike": alike,
        "may_edit": letter.state == LetterState.DRAFT and "drafter" in parts,
        "cards": cards,
        "blocks": blocks,
        "course": course_of(letter, rules.LETTER),
        "waiting": WAITING.get(letter.state, ""),
    }
    return render(request, "conduct/letter_detail.html", context)


def _act(
    request: SignedInRequest,
    pk: int,
    step: str,
    service: Callable[..., SupervisionLetter],
    form: Form,
    told: str | Callable[[SupervisionLetter], str],
) -> HttpResponse:
    letter = get_object_or_404(queries.letters_visible_to(request.user), pk=pk)
    return act(
        request,
        form,
        service,
        told=told,
        back=reverse("conduct:letter-detail", args=[pk]),
        page=lambda wrong: _refused(request, letter, Wrong(step, wrong)),
        letter_id=pk,
    )


def _refused(request: SignedInRequest, letter: SupervisionLetter, wrong: Wrong) -> HttpResponse:
    """The page with the wrong form; what has no field is told above, for some steps have no form."""
    if not wrong.form.fields:
        for error in wrong.form.non_field_errors():
            messages.error(request, f"没有保存：{error}")
        return redirect("conduct:letter-detail", pk=letter.pk)
    return _detail(request, letter, wrong)


@requires(Permission.DRAFT_LETTERS)
@require_POST
def letter_submit(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "submit", services.submit_letter, EmptyForm(request.POST), "已送审。")


@requires(Permission.DRAFT_LETTERS)
@require_POST
def letter_approve(request: SignedInRequest, pk: int) -> HttpResponse:
    form = OpinionForm(request.POST, auto_id="approve_%s")
    return _act(request, pk, "approve", services.approve_letter, form, "审核通过，待签发。")


@requires(Permission.DRAFT_LETTERS)
@require_POST
def letter_return(request: SignedInRequest, pk: int) -> HttpResponse:
    form = NoteForm(request.POST, auto_id="return_%s")
    return _act(request, pk, "return", services.return_letter, form, "已退回拟稿人修改。")


@requires(Permission.ISSUE_LETTERS)
@require_POST
def letter_issue(request: SignedInRequest, pk: int) -> HttpResponse:
    form = IssueForm(request.POST, alike=True, auto_id="issue_%s")
    return _act(
        request, pk, "issue", services.issue_letter, form, lambda done: f"已签发，文号 {done.number}。"
    )


@requires(Permission.ANSWER_LETTERS)
@require_POST
def letter_receive(request: SignedInRequest, pk: int) -> HttpResponse:
    told = "已签收，请报送整改方案。"
    return _act(request, pk, "receive", services.receive_letter, EmptyForm(request.POST), told)


@requires(Permission.ANSWER_LETTERS)
@require_POST
def letter_plan(request: SignedInRequest, pk: int) -> HttpResponse:
    form = PlanForm(request.POST, auto_id="plan_%s")
    return _act(request, pk, "plan", services.plan_letter, form, "整改方案已报送，完成一项反馈一项。")


@requires(Permission.DRAFT_LETTERS)
@require_POST
def letter_close(request: SignedInRequest, pk: int) -> HttpResponse:
    form = OpinionForm(request.POST, auto_id="close_%s")
    return _act(request, pk, "close", services.close_letter, form, "已销号。")


@requires(Permission.DRAFT_LETTERS)
@require_POST
def letter_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    form = NoteForm(request.POST, auto_id="cancel_%s")
    return _act(request, pk, "cancel", services.cancel_letter, form, "已作废，草稿留存备查。")


def _item_act(
    request: SignedInRequest, pk: int, step: str, service: Callable[..., Any], form: Form, told: str
) -> HttpResponse:
    item = get_object_or_404(queries.items_visible_to(request.user), pk=pk)
    letter = get_object_or_404(queries.letters_visible_to(request.user), pk=item.letter_id)
    return act(
        request,
        form,
        service,
        told=told,
        back=reverse("conduct:letter-detail", args=[letter.pk]) + f"#item-{pk}",
        page=lambda wrong: _detail(request, letter, Wrong(step, wrong, item=pk)),
        item_id=pk,
    )


@requires(Permission.ANSWER_LETTERS)
@require_POST
def item_report(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ReportForm(request.POST, request.FILES, auto_id=f"report{pk}_%s")
    return _item_act(request, pk, "report", services.report_item, form, "已反馈，待核验。")


@requires(Permission.DRAFT_LETTERS)
@require_POST
def item_check(request: SignedInRequest, pk: int) -> HttpResponse:
    form = CheckForm(request.POST, auto_id=f"check{pk}_%s")
    return _item_act(request, pk, "pass", services.check_item, form, "核验结果已保存。")


@requires(Permission.DRAFT_LETTERS)
@require_POST
def item_chase(request: SignedInRequest, pk: int) -> HttpResponse:
    form = OpinionForm(request.POST, auto_id=f"chase{pk}_%s")
    return _item_act(request, pk, "chase", services.chase_item, form, "催办情况已记录。")


@requires(Permission.ANSWER_LETTERS)
@require_POST
def item_extend(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ExtensionForm(request.POST, auto_id=f"extend{pk}_%s")
    return _item_act(request, pk, "extend", services.ask_extension, form, "延期申请已提交，待审批。")


@requires(Permission.DRAFT_LETTERS)
@require_POST
def extension_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    extension = get_object_or_404(queries.extensions_visible_to(request.user), pk=pk)
    letter = get_object_or_404(queries.letters_visible_to(request.user), pk=extension.item.letter_id)
    return act(
        request,
        ExtensionDecisionForm(request.POST, auto_id=f"decide{pk}_%s"),
        services.decide_extension,
        told="审批结果已保存。",
        back=reverse("conduct:letter-detail", args=[letter.pk]) + f"#item-{extension.item_id}",
        page=lambda wrong: _detail(request, letter, Wrong("grant", wrong, extension=pk)),
        extension_id=pk,
    )


@requires(Permission.VIEW_LETTERS)
def item_attachment(request: SignedInRequest, pk: int, attachment: int) -> HttpResponseBase:
    item = get_object_or_404(queries.items_visible_to(request.user), pk=pk)
    return download(owner=item, pk=attachment, by=request.user)


def _document(
    request: SignedInRequest,
    pk: int,
    make: Callable[[SupervisionLetter], bytes],
    *,
    suffix: str,
    content_type: str,
) -> HttpResponse:
    """The letter as a file; who took it is audited."""
    letter = get_object_or_404(queries.letters_visible_to(request.user), pk=pk)
    if letter.state == LetterState.CANCELLED:
        raise NotAllowed("这份督办函已作废，不能导出。")
    content = make(letter)
    detail = {"owner": f"{letter._meta.label} {letter.pk}", "kind": suffix}
    audit.note_read(what="导出督办函", detail=detail, by=request.user, at=timezone.now())
    name = f"{letter.number or '草稿'} {letter.title}.{suffix}"
    response = HttpResponse(content, content_type=content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@requires(Permission.VIEW_LETTERS)
def letter_as_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    return _document(request, pk, letter_pdf, suffix="pdf", content_type="application/pdf")


@requires(Permission.VIEW_LETTERS)
def letter_as_word(request: SignedInRequest, pk: int) -> HttpResponse:
    return _document(request, pk, letter_word, suffix="docx", content_type=WORD_TYPE)
