"""The roster of 群众监督员: who is appointed, who no longer."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conduct.models import PublicSupervisor
from core.models import User
from core.permissions import Permission, demand
from core.rules.errors import DomainError
from core.services import audit


@transaction.atomic
def appoint_supervisor(
    *,
    name: str,
    organisation: str,
    phone: str,
    appointed_on: date,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> PublicSupervisor:
    """Put a 群众监督员 on the roster. Raises DomainError for one who is on it, or a day to come."""
    demand(by, Permission.RECORD_INSPECTIONS)
    if earlier := PublicSupervisor.objects.filter(submission_key=submission_key, recorded_by=by).first():
        return earlier
    today = timezone.localdate(at)
    if appointed_on > today:
        raise DomainError(f"聘任日期 {appointed_on} 晚于今天（{today}），请核对。", field="appointed_on")
    if PublicSupervisor.objects.filter(name=name, organisation=organisation, ended_on=None).exists():
        raise DomainError(
            f"“{name}”（{organisation or '未填单位'}）已在名册中，不用再加；同名的请填写不同的单位或社区。",
            field="name",
        )
    made = PublicSupervisor.objects.create(
        name=name,
        organisation=organisation,
        phone=phone,
        appointed_on=appointed_on,
        submission_key=submission_key,
        recorded_by=by,
        recorded_at=at,
    )
    # The phone number stays out of the audit chain: it can never be taken back from there.
    after = {"name": name, "organisation": organisation, "appointed_on": appointed_on}
    audit.record(action="聘任群众监督员", target=made, by=by, at=at, after=after)
    return made


@transaction.atomic
def end_supervisor(*, supervisor_id: int, ended_on: date, by: User, at: datetime) -> PublicSupervisor:
    """End an appointment; the name stays on the visits made. Raises DomainError for a wrong day."""
    demand(by, Permission.RECORD_INSPECTIONS)
    supervisor = PublicSupervisor.objects.select_for_update().get(pk=supervisor_id)
    if supervisor.ended_on is not None:
        raise DomainError(f"“{supervisor}”已于 {supervisor.ended_on} 解聘，不用重复办理。")
    if not supervisor.appointed_on <= ended_on <= timezone.localdate(at):
        raise DomainError(
            f"解聘日期应在聘任日期 {supervisor.appointed_on} 与今天之间，请核对。", field="ended_on"
        )
    supervisor.ended_on = ended_on
    supervisor.save(update_fields=["ended_on"])
    audit.record(
        action="解聘群众监督员",
        target=supervisor,
        by=by,
        at=at,
        before={"ended_on": None},
        after={"ended_on": ended_on},
    )
    return supervisor
