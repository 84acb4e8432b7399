"""The date planned so far is the baseline of what exists; what is closed or held says so in its state."""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    milestones = apps.get_model("projects", "Milestone").objects
    milestones.filter(baseline_on=None).update(baseline_on=F("planned_on"))
    milestones.filter(done_on=None).exclude(suspended_reason="").update(state="SUSPENDED")
    apps.get_model("projects", "KeyProject").objects.exclude(closed_on=None).update(state="CLOSED")


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_whole_projects")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
