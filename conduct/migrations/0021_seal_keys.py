from uuid import uuid4

from django.db import migrations, models

def give_keys(apps, schema_editor):
    openings = apps.get_model('conduct', 'SealOpening').objects
    for opening in openings.iterator():
        openings.filter(pk=opening.pk).update(submission_key=uuid4())


class Migration(migrations.Migration):

    dependencies = [
        ('conduct', '0020_papers_read_twice'),
    ]

    operations = [
        migrations.AddField(
            model_name='sealopening',
            name='submission_key',
            field=models.UUIDField(editable=False, null=True, verbose_name='提交标识'),
        ),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='sealopening',
            name='submission_key',
            field=models.UUIDField(editable=False, unique=True, verbose_name='提交标识'),
        ),
    ]
