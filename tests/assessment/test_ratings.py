"""五干 ratings: who rates whom, what is refused, and the sheet that loses nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment import queries
from assessment.choices import PeriodKind, PeriodState
from assessment.forms import RatingForm
from assessment.models import Rating
from assessment.queries import periods as period_queries
from assessment.services import periods, ratings
from core.models import AuditEvent, Cadre, Posting
from core.rules.errors import DomainError, NotAllowed
from tests.support.waiting import lines

GOOD = (90, 85, 80, 75, 70)


def save(month: Any, marks: dict[str, tuple[int, ...]], *, by: str = "unithead") -> int:
    named = {month.cadre(key).pk: given for key, given in marks.items()}
    return ratings.save_ratings(period_id=month.period.pk, marks=named, by=month.user(by), at=month.now)


def test_a_unit_head_rates_the_own_unit_and_those_below(month: Any) -> None:
    assert save(month, {"clerk": GOOD, "worker": (100, 0, 50, 50, 50)}) == 2
    stored = {rating.cadre.name: rating for rating in Rating.objects.select_related("cadre", "unit")}
    assert stored["曾国平"].marks == GOOD
    assert stored["王小川"].unit == month.district.station
    event = AuditEvent.objects.get(action="五干评分")
    assert event.after[str(month.cadre("clerk").pk)] == list(GOOD)
    assert event.target_name == f"{month.period} 王小川、曾国平"


def test_the_auditor_reads_whom_a_rating_is_about_and_no_mark(month: Any, as_role: Any) -> None:
    save(month, {"clerk": GOOD})
    page = as_role("auditor").get("/audit/", {"action": "五干评分"}).content.decode()
    assert "曾国平" in page.split("<tbody>")[1]
    assert "90" not in page.split("<tbody>")[1].split("变更内容")[1].split("</td>")[0]


def test_saving_the_same_again_writes_nothing(month: Any) -> None:
    save(month, {"clerk": GOOD})
    assert save(month, {"clerk": GOOD}) == 0
    assert AuditEvent.objects.filter(action="五干评分").count() == 1


def test_a_changed_mark_replaces_the_old_one_and_the_audit_keeps_both(month: Any) -> None:
    save(month, {"clerk": GOOD, "worker": GOOD})
    assert save(month, {"clerk": (91, 85, 80, 75, 70), "worker": GOOD, "leader": GOOD}) == 2
    assert Rating.objects.get(cadre=month.cadre("clerk")).swift == 91
    event = AuditEvent.objects.filter(action="五干评分").order_by("-seq").first()
    assert event is not None
    key = str(month.cadre("clerk").pk)
    assert (event.before[key][0], event.after[key][0]) == (90, 91)
    assert str(month.cadre("worker").pk) not in event.after


@pytest.mark.parametrize(
    ("who", "marks", "field"),
    [
        ("clerk", (101, 85, 80, 75, 70), "swift"),
        ("clerk", (90, 85, -1, 75, 70), "tireless"),
        ("clerk", (90, 85, 80, 75, 70.5), "upright"),
        ("clerk", (90, 85, 80, 75), "swift"),
    ],
)
def test_marks_outside_the_scale_are_refused_at_their_field(
    month: Any, who: str, marks: Any, field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        save(month, {who: marks})
    assert refused.value.field == f"{field}-{month.cadre(who).pk}"
    assert not Rating.objects.exists()


def test_nobody_rates_oneself(month: Any) -> None:
    with pytest.raises(DomainError, match="不能给本人评分"):
        save(month, {"head": GOOD})


def test_somebody_of_another_unit_reads_like_somebody_who_does_not_exist(month: Any) -> None:
    messages = []
    for pk in (month.cadre("outsider").pk, 999_999):
        with pytest.raises(DomainError) as refused:
            ratings.save_ratings(
                period_id=month.period.pk, marks={pk: GOOD}, by=month.user("unithead"), at=month.now
            )
        messages.append(refused.value.message)
    assert messages[0] == messages[1]
    assert not Rating.objects.exists()


def test_one_wrong_person_and_nothing_is_written(month: Any) -> None:
    with pytest.raises(DomainError):
        save(month, {"clerk": GOOD, "outsider": GOOD})
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    "who", ["cadre", "leader", "assessor", "discipline", "sysadmin", "secadmin", "auditor"]
)
def test_only_superiors_rate(month: Any, who: str) -> None:
    with pytest.raises(NotAllowed):
        save(month, {"worker": GOOD}, by=who)


def test_leadership_rates_those_who_report_to_it_and_nobody_else(month: Any) -> None:
    head, chief = month.cadre("head"), month.cadre("chief")
    Posting.objects.filter(cadre=head).update(supervisor=chief)
    assert save(month, {"head": GOOD}, by="chief") == 1
    for key in ("clerk", "outsider"):
        with pytest.raises(DomainError, match="不在您的评分范围内"):
            save(month, {key: GOOD}, by="chief")
    with pytest.raises(DomainError, match="不能给本人评分"):
        save(month, {"chief": GOOD}, by="chief")


@pytest.mark.parametrize("state", [PeriodState.COMPUTING, PeriodState.REVIEW])
def test_a_closed_period_takes_no_marks(month: Any, state: PeriodState) -> None:
    month.period.state = state
    month.period.save()
    with pytest.raises(DomainError, match=r"不能再评分|不再接收评分"):
        save(month, {"clerk": GOOD})


def test_a_period_that_has_not_begun_takes_no_marks(month: Any) -> None:
    later = periods.open_period(
        kind=PeriodKind.MONTH, on=month.district.today + timedelta(days=40), by=None, at=month.now
    )
    with pytest.raises(DomainError, match="尚未开始"):
        ratings.save_ratings(
            period_id=later.pk, marks={month.cadre("clerk").pk: GOOD}, by=month.user("unithead"), at=month.now
        )


def test_somebody_who_left_before_the_last_day_is_no_longer_rated(month: Any) -> None:
    Cadre.objects.filter(pk=month.cadre("clerk").pk).update(left_on=month.last - timedelta(days=1))
    with pytest.raises(DomainError, match="不在您的评分范围内"):
        save(month, {"clerk": GOOD})


def test_the_database_keeps_one_rating_per_rater_and_marks_within_the_scale(month: Any) -> None:
    month.rate(month.cadre("clerk"), GOOD)
    with pytest.raises(IntegrityError), transaction.atomic():
        month.rate(month.cadre("clerk"), GOOD)
    for wrong in ((101, 1, 1, 1, 1), (1, 1, 1, 1, 101)):
        with pytest.raises(IntegrityError), transaction.atomic():
            month.rate(month.cadre("worker"), wrong)


def test_a_rating_that_cannot_be_audited_is_not_saved(month: Any, monkeypatch: Any) -> None:
    def refuse(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("core.services.audit.record", refuse)
    with pytest.raises(RuntimeError):
        save(month, {"clerk": GOOD})
    assert not Rating.objects.exists()


# The sheet.


def url(month: Any) -> str:
    return reverse("assessment:rating-edit", args=[month.period.pk])


def typed(month: Any, **people: tuple[Any, ...]) -> dict[str, str]:
    styles = ("swift", "bold", "tireless", "skilful", "upright")
    return {
        f"{style}-{month.cadre(key).pk}": str(mark)
        for key, marks in people.items()
        for style, mark in zip(styles, marks, strict=True)
    }


def test_the_sheet_lists_the_own_staff_only(month: Any, as_role: Any) -> None:
    page = as_role("unithead").get(url(month)).content.decode()
    assert all(name in page for name in ("曾国平", "王小川", "解明远"))
    assert not any(name in page for name in ("任青", "林晓雪"))
    assert f'name="swift-{month.cadre("head").pk}"' not in page


def test_a_filled_sheet_is_saved_and_shown_again(month: Any, as_role: Any) -> None:
    client = as_role("unithead")
    answer = client.post(url(month), typed(month, clerk=GOOD, worker=("", "", "", "", "")), follow=True)
    assert "已保存 1 人的评分" in answer.content.decode()
    assert Rating.objects.get().cadre == month.cadre("clerk")
    assert 'value="85"' in client.get(url(month)).content.decode()


def test_a_wrong_sheet_keeps_what_was_typed_and_names_the_place(month: Any, as_role: Any) -> None:
    answer = as_role("unithead").post(
        url(month), typed(month, clerk=(90, 85, "八十", 75, 105), worker=(88, "", "", "", ""), leader=GOOD)
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert not Rating.objects.exists()
    assert 'value="八十"' in page and 'value="105"' in page and 'value="88"' in page
    assert "填 0 到 100 的整数" in page
    assert "不得超过 100 分" in page
    assert "五项须填齐" in page
    assert f'href="#id_tireless-{month.cadre("clerk").pk}"' in page


def test_a_saved_row_is_not_emptied_by_a_slip(month: Any, as_role: Any) -> None:
    save(month, {"clerk": GOOD})
    page = as_role("unithead").post(url(month), typed(month, clerk=("", "", "", "", ""))).content.decode()
    assert "不能清空" in page
    assert Rating.objects.count() == 1


def test_a_person_out_of_scope_in_the_sheet_is_refused(month: Any, as_role: Any) -> None:
    page = as_role("unithead").post(url(month), typed(month, clerk=GOOD, outsider=GOOD)).content.decode()
    assert "名单已有变化" in page
    assert 'value="85"' in page
    assert not Rating.objects.exists()


def test_a_period_closed_while_the_sheet_was_open_says_so_and_loses_nothing(month: Any, as_role: Any) -> None:
    month.period.state = PeriodState.REVIEW
    month.period.save()
    page = as_role("unithead").post(url(month), typed(month, clerk=GOOD)).content.decode()
    assert "不再接收评分" in page
    assert 'value="85"' in page
    assert not Rating.objects.exists()


def test_the_sheet_costs_the_same_number_of_queries_for_many(month: Any, as_role: Any, crowd: Any) -> None:
    client = as_role("unithead")
    client.get(url(month))  # the first page of a session also writes the session
    with CaptureQueriesContext(connection) as few:
        client.get(url(month))
    crowd(60, facts=False)
    with CaptureQueriesContext(connection) as many:
        assert client.get(url(month)).status_code == 200
    assert len(many) == len(few)
    assert len(few) <= 15


def test_the_workbench_asks_for_what_is_left(month: Any) -> None:
    user, today = month.user("unithead"), month.district.today
    (todo,) = lines(queries.todos(user, today=today))
    assert todo.who == "还有 3 人未评"
    assert todo.url == url(month)
    save(month, {"clerk": GOOD, "worker": GOOD, "leader": GOOD})
    assert lines(queries.todos(user, today=today)) == []
    assert lines(queries.todos(month.user("assessor"), today=today)) == []


def test_nothing_is_asked_before_the_end_of_the_month_is_near(month: Any) -> None:
    user = month.user("unithead")
    season = month.last - period_queries.RATING_SEASON
    assert lines(queries.todos(user, today=season - timedelta(days=1))) == []
    assert len(lines(queries.todos(user, today=season))) == 1


def test_the_task_list_counts_the_rated(month: Any, as_role: Any) -> None:
    save(month, {"clerk": GOOD})
    page = as_role("unithead").get(reverse("assessment:rating-list")).content.decode()
    assert "3 人" in page and "1 人" in page


@pytest.mark.parametrize("who", ["cadre", "leader", "assessor", "discipline", "sysadmin", "auditor"])
def test_the_sheet_is_for_superiors(month: Any, as_role: Any, who: str) -> None:
    assert as_role(who).get(url(month)).status_code == 403
    assert as_role(who).get(reverse("assessment:rating-list")).status_code == 403


def test_an_unknown_period_is_not_found(month: Any, as_role: Any) -> None:
    assert as_role("unithead").get(reverse("assessment:rating-edit", args=[999_999])).status_code == 404


def test_the_form_treats_blank_rows_as_not_rated(month: Any) -> None:
    rows = period_queries.rating_rows(month.user("unithead"), month.period, today=month.district.today)
    form = RatingForm(typed(month, clerk=GOOD, worker=("", "", "", "", "")), rows=rows)
    assert form.is_valid()
    assert form.cleaned_marks == {month.cadre("clerk").pk: GOOD}
