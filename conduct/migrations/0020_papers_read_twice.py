"""Apart from the rows written before: PostgreSQL alters no table with foreign keys still to be checked."""

from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies = [("conduct", "0019_corrections")]

    operations = [
        migrations.RemoveField("testresult", "reviewed"),
        migrations.AddConstraint(
            "testresult",
            models.CheckConstraint(
                condition=models.Q(read_by=None, read_at=None)
                | models.Q(read_by__isnull=False, read_at__isnull=False),
                name="test_result_reading_complete",
            ),
        ),
        migrations.AddConstraint(
            "testresult",
            models.CheckConstraint(
                condition=models.Q(sampled_by=None, sampled_at=None)
                | (
                    models.Q(read_by__isnull=False, sampled_by__isnull=False, sampled_at__isnull=False)
                    & ~models.Q(sampled_by=F("read_by"))
                ),
                name="test_result_sampled_by_another",
            ),
        ),
    ]
