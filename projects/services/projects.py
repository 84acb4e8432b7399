"""Writes of projects: what the record says, its course, who is appointed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from core.models import Cadre, ImportBatch, Unit, User
from core.permissions import Permission, demand
from core.rules.errors import DomainError, StaleVersion
from core.services import audit, steps
from projects.choices import MemberRole
from projects.models import KeyProject, Milestone, TaskforceMember
from projects.queries import imports
from projects.queries import projects as queries
from projects.rules import projects as rules
from projects.rules.taskforce import has_left

NOT_OF_TABLES = frozenset(
    {"id", "code", "recorded_by", "recorded_at", "state", "suspended_reason", "closed_on", "version"}
) | {"import_batch"}
"""Fields that a table does not write: they are of the record's course."""


class DoubtfulAmount(DomainError):
    """An amount that is readable but hardly meant; it is taken when said to be sure."""


@dataclass(frozen=True, kw_only=True)
class ProjectFacts:
    """What the record of a project says, as a person fills it in; `investment_text` with its unit."""

    name: str
    kind: str
    content: str = ""
    location: str = ""
    owner_enterprise: str = ""
    investment_text: str = ""
    batch: str = ""
    year: int | None = None
    lead_unit: Unit | None = None
    co_units: Sequence[Unit] = ()
    site_office: str = ""
    site_office_since: date | None = None
    temporary_branch: str = ""
    branch_secretary: Cadre | None = None
    branch_since: date | None = None
    discipline_officer: Cadre | None = None

    def values(self) -> dict[str, Any]:
        """Fields of KeyProject, texts without blanks at their ends; the co-operating units are apart."""
        said = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "co_units"}
        return {name: value.strip() if isinstance(value, str) else value for name, value in said.items()}


FACTS = tuple(f.name for f in fields(ProjectFacts))


def _checked(
    *, facts: ProjectFacts, before: KeyProject | None, amount_sure: bool, today: date
) -> dict[str, Any]:
    """The fields to write. Raises DomainError at the field at fault, DoubtfulAmount for an unsure amount."""
    values = facts.values()
    if not values["name"]:
        raise DomainError("请填写项目名称。", field="name")
    if facts.lead_unit in facts.co_units:
        raise DomainError(f"“{facts.lead_unit}”已是主办单位，不用再选为协办单位。", field="co_units")
    if problem := rules.facts_problem(
        site_office=values["site_office"],
        site_office_since=facts.site_office_since,
        temporary_branch=values["temporary_branch"],
        has_secretary=facts.branch_secretary is not None,
        branch_since=facts.branch_since,
        today=today,
    ):
        raise DomainError(problem[1], field=problem[0])
    for field in ("branch_secretary", "discipline_officer"):
        cadre: Cadre | None = values[field]
        is_new = before is None or getattr(before, f"{field}_id") != (cadre.pk if cadre else None)
        if cadre is not None and is_new and has_left(cadre.left_on, today):
            raise DomainError(f"“{cadre}”已于 {cadre.left_on} 离任，请另选人员。", field=field)
    # What a table said without a unit, its head having one, stays as read as long as nobody changes it.
    if before is None or before.investment_text != values["investment_text"]:
        amount = rules.typed_amount(values["investment_text"])
        if amount.problem:
            raise DomainError(amount.problem, field="investment_text")
        if amount.doubt and not amount_sure:
            raise DoubtfulAmount(
                f"{amount.doubt}请核对；金额确实如此的，勾选“金额无误”再提交。", field="investment_text"
            )
        values["investment_yuan"] = amount.yuan
    return values


@transaction.atomic
def create_project(
    *, code: str, facts: ProjectFacts, amount_sure: bool = False, by: User, at: datetime
) -> KeyProject:
    """Record a project by hand. The same form sent twice is one project.

    Raises NotAllowed without the permission; DomainError for a code that is taken, facts that cannot be
    so; DoubtfulAmount for an amount beyond belief that is not said to be sure.
    """
    demand(by, Permission.MANAGE_PROJECTS)
    code = code.strip().upper()
    if not code:
        raise DomainError("请填写项目编号。", field="code")
    values = _checked(facts=facts, before=None, amount_sure=amount_sure, today=timezone.localdate(at))
    earlier = KeyProject.objects.filter(code=code).first()
    is_own = earlier is not None and earlier.recorded_by_id == by.pk and earlier.version == 1
    if (
        earlier is not None
        and is_own
        and all(getattr(earlier, name) == said for name, said in values.items())
    ):
        return earlier
    project = None
    if earlier is None:
        try:
            with transaction.atomic():
                project = KeyProject.objects.create(code=code, recorded_by=by, recorded_at=at, **values)
        except IntegrityError:  # taken between the look and the insert
            earlier = KeyProject.objects.filter(code=code).first()
    if project is None:
        free = queries.suggested_code(facts.year or timezone.localdate(at).year)
        raise DomainError(f"编号 {code} 已用于“{earlier}”，请换一个；下一个可用的是 {free}。", field="code")
    project.co_units.set(facts.co_units)
    told = {"code": code, **values, "co_units": sorted(unit.pk for unit in facts.co_units)}
    steps.begin(record=project, workflow=rules.PROJECT, facts=told, by=by, at=at)
    return project


