"""The limit of the approved way of handling gets a column of its own: `due_on` is emptied at the end."""

from django.db import migrations, models
from django.db.models import F


def keep_running_limits(apps, schema_editor):
    """Of a clue in hand the limit is `due_on`; of one concluded before this it is not known any more."""
    apps.get_model("conduct", "Clue").objects.filter(state__in=("IN_HAND", "REPORTED")).update(handle_by=F("due_on"))


class Migration(migrations.Migration):

    dependencies = [
        ("conduct", "0017_corrections_of_the_file"),
    ]

    operations = [
        migrations.AddField(
            model_name="clue",
            name="handle_by",
            field=models.DateField(blank=True, null=True, verbose_name="办理期限"),
        ),
        migrations.RunPython(keep_running_limits, migrations.RunPython.noop),
    ]
