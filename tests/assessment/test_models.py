"""What the database itself refuses, and the catalogues."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessment.choices import WORK_STYLE_FIELDS, WORK_STYLE_LABELS
from assessment.models import Period, Run, RunChunk, Scheme, WorkStyle
from assessment.queries.periods import scheme_for, work_styles
from assessment.rules.scheme import fingerprint
from core.services import catalogues


def refused(change: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_a_period_exists_once_and_ends_after_it_begins(month: Any) -> None:
    period, at = month.period, month.now
    for first, last in (
        (period.first_day, period.last_day),
        (period.first_day, period.last_day + timedelta(days=1)),
        (period.first_day + timedelta(days=1), period.last_day),
        (date(2031, 2, 1), date(2031, 1, 31)),
    ):
        refused(
            lambda first=first, last=last: Period.objects.create(
                kind="MONTH", first_day=first, last_day=last, opened_at=at
            )
        )
    refused(
        lambda: Period.objects.create(
            kind="WEEK", first_day=date(2031, 1, 1), last_day=date(2031, 1, 7), opened_at=at
        )
    )
    refused(lambda: Period.objects.filter(pk=period.pk).update(state="LOST"))


def test_runs_are_numbered_once_and_one_at_a_time(filled: Any) -> None:
    run = filled.run()
    copy = {
        "period": run.period,
        "scheme": run.scheme,
        "as_of": run.as_of,
        "definition": run.definition,
        "scheme_sha256": run.scheme_sha256,
        "subjects": 9,
        "started_at": filled.now,
    }
    refused(lambda: Run.objects.create(**copy, number=1))
    Run.objects.create(**copy, number=2)
    refused(lambda: Run.objects.create(**copy, number=3))


def test_a_finished_run_has_its_digest_and_an_unfinished_one_has_none(filled: Any) -> None:
    run = filled.run()
    rows = Run.objects.filter(pk=run.pk)
    refused(lambda: rows.update(sha256=""))
    refused(lambda: rows.update(finished_at=None))
    refused(lambda: rows.update(state="RUNNING"))
    refused(lambda: rows.update(state="FAILED"))


def test_chunks_are_numbered_once_and_done_with_a_time(filled: Any) -> None:
    chunk = filled.run().chunks.get()
    refused(
        lambda: RunChunk.objects.create(
            run=chunk.run, ordinal=1, first_unit=chunk.first_unit, last_unit=chunk.last_unit, roster=[]
        )
    )
    refused(lambda: RunChunk.objects.filter(pk=chunk.pk).update(done_at=None))
    refused(lambda: RunChunk.objects.filter(pk=chunk.pk).update(state="PENDING"))


def test_results_have_one_place_each_and_no_rank_without_a_total(filled: Any) -> None:
    results = filled.run().results
    first, second = results.order_by("order")[:2]
    refused(lambda: results.filter(pk=first.pk).update(order=second.order))
    refused(lambda: results.filter(total=None).update(rank_in_district=1, rank_in_unit=1))
    refused(lambda: results.filter(pk=first.pk).update(rank_in_district=0))


def test_the_catalogues_are_synced_once(schemes: Scheme) -> None:
    for model in (Scheme, WorkStyle):
        assert not catalogues.sync(model=model, by=None, at=timezone.now()).drifted
    styles = work_styles(date(2026, 1, 1))
    assert [style.name for style in styles] == list(WORK_STYLE_LABELS.values())
    assert [style.key.lower() for style in styles] == list(WORK_STYLE_FIELDS)
    assert all("以本区正式文件为准" in text for text in (schemes.basis,))


def test_the_scheme_in_force_on_the_day_applies(schemes: Scheme) -> None:
    assert scheme_for(schemes.kind, date(2019, 12, 31)) is None
    assert scheme_for(schemes.kind, date(2020, 1, 1)) == schemes
    assert scheme_for(schemes.kind, date(2020, 1, 1), code="OTHER") is None


def test_a_scheme_that_cannot_be_used_is_refused_on_cleaning(schemes: Scheme) -> None:
    schemes.full_clean()
    schemes.definition["indicators"][0]["weight"] = 1
    with pytest.raises(ValidationError, match="权重合计 89"):
        schemes.full_clean()
    schemes.definition = []
    with pytest.raises(ValidationError):
        schemes.full_clean()


def test_the_frozen_scheme_of_a_run_is_the_scheme_of_its_day(filled: Any) -> None:
    run = filled.run()
    assert run.spec == filled.scheme.spec()
    assert run.scheme_sha256 == fingerprint(run.spec)
    assert run.spec.indicators[5].params["late"] == Decimal(80)
