"""What hangs on the projects a table brought, asked before they are taken back."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import ForeignObjectRel, Model, Q

from core.models import Attachment, ImportBatch, Proposal, StepTaken
from projects.choices import MemberRole
from projects.models import KeyProject, Milestone, TaskforceMember

OWN = (Milestone, TaskforceMember)
"""What an import writes beside the project itself."""


def projects_of(batch: ImportBatch) -> list[KeyProject]:
    """The projects a batch brought that are there still, by code."""
    return list(KeyProject.objects.filter(import_batch=batch).order_by("code"))


def hindrances(batch: ImportBatch) -> list[str]:
    """One sentence for each project and kind of record on it that the import did not write itself.

    Every model that names a project or a milestone is asked, whichever app it is of; one statement each.
    """
    projects = {project.pk: project for project in projects_of(batch)}
    milestones = dict(
        Milestone.objects.filter(project__in=projects).order_by().values_list("pk", "project_id")
    )
    found: Counter[tuple[int, str]] = Counter()
    for project in projects.values():
        if project.version > 1:
            found[project.pk, "导入之后的修改"] += 1
    touched = Milestone.objects.filter(project__in=projects, version__gt=1).order_by()
    for project_id in touched.values_list("project_id", flat=True):
        found[project_id, "节点的后续改动"] += 1
    # The leader a table named is part of the import; whoever was appointed since is not.
    by_table = Q(role=MemberRole.LEADER, end_on=None, end_reason="", duty="")
    appointed = TaskforceMember.objects.filter(project__in=projects).exclude(by_table).order_by()
    for project_id in appointed.values_list("project_id", flat=True):
        found[project_id, "攻坚小组成员"] += 1
    owners = {pk: pk for pk in projects}
    for model, ids in ((KeyProject, owners), (Milestone, milestones)):
        for label, owner in _records_on(model, list(ids)):
            found[ids[owner], label] += 1
    return [
        f"“{projects[pk].name}”已有{label} {count} 处"
        for (pk, label), count in sorted(
            found.items(), key=lambda item: (projects[item[0][0]].code, item[0][1])
        )
    ]


def _records_on(model: type[Model], ids: list[int]) -> list[tuple[str, int]]:
    """(what it is called, the record it hangs on) of everything that names one of these records."""
    found: list[tuple[str, int]] = []
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel):
            continue
        other: Any = relation.related_model
        if other._meta.auto_created or (other in OWN and model is KeyProject):
            continue
        name = relation.field.name
        rows = other._default_manager.filter(**{f"{name}__in": ids}).order_by().values_list(name, flat=True)
        found += [(str(other._meta.verbose_name), pk) for pk in rows]
    keys = [str(pk) for pk in ids]
    for other, word, label, key in (
        (StepTaken, "办理经过", "owner_label", "owner_id"),
        (Attachment, "附件", "owner_label", "owner_id"),
        (Proposal, "研判建议", "source_label", "source_id"),
    ):
        named = other._default_manager.filter(**{label: model._meta.label, f"{key}__in": keys})
        found += [(word, int(pk)) for pk in named.order_by().values_list(key, flat=True)]
    return found
