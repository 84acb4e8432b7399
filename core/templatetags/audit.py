"""What audit rows say, in the words of the forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django import template
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from core.models import AuditEvent
from core.models.audit import EVERY
from core.permissions import AUDITOR_NAMES, AUDITOR_READS
from core.resources.importing import IMPORTERS, importer

register = template.Library()

WORDS = {
    "absent": "缺席",
    "action": "动作",
    "actor": "操作人",
    "alike": "同类督办函",
    "already": "原已密封",
    "attachment": "附件",
    "broken": "打不开",
    "cadre": "干部",
    "changed": "变更",
    "cited_for": "适用日期",
    "clause": "条款",
    "clauses": "条款",
    "clue": "线索",
    "co_units": "协办单位",
    "codes": "编号",
    "completed_on": "完成日期",
    "counted": "计入件数",
    "due_on": "期限",
    "duty": "职责",
    "end_on": "截止日期",
    "ended": "卸任",
    "ends_on": "失效日期",
    "file": "文件",
    "files": "附件",
    "filters": "条件",
    "format": "格式",
    "handling": "处理",
    "item": "整改项",
    "kind": "类别",
    "name": "名称",
    "new": "新增",
    "new_due_on": "新时限",
    "note": "说明",
    "on": "日期",
    "owner": "所属",
    "page": "页码",
    "papers": "试卷",
    "project": "项目",
    "present": "到场",
    "prohibition": "条款",
    "reason": "理由",
    "refused": "有误",
    "regulation": "法规制度",
    "removed": "移出人员",
    "resealed": "重新密封",
    "role": "角色",
    "rows": "行数",
    "same": "无变化",
    "sealing_key": "密封密钥",
    "sha256": "文件摘要",
    "since": "起",
    "size": "大小（字节）",
    "skipped": "跳过",
    "start_on": "起始日期",
    "starts_on": "生效日期",
    "state": "状态",
    "subjects": "被反映对象",
    "target": "对象",
    "totals": "行数",
    "unit": "单位",
    "unscored": "没有得分的人数",
    "until": "止",
    "visits": "检查次数",
    "way": "方式",
}
"""Words for what services record beside a model's own fields."""
IDS = frozenset({"attachment", "cadre", "clue", "co_units", "handling", "item", "project", "removed", "unit"})
"""Words whose value is the number of a record."""
RECORD = re.compile(r"(\w+\.\w+) (\S+)")
"""A record as some rows name it: `conduct.Clue 7`."""


@dataclass(frozen=True)
class FieldChange:
    """One field of an audit row: its label, old and new value in words."""

    label: str
    before: str
    after: str


@register.filter
def field_changes(event: AuditEvent) -> list[FieldChange]:
    """What an audit row says, field by field, in form words; a gone model's rows stay legible.

    Of a business record only the names of the fields are told: its content is not the auditor's. An act on
    all records of a kind has no record's content.
    """
    model = _model(event.target_label)
    found = [
        FieldChange(
            label_of(model, key) or key,
            _value(model, key, event.before.get(key)),
            _value(model, key, event.after.get(key)),
        )
        for key in dict.fromkeys([*event.before, *event.after])
    ]
    changed = [change for change in found if change.before != change.after]
    if event.target_label in AUDITOR_READS or event.target_id == EVERY:
        return changed
    # A key that is somebody's number is content too.
    labels = dict.fromkeys(change.label for change in changed if not change.label.startswith("编号 "))
    return [FieldChange(label, "", "") for label in labels]


@register.filter
def target_shown(event: AuditEvent) -> str:
    """The name of what the row speaks of, unless the name is content: then its number says enough."""
    return event.target_name if event.target_label in AUDITOR_NAMES else ""


@register.filter
def target_word(event: AuditEvent) -> str:
    """The kind of thing an audit row speaks of, in Chinese."""
    model = _model(event.target_label)
    return str(model._meta.verbose_name) if model else event.target_label


def label_of(model: type[models.Model] | None, key: str) -> str | None:
    """What a recorded key is called: as the model's own field or relation, or by WORDS; None for neither."""
    if key.isdigit():
        return f"编号 {key}"
    if not key.isascii():
        return key
    found = _field(model, key)
    if isinstance(found, models.Field):
        return str(found.verbose_name)
    if found is not None and found.related_model is not None:
        return str(found.related_model._meta.verbose_name)
    return WORDS.get(key)


def _model(label: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _field(model: type[models.Model] | None, key: str) -> Any:
    """The model's field of that name, or the relation to it that goes by that name."""
    if model is None:
        return None
    try:
        return model._meta.get_field(key)
    except FieldDoesNotExist:
        return None


def _is_labelled(value: Any) -> bool:
    """Whether every part of a value can be told in words; of a scheme's inside only the size is."""
    if isinstance(value, list):
        return all(_is_labelled(item) for item in value)
    if isinstance(value, dict):
        return all(label_of(None, key) and _is_labelled(item) for key, item in value.items())
    return True


def _value(model: type[models.Model] | None, key: str, value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if not _is_labelled(value):
        return f"共 {len(value)} 项"
    if isinstance(value, list):
        return "、".join(_value(model, key, item) for item in value)
    if isinstance(value, dict):
        return "，".join(f"{label_of(None, k)} {_value(None, k, v)}" for k, v in value.items())
    if key == "kind" and value in IMPORTERS:
        return importer(value).label
    found = _field(model, key)
    if found.is_relation if found is not None else key in IDS:
        return f"编号 {value}"
    named = RECORD.fullmatch(str(value))
    if named and (other := _model(named[1])):
        return f"{other._meta.verbose_name} {named[2]}"
    choices = dict(found.flatchoices) if isinstance(found, models.Field) else {}
    return str(choices.get(value, value))
