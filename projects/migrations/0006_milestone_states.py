"""Milestones may be suspended by a step or withdrawn; a request may also ask to suspend."""

from django.conf import settings
from django.db import migrations, models


def fill(apps, schema_editor):
    held = apps.get_model("projects", "Milestone").objects.exclude(suspended_reason="")
    held.filter(done_on=None).update(state="SUSPENDED")


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0005_records'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='milestone',
            name='milestone_name_once',
        ),
        migrations.AddField(
            model_name='milestone',
            name='state',
            field=models.CharField(choices=[('ACTIVE', '推进中'), ('SUSPENDED', '已暂停'), ('WITHDRAWN', '已撤销')], default='ACTIVE', max_length=10, verbose_name='状态'),
        ),
        migrations.AddField(
            model_name='milestoneupdate',
            name='forecast_on',
            field=models.DateField(blank=True, null=True, verbose_name='预计日期'),
        ),
        migrations.AddField(
            model_name='planchange',
            name='kind',
            field=models.CharField(choices=[('MOVE', '调整计划日期'), ('SUSPEND', '暂停节点')], default='MOVE', max_length=8, verbose_name='变更'),
        ),
        migrations.AlterField(
            model_name='planchange',
            name='to_on',
            field=models.DateField(blank=True, null=True, verbose_name='新计划日期'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'WITHDRAWN'), _negated=True), fields=('project', 'name'), name='milestone_name_once'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'SUSPENDED'), _negated=True), models.Q(('suspended_reason', ''), _negated=True), _connector='OR'), name='milestone_suspended_says_why'),
        ),
        migrations.AddConstraint(
            model_name='planchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'MOVE'), ('to_on__isnull', False)), models.Q(('kind', 'SUSPEND'), ('to_on', None)), _connector='OR'), name='plan_change_says_what'),
        ),
    ]
