"""What the template tags say of audit rows, whatever a service recorded."""

from __future__ import annotations

import pytest

from core.models import AuditEvent
from core.templatetags.interface import FieldChange, field_changes, target_word


def event(label, before, after):
    return AuditEvent(target_label=label, before=before, after=after)


def test_fields_speak_the_words_of_their_model():
    row = event("conduct.Violation", {"state": "LOGGED"}, {"state": "CONFIRMED", "note": "查证属实"})
    assert field_changes(row) == [FieldChange("状态", "待认定", "属实"), FieldChange("说明", "—", "查证属实")]
    assert target_word(row) == "违规记录"


def test_a_related_row_is_named_by_number_and_nothing_new_is_left_out():
    row = event("core.User", {}, {"role": "干部", "unit": 3, "ends_on": None})
    assert field_changes(row) == [FieldChange("角色", "—", "干部"), FieldChange("单位", "—", "编号 3")]


@pytest.mark.parametrize("label", ["conduct.Violation", "gone.Model", "gone"])
@pytest.mark.parametrize(
    "after",
    [{"rows": {"new": 3, "kinds": ["a", {"b": None}]}}, {"state": ["LOGGED", {"x": True}]}, {"12": [1, 2]}],
)
def test_any_recorded_value_can_be_shown(label, after):
    row = event(label, {}, after)
    assert all(change.label and change.after for change in field_changes(row))
    assert target_word(row)
