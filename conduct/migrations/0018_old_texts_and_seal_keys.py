from uuid import uuid4

from django.db import migrations, models

OWNER = 'conduct.Violation'


def into_steps(apps, schema_editor):
    """Old texts move to the step that rewrote the record: the same record, person, moment and reason."""
    taken = apps.get_model('core', 'StepTaken').objects
    violations = apps.get_model('conduct', 'Violation').objects
    for row in apps.get_model('conduct', 'ViolationRevision').objects.order_by('id').iterator():
        own = {'owner_label': OWNER, 'owner_id': str(row.violation_id), 'at': row.at, 'by_id': row.by_id}
        step = taken.filter(**own, note=row.reason, old={}).order_by('id').first()
        if step is None:  # never so for what the services wrote
            state = violations.get(pk=row.violation_id).state
            taken.create(
                **own, note=row.reason, old=row.old, step='correct', label='更正', from_state=state, to_state=state
            )
        else:
            taken.filter(pk=step.pk).update(old=row.old)


def out_of_steps(apps, schema_editor):
    revisions = apps.get_model('conduct', 'ViolationRevision').objects
    for step in apps.get_model('core', 'StepTaken').objects.filter(owner_label=OWNER).exclude(old={}).order_by('id'):
        revisions.create(violation_id=step.owner_id, old=step.old, reason=step.note, by_id=step.by_id, at=step.at)


def give_keys(apps, schema_editor):
    openings = apps.get_model('conduct', 'SealOpening').objects
    for opening in openings.iterator():
        openings.filter(pk=opening.pk).update(submission_key=uuid4())


class Migration(migrations.Migration):

    dependencies = [
        ('conduct', '0017_corrections_of_the_file'),
        ('core', '0004_step_old_text'),
    ]

    operations = [
        migrations.RunPython(into_steps, out_of_steps),
        migrations.DeleteModel(name='ViolationRevision'),
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
