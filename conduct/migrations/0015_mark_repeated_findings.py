from django.db import migrations


def mark(apps, schema_editor):
    """Before, the same finding was only asked about: what was logged twice all the same was meant to be."""
    violation = apps.get_model('conduct', 'Violation')
    seen = set()
    for row in violation.objects.exclude(state='WITHDRAWN').order_by('id').iterator():
        key = (row.cadre_id, row.prohibition_id, row.occurred_on)
        if key in seen:
            violation.objects.filter(pk=row.pk).update(distinct=True)
        seen.add(key)


class Migration(migrations.Migration):

    dependencies = [
        ('conduct', '0014_violation_distinct'),
    ]

    operations = [
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
