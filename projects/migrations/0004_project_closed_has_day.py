from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0003_fill'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='keyproject',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_on__isnull', False), ('state', 'CLOSED')), models.Q(models.Q(('state', 'CLOSED'), _negated=True), ('closed_on', None)), _connector='OR'), name='project_closed_has_day'),
        ),
    ]
