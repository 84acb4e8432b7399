"""七现场 and 双九十: late entries say why, postings have a course, issues know the visit they were found at."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0008_assignments'),
    ]

    operations = [
        migrations.AddField(
            model_name='frontlineposting',
            name='late_reason',
            field=models.CharField(blank=True, max_length=200, verbose_name='补登原因'),
        ),
        migrations.AddField(
            model_name='frontlineposting',
            name='state',
            field=models.CharField(choices=[('RECORDED', '已安排'), ('WITHDRAWN', '已撤回')], default='RECORDED', max_length=10, verbose_name='状态'),
        ),
        # No page has written a posting before this, so one value for all rows there are is one for none.
        migrations.AddField(
            model_name='frontlineposting',
            name='submission_key',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='提交标识'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='projectissue',
            name='site_log',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='issues', to='projects.sitelog', verbose_name='发现于现场工作'),
        ),
        migrations.AddField(
            model_name='sitelog',
            name='late_reason',
            field=models.CharField(blank=True, max_length=200, verbose_name='补记原因'),
        ),
        migrations.AddIndex(
            model_name='frontlineposting',
            index=models.Index(fields=['cadre', 'start_on', 'id'], name='frontline_by_cadre'),
        ),
    ]
