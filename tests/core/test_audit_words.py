"""What the template tags say of audit rows, whatever a service recorded."""

from __future__ import annotations

import pytest

from core.models import AuditEvent
from core.templatetags.audit import FieldChange, field_changes, target_shown, target_word


def event(label, before, after):
    return AuditEvent(target_label=label, before=before, after=after)


def test_of_a_business_record_the_auditor_learns_the_fields_and_no_content():
    row = event(
        "conduct.Violation", {"state": "LOGGED"}, {"state": "CONFIRMED", "note": "查证属实", "12": [1]}
    )
    assert field_changes(row) == [FieldChange("状态", "", ""), FieldChange("说明", "", "")]
    assert target_word(row) == "违规记录"
    assert target_shown(row) == ""


def test_an_act_on_all_records_of_a_kind_has_no_records_content():
    row = AuditEvent(target_label="conduct.Clue", target_id="*", before={}, after={"resealed": 7})
    assert field_changes(row) == [FieldChange("重新密封", "—", "7")]


def test_a_related_row_is_named_by_number_and_nothing_new_is_left_out():
    row = event("core.User", {}, {"role": "干部", "unit": 3, "ends_on": None})
    assert field_changes(row) == [FieldChange("角色", "—", "干部"), FieldChange("单位", "—", "编号 3")]


def test_values_are_told_in_the_words_of_the_forms():
    row = event("core.User", {"is_active": True}, {"is_active": False})
    assert field_changes(row) == [FieldChange("启用", "是", "否")]


@pytest.mark.parametrize("label", ["core.User", "conduct.Violation", "gone.Model", "gone"])
@pytest.mark.parametrize(
    "after",
    [{"rows": {"new": 3, "kinds": ["a", {"b": None}]}}, {"state": ["LOGGED", {"x": True}]}, {"12": [1, 2]}],
)
def test_any_recorded_value_can_be_shown(label, after):
    row = event(label, {}, after)
    assert all(change.label for change in field_changes(row))
    assert target_word(row)
