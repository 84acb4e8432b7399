"""The outbox: a saved record never loses its follow-up job, whatever becomes of the broker."""

from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone
from kombu.exceptions import OperationalError

from core.choices import JobState
from core.models import Job
from core.rules.errors import DomainError
from core.services import jobs
from core.tasks import job_task, sweep_jobs

pytestmark = pytest.mark.django_db

CALLS = []


@job_task("tests.works")
def works(job, *, number):
    """Work that notes its argument."""
    CALLS.append(number)
    jobs.report(job_id=job.pk, done=1, total=2, at=timezone.now(), message="一半")
    return f"做完第 {number} 件"


@job_task("tests.breaks")
def breaks(job, *, rule):
    """Work that fails by a rule, or by accident."""
    if rule:
        raise DomainError("周期已关闭，请联系考核办。")
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def _calls():
    CALLS.clear()


def enqueue(task="tests.works", **arguments):
    return jobs.enqueue(
        task=task, title="测试任务", by=None, at=timezone.now(), **(arguments or {"number": 7})
    )


def test_a_job_runs_after_the_commit_and_tells_its_end(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue()
        assert CALLS == []
    job.refresh_from_db()
    assert (CALLS, job.state, job.message, job.percent) == ([7], JobState.DONE, "做完第 7 件", 100)


def test_with_the_broker_down_the_job_waits_and_the_sweeper_sends_it(
    monkeypatch, django_capture_on_commit_callbacks
):
    def refused(*_, **__):
        raise OperationalError("connection refused")

    task = current_app.tasks["tests.works"]
    with monkeypatch.context() as broken:
        broken.setattr(task, "apply_async", refused)
        with django_capture_on_commit_callbacks(execute=True):
            job = enqueue()
        job.refresh_from_db()
        assert (job.state, job.sent_at, CALLS) == (JobState.QUEUED, None, [])
        assert sweep_jobs() == 0
    assert sweep_jobs() == 1
    job.refresh_from_db()
    assert (job.state, CALLS) == (JobState.DONE, [7])
    assert sweep_jobs() == 0


def test_a_job_whose_worker_fell_silent_is_taken_up_again(django_capture_on_commit_callbacks):
    job = enqueue()
    long_ago = timezone.now() - timedelta(minutes=10)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, beat_at=long_ago, sent_at=long_ago)
    assert sweep_jobs() == 1
    assert CALLS == [7]


def test_a_job_delivered_twice_is_done_once():
    job = enqueue()
    works(job_id=job.pk)
    works(job_id=job.pk)
    assert CALLS == [7]


def test_the_same_key_is_one_job():
    first = jobs.enqueue(task="tests.works", title="一", by=None, at=timezone.now(), key="k", number=1)
    second = jobs.enqueue(task="tests.works", title="二", by=None, at=timezone.now(), key="k", number=2)
    assert first == second


def test_a_broken_rule_ends_the_job_with_its_sentence():
    job = enqueue("tests.breaks", rule=True)
    breaks(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.message) == (JobState.FAILED, "周期已关闭，请联系考核办。")


def test_an_accident_is_tried_five_times_and_then_told():
    job = enqueue("tests.breaks", rule=False)
    for _ in range(4):
        breaks(job_id=job.pk)
        job.refresh_from_db()
        assert job.state == JobState.QUEUED
    breaks(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "联系系统管理员" in job.message


def test_a_job_that_keeps_killing_its_worker_is_given_up_and_says_so():
    job = enqueue()
    long_ago = timezone.now() - timedelta(minutes=10)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, beat_at=long_ago, attempts=5)
    assert sweep_jobs() == 0
    job.refresh_from_db()
    assert (job.state, CALLS) == (JobState.FAILED, [])
    assert "联系系统管理员" in job.message
