"""What a correction replaced stands in the history itself; events can be cancelled, papers read twice."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def keep_old_texts(apps, schema_editor):
    """A revision and the step it belongs to were written together: same record, same person, same moment."""
    steps = apps.get_model("core", "StepTaken").objects.filter(owner_label="conduct.Violation")
    for revision in apps.get_model("conduct", "ViolationRevision").objects.order_by("id"):
        written = steps.filter(owner_id=str(revision.violation_id), by=revision.by_id, at=revision.at)
        if written.filter(step__in=["correct", "amend", "reopen"]).update(old=revision.old) != 1:
            raise RuntimeError(f"revision {revision.pk} of violation {revision.violation_id} has no step")


def take_over_readings(apps, schema_editor):
    """Who entered the result ticked the box: that is all the one flag knew."""
    ticked = apps.get_model("conduct", "TestResult").objects.filter(reviewed=True)
    ticked.update(read_by=F("entered_by"), read_at=F("entered_at"), read_remark="（原“已调阅”标记）")


def user(label):
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
        verbose_name=label,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("conduct", "0018_clue_handle_by"),
        ("core", "0004_step_keeps_old_text"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(keep_old_texts, migrations.RunPython.noop),
        migrations.DeleteModel(name="ViolationRevision"),
        migrations.AddField(
            model_name="educationevent",
            name="state",
            field=models.CharField(
                choices=[("RECORDED", "已登记"), ("CANCELLED", "已作废")],
                default="RECORDED",
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.AddField("testresult", "read_by", user("初阅人")),
        migrations.AddField(
            "testresult",
            "read_at",
            models.DateTimeField(blank=True, null=True, verbose_name="初阅时间"),
        ),
        migrations.AddField(
            "testresult",
            "read_remark",
            models.CharField(blank=True, max_length=200, verbose_name="初阅意见"),
        ),
        migrations.AddField("testresult", "sampled_by", user("抽阅人")),
        migrations.AddField(
            "testresult",
            "sampled_at",
            models.DateTimeField(blank=True, null=True, verbose_name="抽阅时间"),
        ),
        migrations.AddField(
            "testresult",
            "sampled_remark",
            models.CharField(blank=True, max_length=200, verbose_name="抽阅意见"),
        ),
        migrations.RunPython(take_over_readings, migrations.RunPython.noop),
    ]
