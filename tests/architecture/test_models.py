"""Foreign keys point down the staircase, also the string ones, which import-linter cannot see."""

from collections.abc import Iterable

from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

STAIRCASE = ("core", "projects", "conduct", "accountability", "assessment")  # lowest first


def upward_relations(checked: Iterable[type[models.Model]]) -> list[str]:
    """`app.Model.field → app.Model` for every relation that leaves its app for a higher one."""
    return [
        f"{model._meta.label}.{field.name} → {target._meta.label}"
        for model in checked
        for field in model._meta.get_fields(include_hidden=True)
        if field.is_relation and not field.auto_created and (target := field.related_model)
        if isinstance(target, type) and rank(target) > rank(model)
    ]


def rank(model: type[models.Model]) -> int:
    """Height of the model's app; Django and other libraries lie below all of ours."""
    label = model._meta.app_label
    return STAIRCASE.index(label) if label in STAIRCASE else -1


def test_every_relation_points_down() -> None:
    ours = [model for model in apps.get_models(include_auto_created=True) if rank(model) >= 0]
    assert len(ours) >= 15
    assert {model._meta.app_label for model in ours} == set(STAIRCASE) & {
        app.label for app in apps.get_app_configs()
    }
    assert upward_relations(ours) == []


@isolate_apps("projects", "conduct")
def test_an_upward_relation_is_found_however_it_is_written() -> None:
    class Record(models.Model):
        project = models.ForeignKey("projects.Work", models.CASCADE)

        class Meta:
            app_label = "conduct"

    class Work(models.Model):
        record = models.ForeignKey("conduct.Record", models.CASCADE, related_name="+")
        records = models.ManyToManyField("conduct.Record", related_name="+")
        only = models.OneToOneField("conduct.Record", models.CASCADE, related_name="+")
        parent = models.ForeignKey("self", models.CASCADE)

        class Meta:
            app_label = "projects"

    assert upward_relations([Record]) == []
    assert upward_relations([Work]) == [
        "projects.Work.record → conduct.Record",
        "projects.Work.only → conduct.Record",
        "projects.Work.records → conduct.Record",
    ]