def _locked(*, project_id: int, by: User) -> KeyProject:
    """The project within the user's scope, locked. Raises KeyProject.DoesNotExist outside it."""
    return queries.projects_visible_to(by).select_for_update(of=("self",)).get(pk=project_id)


@transaction.atomic
def edit_project(
    *,
    project_id: int,
    version: int,
    facts: ProjectFacts,
    amount_sure: bool = False,
    by: User,
    at: datetime,
) -> KeyProject:
    """Change what the record says; what it said before stays in its history.

    `version` is the one that was read. Raises like `steps.take`; StaleVersion when somebody saved since;
    DomainError for facts that cannot be so or when nothing changed; DoubtfulAmount as `create_project`.
    """
    project = _locked(project_id=project_id, by=by)
    steps.check(record=project, workflow=rules.PROJECT, step="edit", parts=(), by=by)
    if project.version != version:
        raise StaleVersion(
            "您打开页面之后，别人已经保存过这个项目。您填的都还在，尚未保存；请对照下面两个版本，改好后再提交。"
        )
    today = timezone.localdate(at)
    values = _checked(facts=facts, before=project, amount_sure=amount_sure, today=today)
    units = sorted(facts.co_units, key=lambda unit: unit.pk)
    helping = list(project.co_units.order_by("pk"))
    told: dict[str, Any] = {} if units == helping else {"co_units": [unit.pk for unit in units]}
    changes = {name: value for name, value in values.items() if getattr(project, name) != value}
    if not changes and not told:
        raise DomainError("没有改动任何一栏，不用保存。")
    old = steps.in_words(project, changes)
    if told:
        old["协办单位"] = "、".join(map(str, helping))
    steps.take(
        record=project,
        workflow=rules.PROJECT,
        step="edit",
        parts=(),
        changes={**changes, "version": project.version + 1},
        facts=told,
        old=old,
        by=by,
        at=at,
    )
    if told:
        project.co_units.set(units)
    return project


@transaction.atomic
def suspend_project(*, project_id: int, note: str, by: User, at: datetime) -> KeyProject:
    """Stop the clock of a project with a reason; its light is grey and says why. Raises like `steps.take`."""
    project = _locked(project_id=project_id, by=by)
    steps.take(
        record=project,
        workflow=rules.PROJECT,
        step="suspend",
        parts=(),
        note=note,
        changes={"suspended_reason": note.strip(), "version": project.version + 1},
        by=by,
        at=at,
    )
    return project


@transaction.atomic
def resume_project(*, project_id: int, by: User, at: datetime) -> KeyProject:
    """Take a suspended project up again; its dates count from then on. Raises like `steps.take`."""
    project = _locked(project_id=project_id, by=by)
    steps.take(
        record=project,
        workflow=rules.PROJECT,
        step="resume",
        parts=(),
        changes={"suspended_reason": "", "version": project.version + 1},
        by=by,
        at=at,
    )
    return project


@transaction.atomic
def close_project(*, project_id: int, closed_on: date, by: User, at: datetime) -> KeyProject:
    """Close a project whose milestones are done and whose tasks are accepted.

    Raises like `steps.take`, and DomainError that names what is still open.
    """
    project = _locked(project_id=project_id, by=by)
    steps.check(record=project, workflow=rules.PROJECT, step="close", parts=(), by=by)
    milestones, tasks = queries.open_work(project)
    problem = rules.closing_problem(
        closed_on=closed_on, today=timezone.localdate(at), milestones=milestones, tasks=tasks
    )
    if problem:
        raise DomainError(problem[1], field=problem[0] or None)
    steps.take(
        record=project,
        workflow=rules.PROJECT,
        step="close",
        parts=(),
        changes={"closed_on": closed_on, "version": project.version + 1},
        by=by,
        at=at,
    )
    return project


