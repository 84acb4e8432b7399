"""Runs: right, exactly once, the same from every side, and calm when something breaks."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessment import tasks
from assessment.choices import ChunkState, PeriodKind, PeriodState, RunState
from assessment.models import Period, Rating, Result, Run, RunChunk, Scheme
from assessment.queries import periods as period_queries
from assessment.queries import verification
from assessment.rules import digest
from assessment.rules import periods as calendar
from assessment.services import bulk, periods, runs
from conduct.models import Violation
from core.choices import JobState
from core.models import AuditEvent, Cadre, Job, Posting
from core.rules.errors import DomainError, NotAllowed
from core.services import catalogues, people
from projects.models import Milestone, TaskforceMember


def points(result: Result) -> list[str | None]:
    return [packed[4] for packed in result.lines]


def test_a_month_is_closed_from_ratings_milestones_and_violations(filled: Any) -> None:
    run = filled.run()
    assert (run.state, run.number, run.provisional, run.subjects) == (RunState.DONE, 1, False, 10)
    filled.period.refresh_from_db()
    assert filled.period.state == PeriodState.REVIEW
    results = {result.cadre.name: result for result in run.results.select_related("cadre")}
    # 曾国平: mean of three raters, no milestone (60 points become 100), 5 + half of 2 points off.
    assert points(results["曾国平"]) == ["17.67", "16.33", "15", "13.67", "12.73", None, "-6"]
    assert results["曾国平"].total == Decimal("69.40")
    # 解明远: 88 in all five, milestones 100, 60 (done after the month, 100 % → capped), 35 → 65.
    assert points(results["解明远"]) == ["10.56", "10.56", "10.56", "10.56", "10.56", "26", "0"]
    assert results["解明远"].total == Decimal("78.80")
    assert results["任青"].total == Decimal("62")
    assert results["王小川"].total == Decimal("88")
    # Nobody rated them and they carry nothing: no total, no rank, never a zero.
    assert (results["林晓雪"].total, results["林晓雪"].rank_in_district) == (None, None)
    ranks = {name: (one.rank_in_district, one.rank_in_unit) for name, one in results.items() if one.total}
    assert ranks == {"王小川": (1, 1), "解明远": (2, 1), "曾国平": (3, 2), "任青": (4, 1)}


def test_the_records_behind_each_line_are_kept(filled: Any) -> None:
    run = filled.run()
    clerk = run.results.get(cadre=filled.cadre("clerk"))
    leader = run.results.get(cadre=filled.cadre("leader"))
    assert clerk.lines[6][6] == sorted(
        Violation.objects.filter(cadre=clerk.cadre).values_list("pk", flat=True)
    )
    judged = Milestone.objects.filter(name__in=["交地", "施工许可", "临设"])
    assert leader.lines[5][6] == sorted(judged.values_list("pk", flat=True))
    assert clerk.lines[0][:4] == ["265", "3", 3, "20"]


def expected_results(month: Any) -> dict[str, tuple[Fraction | None, list[Fraction | None]]]:
    """The default scheme again, straight from the records, person by person, in plain fractions."""
    found = {}
    for cadre in Cadre.objects.all():
        if not Posting.objects.filter(cadre=cadre, start_on__lte=month.last, end_on=None).exists():
            continue
        ratings = list(Rating.objects.filter(period=month.period, cadre=cadre))
        means = [
            Fraction(sum(getattr(rating, style) for rating in ratings), len(ratings)) if ratings else None
            for style in ("swift", "bold", "tireless", "skilful", "upright")
        ]
        marks = []
        for member in TaskforceMember.objects.filter(cadre=cadre, start_on__lte=month.last, end_on=None):
            for milestone in member.project.milestones.filter(
                planned_on__lte=month.last, suspended_reason=""
            ):
                done = milestone.done_on
                if milestone.planned_on < month.first and done is not None and done < month.first:
                    continue
                if done is not None and done <= month.last:
                    marks.append(Fraction(100 if done <= milestone.planned_on else 80))
                else:
                    marks.append(min(Fraction(milestone.progress), Fraction(60)))
        scores = [*means, sum(marks, Fraction(0)) / len(marks) if marks else None]
        weights = [Fraction(12)] * 5 + [Fraction(40)]
        present = sum(weight for weight, score in zip(weights, scores, strict=True) if score is not None)
        decided = Violation.objects.filter(
            cadre=cadre, decided_on__range=(month.first, month.last), finding__in=["CONFIRMED", "PARTLY"]
        )
        off = sum(
            (
                Fraction(one.prohibition.deduct_points) / (2 if one.finding == "PARTLY" else 1)
                for one in decided
            ),
            Fraction(0),
        )
        base = present if present >= 50 else 100
        lines = [
            None if score is None else score * weight / base
            for weight, score in zip(weights, scores, strict=True)
        ]
        if present < 50:
            found[cadre.staff_no] = (None, lines)
            continue
        earned = sum((line for line in lines if line is not None), Fraction(0))
        found[cadre.staff_no] = (max(earned - min(off, Fraction(20)), Fraction(0)), lines)
    return found


def half_up(value: Fraction) -> Decimal:
    cents = value * 100
    whole = cents.numerator * 2 + cents.denominator
    return Decimal(whole // (2 * cents.denominator)) / 100


def test_an_independent_recomputation_agrees_on_everybody(filled: Any, crowd: Any) -> None:
    crowd(120)
    run = filled.run(chunk_size=50)
    expected = expected_results(filled)
    results = {one.cadre.staff_no: one for one in run.results.select_related("cadre")}
    assert results.keys() == expected.keys()
    assert len(results) == 130
    for staff_no, (total, lines) in expected.items():
        result = results[staff_no]
        assert result.total == (None if total is None else half_up(total)), staff_no
        shown = [None if text is None else Decimal(text) for text in points(result)]
        for line, exact in zip(shown[:6], lines, strict=True):
            assert (line is None) == (exact is None)
            assert line is None or abs(Fraction(line) - exact * 100 / 100) < Fraction(1, 100)
        if result.total is not None:
            assert sum(line for line in shown if line is not None) == result.total
    ranked = [one for one in results.values() if one.total is not None]
    for one in ranked:
        assert one.rank_in_district is not None and one.rank_in_unit is not None
        ahead = sum(other.total > one.total for other in ranked)
        level = sum(other.total == one.total for other in ranked)
        assert ahead < one.rank_in_district <= ahead + level
        at_home = [other for other in ranked if other.unit_id == one.unit_id]
        assert sum(other.total > one.total for other in at_home) < one.rank_in_unit
    assert sorted(one.order for one in results.values()) == list(range(1, 131))


@pytest.mark.parametrize("chunk_size", [1, 50, 1000])
def test_chunks_of_any_size_in_any_order_give_one_digest(filled: Any, crowd: Any, chunk_size: int) -> None:
    crowd(60)
    whole = filled.run()
    run = runs.start_run(
        period=filled.period, by=None, at=filled.now, chunk_size=chunk_size, dispatch=False, again=True
    )
    order = list(run.chunks.values_list("pk", flat=True))
    random.Random(chunk_size).shuffle(order)  # noqa: S311 - an order, not a secret
    for chunk_id in order:
        assert runs.compute_chunk(chunk_id=chunk_id, at=filled.now)
    finished = runs.finalise_run(run_id=run.pk, at=filled.now)
    assert finished is not None
    assert finished.pk != whole.pk
    assert finished.sha256 == whole.sha256
    assert len(order) == -(-70 // chunk_size)


def test_the_digest_does_not_depend_on_the_order_of_import(month: Any, crowd: Any) -> None:
    """The same people and marks under other row ids."""
    digests = []
    shuffled = random.Random(3).sample(range(30), 30)  # noqa: S311 - an order, not a secret
    for order in (range(30), shuffled):
        before = transaction.savepoint()
        cadres = {number: crowd(1, start=number, facts=False)[0] for number in order}
        for number in order:
            month.rate(cadres[number], [number * 3 % 101, 80, 70, 60 + number % 7, 90])
        digests.append(month.run().sha256)
        transaction.savepoint_rollback(before)
        month.period.refresh_from_db()
    assert digests[0] == digests[1]


def test_a_second_start_is_the_same_run(filled: Any) -> None:
    first = runs.start_run(period=filled.period, by=None, at=filled.now, dispatch=False)
    again = runs.start_run(period=filled.period, by=None, at=filled.now, dispatch=False, again=True)
    assert again.pk == first.pk
    finished = runs.work_off(run_id=first.pk, at=filled.now)
    assert runs.start_run(period=filled.period, by=None, at=filled.now, dispatch=False).pk == finished.pk
    assert Run.objects.count() == 1
    assert (
        runs.start_run(period=filled.period, by=None, at=filled.now, dispatch=False, again=True).number == 2
    )


def test_a_doubled_delivery_does_nothing(filled: Any) -> None:
    run = runs.start_run(period=filled.period, by=None, at=filled.now, dispatch=False)
    chunk = run.chunks.get()
    assert runs.compute_chunk(chunk_id=chunk.pk, at=filled.now)
    assert not runs.compute_chunk(chunk_id=chunk.pk, at=filled.now)
    assert runs.finalise_run(run_id=run.pk, at=filled.now) is not None
    assert runs.finalise_run(run_id=run.pk, at=filled.now) is None
    assert not runs.compute_chunk(chunk_id=chunk.pk, at=filled.now)
    assert run.results.count() == 10
    assert Job.objects.filter(key=f"assessment.finalise_run:{run.pk}").count() == 1
    assert AuditEvent.objects.filter(action="完成核算").count() == 1


def test_the_database_refuses_a_second_result_for_a_person(filled: Any) -> None:
    run = filled.run()
    result = run.results.first()
    fields = ("run", "cadre", "unit", "group", "total", "attainable", "lines")
    row = (run.pk, result.cadre_id, result.unit_id, "", None, Decimal(0), [])
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert_rows(Result, fields, [row])


def test_a_chunk_killed_on_the_way_leaves_nothing_and_is_done_again(filled: Any, monkeypatch: Any) -> None:
    run = runs.start_run(period=filled.period, by=None, at=filled.now, chunk_size=4, dispatch=False)
    chunk = run.chunks.get(ordinal=2)
    insert = bulk.insert_rows

    class Killed(Exception):
        pass

    def die_after_writing(*args: Any) -> None:
        insert(*args)
        raise Killed

    monkeypatch.setattr(bulk, "insert_rows", die_after_writing)
    with pytest.raises(Killed):
        runs.compute_chunk(chunk_id=chunk.pk, at=filled.now)
    monkeypatch.undo()
    assert run.results.count() == 0
    chunk.refresh_from_db()
    assert chunk.state == ChunkState.PENDING
    finished = runs.work_off(run_id=run.pk, at=filled.now)
    assert finished.state == RunState.DONE
    assert finished.results.count() == 10


def test_a_run_is_not_finished_before_its_last_chunk(filled: Any) -> None:
    run = runs.start_run(period=filled.period, by=None, at=filled.now, chunk_size=4, dispatch=False)
    for chunk in run.chunks.filter(ordinal__lt=3):
        runs.compute_chunk(chunk_id=chunk.pk, at=filled.now)
    assert runs.finalise_run(run_id=run.pk, at=filled.now) is None
    assert not Job.objects.filter(task="assessment.finalise_run").exists()
    runs.compute_chunk(chunk_id=run.chunks.get(ordinal=3).pk, at=filled.now)
    assert Job.objects.filter(task="assessment.finalise_run").count() == 1


def statements(chunk_id: int, at: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert runs.compute_chunk(chunk_id=chunk_id, at=at)
    return len(captured)


def test_statements_do_not_grow_with_the_number_of_people(filled: Any, crowd: Any) -> None:
    crowd(10)
    few = runs.start_run(period=filled.period, by=None, at=filled.now, dispatch=False)
    few_statements = statements(few.chunks.get().pk, filled.now)
    with CaptureQueriesContext(connection) as few_final:
        runs.finalise_run(run_id=few.pk, at=filled.now)
    crowd(190, start=10)
    many = runs.start_run(period=filled.period, by=None, at=filled.now, dispatch=False, again=True)
    assert many.subjects == few.subjects + 190
    assert statements(many.chunks.get().pk, filled.now) == few_statements
    with CaptureQueriesContext(connection) as many_final:
        runs.finalise_run(run_id=many.pk, at=filled.now)
    assert len(many_final) == len(few_final)
    assert few_statements <= 20
    assert len(few_final) <= 20


def test_only_those_in_post_on_the_last_day_are_scored_in_the_unit_of_that_day(filled: Any) -> None:
    district = filled.district
    clerk = filled.cadre("clerk")
    people.save_cadre(
        staff_no=clerk.staff_no,
        name=clerk.name,
        unit=district.other,
        establishment=clerk.establishment,
        post=clerk.post,
        joined_on=clerk.joined_on,
        effective_on=filled.last + timedelta(days=1),
        by=None,
        at=filled.now,
    )
    Cadre.objects.filter(pk=filled.cadre("worker").pk).update(left_on=filled.last - timedelta(days=1))
    Cadre.objects.filter(pk=filled.cadre("leader").pk).update(left_on=filled.last)
    run = filled.run()
    units = dict(run.results.values_list("cadre__name", "unit__name"))
    assert units["曾国平"] == "建设局"
    assert "王小川" not in units
    assert "解明远" in units


def test_what_was_reported_after_the_last_day_does_not_count(month: Any) -> None:
    project = month.district.project
    milestone = month.milestone(project, "管网", month.last, progress=10)
    milestone.updates.create(
        progress_before=10,
        progress_after=30,
        reported_by=month.user("leader"),
        reported_at=month.noon(month.last),
    )
    midnight = month.noon(month.last) + timedelta(hours=12)
    milestone.updates.create(
        progress_before=30, progress_after=50, reported_by=month.user("leader"), reported_at=midnight
    )
    milestone.updates.create(
        progress_before=50,
        progress_after=55,
        reported_by=month.user("leader"),
        reported_at=midnight + timedelta(hours=1),
    )
    Milestone.objects.filter(pk=milestone.pk).update(progress=55)
    result = month.run().results.get(cadre=month.cadre("leader"))
    assert result.lines[5][:2] == ["30", "1"]


def test_suspended_and_undated_milestones_and_former_members_are_left_out(month: Any) -> None:
    project = month.district.project
    Milestone.objects.filter(pk=month.milestone(project, "暂停", month.last).pk).update(
        suspended_reason="等征地"
    )
    Milestone.objects.filter(pk=month.milestone(project, "未定", month.last).pk).update(planned_on=None)
    TaskforceMember.objects.create(
        project=project,
        cadre=month.cadre("clerk"),
        role="MEMBER",
        start_on=month.first,
        end_on=month.last - timedelta(1),
    )
    counted = month.milestone(project, "计入", month.last, progress=50)
    run = month.run()
    assert run.results.get(cadre=month.cadre("leader")).lines[5][6] == [counted.pk]
    assert run.results.get(cadre=month.cadre("clerk")).lines[5][0] is None


def test_a_violation_counts_in_the_month_of_its_decision(month: Any) -> None:
    month.violation(month.cadre("clerk"), "B6", on=month.first)
    month.violation(month.cadre("clerk"), "B6", on=month.last + timedelta(days=1))
    run = month.run()
    assert run.results.get(cadre=month.cadre("clerk")).lines[6][:3] == ["5", "1", 1]


def test_groups_are_ranked_apart_when_the_scheme_says_so(filled: Any) -> None:
    Cadre.objects.filter(pk=filled.cadre("worker").pk).update(establishment="CONTRACT")
    Posting.objects.filter(cadre=filled.cadre("worker")).update(establishment="CONTRACT")
    filled.scheme.definition["group_by"] = "ESTABLISHMENT"
    filled.scheme.save()
    run = filled.run()
    worker, leader = (run.results.get(cadre=filled.cadre(key)) for key in ("worker", "leader"))
    assert (worker.group, worker.rank_in_district, worker.rank_in_unit) == ("CONTRACT", 1, 1)
    assert (leader.group, leader.rank_in_district) == ("CIVIL_SERVANT", 1)
    assert verification.verify_run(run).agrees


def refuse_missing(scheme: Scheme) -> None:
    for indicator in scheme.definition["indicators"][:6]:
        indicator["missing"] = "REFUSE"
    scheme.save()


def test_a_refused_lack_ends_the_run_with_a_name_and_reopens_the_period(filled: Any) -> None:
    refuse_missing(filled.scheme)
    with pytest.raises(DomainError, match=r".+：“.+”缺项，方案规定不得缺项"):
        filled.run()
    run = Run.objects.get()
    assert run.state == RunState.FAILED
    assert "不得缺项" in run.message
    assert run.results.count() == 0
    assert run.chunks.get().state == ChunkState.FAILED
    filled.period.refresh_from_db()
    assert filled.period.state == PeriodState.COLLECTING
    assert runs.run_due(at=filled.now) == []  # a person looks first
    filled.scheme.definition["indicators"][0]["missing"] = "REDISTRIBUTE"
    for indicator in filled.scheme.definition["indicators"][:6]:
        indicator["missing"] = "REDISTRIBUTE"
    filled.scheme.save()
    assert filled.run().number == 2


def test_a_wrong_scheme_is_refused_before_anything_is_written(filled: Any) -> None:
    filled.scheme.definition["indicators"][0]["weight"] = 13
    filled.scheme.save()
    with pytest.raises(DomainError, match="权重合计 101"):
        runs.start_run(period=filled.period, by=None, at=filled.now)
    assert not Run.objects.exists()
    filled.period.refresh_from_db()
    assert filled.period.state == PeriodState.COLLECTING


def test_a_period_before_its_end_is_computed_provisionally_and_goes_on_collecting(month: Any) -> None:
    current = periods.open_period(kind=PeriodKind.MONTH, on=month.district.today, by=None, at=month.now)
    run = runs.start_run(period=current, by=None, at=month.now, dispatch=False)
    runs.work_off(run_id=run.pk, at=month.now)
    current.refresh_from_db()
    run.refresh_from_db()
    assert (run.provisional, run.as_of, run.state) == (True, month.district.today, RunState.DONE)
    assert current.state == PeriodState.COLLECTING
    again = runs.start_run(period=current, by=None, at=month.now, dispatch=False)
    assert again.number == 2


def test_a_period_that_has_not_begun_is_refused(month: Any) -> None:
    later = periods.open_period(
        kind=PeriodKind.MONTH, on=month.district.today + timedelta(days=40), by=None, at=month.now
    )
    with pytest.raises(DomainError, match="尚未开始"):
        runs.start_run(period=later, by=None, at=month.now)


def test_only_the_assessment_office_starts_a_run(month: Any) -> None:
    for name in ("unithead", "cadre", "discipline", "chief", "sysadmin"):
        with pytest.raises(NotAllowed):
            runs.start_run(period=month.period, by=month.user(name), at=month.now)
    assert (
        runs.start_run(period=month.period, by=month.user("assessor"), at=month.now, dispatch=False).number
        == 1
    )


def test_starting_and_finishing_are_in_the_audit_chain(filled: Any) -> None:
    run = filled.run()
    events = AuditEvent.objects.filter(target_label="assessment.Run", target_id=str(run.pk)).order_by("seq")
    assert [event.action for event in events] == ["开始核算", "完成核算"]
    assert events[1].after["sha256"] == run.sha256


def test_a_run_that_cannot_be_audited_is_not_started(filled: Any, monkeypatch: Any) -> None:
    def refuse(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("core.services.audit.record", refuse)
    with pytest.raises(RuntimeError):
        runs.start_run(period=filled.period, by=None, at=filled.now)
    assert not Run.objects.exists()
    assert not RunChunk.objects.exists()
    assert not Job.objects.exists()


# What is due, and catching up.


def test_the_clock_closes_an_ended_month_once(filled: Any) -> None:
    at = filled.now
    due = calendar.due_on(filled.period.span, period_queries.office_calendar())
    if filled.district.today < due:
        at += due - filled.district.today
    assert [run.period_id for run in runs.run_due(at=at)] == [filled.period.pk]
    assert runs.run_due(at=at) == []
    run = Run.objects.get()
    assert Job.objects.filter(task="assessment.compute_chunk").count() == 1
    runs.work_off(run_id=run.pk, at=at)
    assert runs.run_due(at=at) == []
    assert Run.objects.count() == 1


def test_a_clock_that_stood_still_catches_up_in_order(month: Any) -> None:
    later = month.now + timedelta(days=100)
    started = runs.run_due(at=later)
    months = [run.period.first_day for run in started]
    assert months == sorted(months)
    assert months[0] == month.first
    assert len(months) >= 3
    assert [a.last_day + timedelta(1) for a in (run.period for run in started[:-1])] == months[1:]
    assert runs.run_due(at=later) == []
    assert Period.objects.filter(first_day__gt=timezone.localdate(later)).count() == 0


def test_nothing_is_due_before_the_first_working_day(month: Any) -> None:
    due = calendar.due_on(month.period.span, period_queries.office_calendar())
    assert month.period not in period_queries.due_periods(due - timedelta(days=1))
    assert month.period in period_queries.due_periods(due)


def test_the_first_tick_ever_opens_the_current_month_only(schemes: Scheme) -> None:
    now = timezone.now()
    assert runs.run_due(at=now) == []
    assert [str(period.span.first_day) for period in Period.objects.all()] == [
        f"{timezone.localdate(now):%Y-%m}-01"
    ]
    runs.run_due(at=now)
    assert Period.objects.count() == 1


def test_without_a_scheme_no_period_is_opened(db: None) -> None:
    assert runs.run_due(at=timezone.now()) == []
    assert not Period.objects.exists()


def test_catching_up_goes_no_further_back_than_two_years(month: Any) -> None:
    periods.open_period(kind=PeriodKind.MONTH, on=date(month.first.year - 5, 1, 1), by=None, at=month.now)
    Period.objects.filter(pk=month.period.pk).delete()
    periods.ensure_periods(on=month.district.today, at=month.now)
    assert Period.objects.count() == 1 + 25
    assert len(period_queries.due_periods(month.district.today)) <= 24


def test_a_district_without_people_does_not_stop_the_clock(schemes: Scheme) -> None:
    now = timezone.now()
    last = calendar.span_before(calendar.span_containing(PeriodKind.MONTH, timezone.localdate(now)))
    periods.open_period(kind=PeriodKind.MONTH, on=last.first_day, by=None, at=now)
    later = now + timedelta(days=10)
    assert runs.run_due(at=later) == []


# The jobs around it.


def job_of(chunk: RunChunk) -> Job:
    return Job.objects.get(key=f"assessment.compute_chunk:{chunk.pk}")


def test_the_jobs_compute_and_seal_the_run(filled: Any) -> None:
    run = runs.start_run(period=filled.period, by=None, at=filled.now, chunk_size=5)
    for chunk in run.chunks.all():
        tasks.compute_chunk.run(job_id=job_of(chunk).pk)
        tasks.compute_chunk.run(job_id=job_of(chunk).pk)
    final = Job.objects.get(task="assessment.finalise_run")
    tasks.finalise_run.run(job_id=final.pk)
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DONE}
    assert "第1/2块" in job_of(run.chunks.first()).title


def test_a_job_that_breaks_a_rule_ends_the_run(filled: Any) -> None:
    refuse_missing(filled.scheme)
    run = runs.start_run(period=filled.period, by=None, at=filled.now)
    job = job_of(run.chunks.get())
    tasks.compute_chunk.run(job_id=job.pk)
    job.refresh_from_db()
    run.refresh_from_db()
    assert (job.state, run.state) == (JobState.FAILED, RunState.FAILED)
    assert job.message == run.message


def test_the_clock_gives_a_run_what_it_lost(filled: Any) -> None:
    run = runs.start_run(period=filled.period, by=None, at=filled.now, chunk_size=5)
    Job.objects.all().delete()
    runs.resume_runs(at=filled.now)
    assert Job.objects.filter(task="assessment.compute_chunk").count() == 2
    for chunk in run.chunks.all():
        runs.compute_chunk(chunk_id=chunk.pk, at=filled.now)
    Job.objects.filter(task="assessment.finalise_run").delete()
    runs.resume_runs(at=filled.now)
    assert Job.objects.filter(task="assessment.finalise_run").count() == 1


def test_a_job_given_up_ends_the_run_instead_of_hanging(filled: Any) -> None:
    run = runs.start_run(period=filled.period, by=None, at=filled.now)
    Job.objects.update(state=JobState.FAILED, message="内部错误")
    runs.resume_runs(at=filled.now)
    run.refresh_from_db()
    assert (run.state, run.message) == (RunState.FAILED, "内部错误")


# Verification.


def test_a_finished_run_verifies(filled: Any, crowd: Any) -> None:
    crowd(40)
    outcome = verification.verify_run(filled.run())
    assert outcome.agrees
    assert outcome.people == 50


def test_later_changes_of_the_records_change_no_finished_run(filled: Any) -> None:
    run = filled.run()
    Rating.objects.update(swift=0)
    Violation.objects.update(state="DISMISSED", finding="DISMISSED")
    Milestone.objects.update(progress=0, done_on=None)
    filled.scheme.definition["indicators"][0]["weight"] = 20
    filled.scheme.save()
    assert verification.verify_run(Run.objects.get(pk=run.pk)).agrees


@pytest.mark.parametrize("what", ["total", "rank", "line", "input", "missing", "definition", "sha256"])
def test_a_touched_result_is_found(filled: Any, what: str) -> None:
    run = filled.run()
    result = run.results.get(cadre=filled.cadre("clerk"))
    match what:
        case "total":
            Result.objects.filter(pk=result.pk).update(total=Decimal("99.00"))
        case "rank":
            Result.objects.filter(pk=result.pk).update(rank_in_district=1)
        case "line" | "input":
            result.lines[0][4 if what == "line" else 0] = "30"
            result.save()
        case "missing":
            result.delete()
        case "definition":
            run.definition["indicators"][0]["weight"], run.definition["indicators"][1]["weight"] = "14", "10"
            run.save()
        case _:
            Run.objects.filter(pk=run.pk).update(sha256="0" * 64)
    outcome = verification.verify_run(Run.objects.get(pk=run.pk))
    assert not outcome.agrees
    if what in {"total", "rank", "line"}:
        assert any(filled.cadre("clerk").staff_no in difference for difference in outcome.differences)


def test_stored_lines_are_small(filled: Any) -> None:
    result = filled.run().results.get(cadre=filled.cadre("clerk"))
    assert all(digest.pack(*digest.unpack(packed)) == packed for packed in result.lines)
    assert Run.objects.aggregate(Max("number"))["number__max"] == 1


def test_a_newer_version_of_the_scheme_applies_from_its_day(month: Any) -> None:
    old = month.scheme
    old.retired_on = month.last + timedelta(days=1)
    old.save()
    Scheme.objects.create(
        key=old.key,
        name=old.name,
        version=2,
        kind=old.kind,
        definition=old.definition,
        basis=old.basis,
        effective_from=month.last + timedelta(days=1),
    )
    assert runs.pick_scheme(kind=PeriodKind.MONTH, on=month.last).version == 1
    assert runs.pick_scheme(kind=PeriodKind.MONTH, on=month.last + timedelta(days=1)).version == 2
    catalogues.sync(model=Scheme, by=None, at=month.now)
    assert Scheme.objects.count() == 2
