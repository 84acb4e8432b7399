from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conduct", "0003_fill_finding")]

    operations = [
        migrations.AlterField(
            model_name="violation",
            name="matter",
            field=models.UUIDField(db_index=True, editable=False, verbose_name="同一事项"),
        ),
        migrations.AddConstraint(
            model_name='violation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('decided_on', None), ('finding', ''), ('state__in', ('LOGGED', 'WITHDRAWN'))), models.Q(models.Q(('state__in', ('LOGGED', 'WITHDRAWN')), _negated=True), models.Q(('finding', ''), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False), ('decided_on__isnull', False)), _connector='OR'), name='violation_decision_complete'),
        ),
    ]
