"""What lay on the table is kept; a cancelled meeting leaves its day free; who saw a decision done, and when."""

from uuid import uuid4

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0009_site"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="dispatchmeeting", name="dispatch_kind_once_a_day"),
        migrations.AddField(
            model_name="dispatchmeeting",
            name="paper",
            field=models.JSONField(blank=True, default=list, editable=False, verbose_name="会议材料"),
        ),
        migrations.AddConstraint(
            model_name="dispatchmeeting",
            constraint=models.UniqueConstraint(
                condition=Q(("state", "CANCELLED"), _negated=True),
                fields=("kind", "held_on"),
                name="dispatch_kind_once_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispatchmeeting",
            constraint=models.CheckConstraint(
                condition=Q(("since_on__lt", F("held_on"))), name="dispatch_since_before_held"
            ),
        ),
        migrations.AddField(
            model_name="dispatchdecision",
            name="done_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="办结人",
            ),
        ),
        migrations.AddField(
            model_name="dispatchdecision",
            name="submission_key",
            field=models.UUIDField(default=uuid4, editable=False, unique=True, verbose_name="提交标识"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="dispatchdecision",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(("done_by__isnull", False), ("done_on__isnull", False), ("state", "DONE")),
                    Q(Q(("state", "DONE"), _negated=True), ("done_by", None), ("done_on", None)),
                    _connector="OR",
                ),
                name="dispatch_decision_done_complete",
            ),
        ),
    ]
