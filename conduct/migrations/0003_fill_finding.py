"""A finding was the state itself; now it stands apart, and records logged together share a matter."""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    violations = apps.get_model("conduct", "Violation").objects
    violations.filter(matter=None).update(matter=F("submission_key"))
    violations.filter(state__in=["CONFIRMED", "PARTLY", "DISMISSED"], finding="").update(finding=F("state"))


class Migration(migrations.Migration):
    dependencies = [("conduct", "0002_violation_finding")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
