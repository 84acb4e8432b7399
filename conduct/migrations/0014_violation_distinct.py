from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conduct', '0013_violation_handling'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='violation',
            name='violation_decision_complete',
        ),
        migrations.RemoveConstraint(
            model_name='violation',
            name='violation_state_fits_finding',
        ),
        migrations.AddField(
            model_name='violation',
            name='distinct',
            field=models.BooleanField(default=False, verbose_name='确认不是同一件事'),
        ),
        migrations.AlterField(
            model_name='violation',
            name='state',
            field=models.CharField(choices=[('LOGGED', '待认定'), ('REOPENED', '待重新认定'), ('CONFIRMED', '属实'), ('PARTLY', '部分属实'), ('DISMISSED', '不属实'), ('HANDLED', '已处理'), ('CLOSED', '已办结'), ('WITHDRAWN', '已撤回')], default='LOGGED', max_length=10, verbose_name='状态'),
        ),
    ]
