from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conduct', '0015_mark_repeated_findings'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='violation',
            constraint=models.UniqueConstraint(condition=models.Q(('distinct', False), models.Q(('state', 'WITHDRAWN'), _negated=True)), fields=('cadre', 'prohibition', 'occurred_on'), name='violation_same_finding_once'),
        ),
        migrations.AddConstraint(
            model_name='violation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('decided_on', None), ('finding', ''), ('state__in', ('LOGGED', 'REOPENED', 'WITHDRAWN'))), models.Q(models.Q(('state__in', ('LOGGED', 'REOPENED', 'WITHDRAWN')), _negated=True), models.Q(('finding', ''), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False), ('decided_on__isnull', False)), _connector='OR'), name='violation_decision_complete'),
        ),
        migrations.AddConstraint(
            model_name='violation',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('LOGGED', 'REOPENED', 'WITHDRAWN', 'CLOSED')), ('state', models.F('finding')), models.Q(('finding__in', ('CONFIRMED', 'PARTLY')), ('state', 'HANDLED')), _connector='OR'), name='violation_state_fits_finding'),
        ),
    ]