@transaction.atomic
def reopen_project(*, project_id: int, note: str, by: User, at: datetime) -> KeyProject:
    """Take up a closed project again, with a reason. Raises like `steps.take`."""
    project = _locked(project_id=project_id, by=by)
    steps.take(
        record=project,
        workflow=rules.PROJECT,
        step="reopen",
        parts=(),
        note=note,
        changes={"closed_on": None, "version": project.version + 1},
        by=by,
        at=at,
    )
    return project


@transaction.atomic
def save_project(
    *,
    code: str,
    values: dict[str, Any],
    co_units: Sequence[Unit] = (),
    by: User | None,
    at: datetime,
) -> KeyProject:
    """What a table says: create the project of this code or change it; nothing changed, nothing written.

    `values` are fields of KeyProject by name. Raises DomainError for an unknown field.
    """
    known = {f.name for f in KeyProject._meta.concrete_fields} - NOT_OF_TABLES
    if unknown := set(values) - known:
        raise DomainError(f"项目没有这些字段：{'、'.join(sorted(unknown))}")
    project = KeyProject.objects.filter(code=code).first()
    if project is None:
        project = KeyProject.objects.create(code=code, recorded_by=by, recorded_at=at, **values)
        project.co_units.set(co_units)
        audit.record(
            action="新增项目",
            target=project,
            by=by,
            at=at,
            after={"code": code, **values, "co_units": [u.pk for u in co_units]},
        )
        return project
    before = {key: getattr(project, key) for key in values}
    before["co_units"] = sorted(project.co_units.values_list("pk", flat=True))
    old, new = audit.changes(before, {**values, "co_units": sorted(u.pk for u in co_units)})
    if new:
        for key in new.keys() - {"co_units"}:
            setattr(project, key, values[key])
        project.version += 1
        project.save()
        if "co_units" in new:
            project.co_units.set(co_units)
        audit.record(action="修改项目", target=project, by=by, at=at, before=old, after=new)
    return project


@transaction.atomic
def appoint(
    *, project: KeyProject, cadre: Cadre, role: str, duty: str = "", on: date, by: User | None, at: datetime
) -> TaskforceMember:
    """Put a cadre on the taskforce; a new leader succeeds the old one from `on`.

    Raises DomainError when the cadre already has this role.
    """
    current = TaskforceMember.objects.select_for_update().filter(project=project, end_on=None)
    same = current.filter(cadre=cadre).first()
    if same is not None and same.role == role:
        raise DomainError(f"“{cadre}”已是本项目{same.get_role_display()}。", field="cadre")
    ended = [m for m in current if m.cadre_id == cadre.pk or (m.role == role == MemberRole.LEADER)]
    for member in ended:
        member.end_on = max(on, member.start_on)
        own = member.cadre_id == cadre.pk
        member.end_reason = f"改任{MemberRole(role).label}" if own else f"由{cadre}接任"
        member.save(update_fields=["end_on", "end_reason"])
    member = TaskforceMember.objects.create(project=project, cadre=cadre, role=role, duty=duty, start_on=on)
    audit.record(
        action="任命项目组成员",
        target=project,
        by=by,
        at=at,
        before={"ended": [str(m) for m in ended]},
        after={"cadre": cadre, "role": role, "duty": duty, "start_on": on},
    )
    return member


@transaction.atomic
def mark_imported(*, batch: ImportBatch, codes: Sequence[str]) -> None:
    """Remember of new projects the table that brought them; part of the import, whose rows are audited."""
    for start in range(0, len(codes), 500):
        KeyProject.objects.filter(code__in=codes[start : start + 500]).update(import_batch=batch)


@transaction.atomic
def remove_imported(*, batch: ImportBatch, by: User, at: datetime) -> list[str]:
    """Delete the projects a table brought, with the milestones and the leader it named; their codes.

    Each leaves an audit row with what it said. Raises DomainError when something hangs on one of them.
    """
    found = list(KeyProject.objects.select_for_update().filter(import_batch=batch).order_by("code"))
    # A report that comes at the same moment waits at its milestone, and then finds it gone.
    list(Milestone.objects.select_for_update().filter(project__in=found).order_by("pk"))
    if kept := imports.hindrances(batch):
        raise DomainError(f"不能撤回：{'；'.join(kept[:5])}。请先处理这些，再撤回。")
    for project in found:
        milestones = list(project.milestones.order_by("order", "id").values_list("name", flat=True))
        audit.record(
            action="撤回导入的项目",
            target=project,
            by=by,
            at=at,
            before={"code": project.code, "name": project.name, "milestones": milestones},
        )
    ids = [project.pk for project in found]
    TaskforceMember.objects.filter(project__in=ids).delete()
    Milestone.objects.filter(project__in=ids).delete()
    KeyProject.objects.filter(pk__in=ids).delete()
    return [project.code for project in found]
