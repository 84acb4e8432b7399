"""The date planned so far is the baseline of what exists; a project with a day of closing is closed."""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    apps.get_model("projects", "Milestone").objects.filter(baseline_on=None).update(baseline_on=F("planned_on"))
    apps.get_model("projects", "KeyProject").objects.exclude(closed_on=None).update(state="CLOSED")


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_whole_projects")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
