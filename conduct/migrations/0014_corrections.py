"""What a correction replaced stands in the history itself; events, papers and visits can be corrected."""

from django.db import migrations


def keep_old_texts(apps, schema_editor):
    """A revision and the step it belongs to were written together: same record, same person, same moment."""
    steps = apps.get_model("core", "StepTaken").objects.filter(owner_label="conduct.Violation")
    for revision in apps.get_model("conduct", "ViolationRevision").objects.order_by("id"):
        written = steps.filter(owner_id=str(revision.violation_id), by=revision.by_id, at=revision.at)
        if written.filter(step__in=["correct", "reopen"]).update(old=revision.old) != 1:
            raise RuntimeError(f"revision {revision.pk} of violation {revision.violation_id} has no step")


class Migration(migrations.Migration):
    dependencies = [("conduct", "0013_violation_handling"), ("core", "0004_step_keeps_old_text")]

    operations = [
        migrations.RunPython(keep_old_texts, migrations.RunPython.noop),
        migrations.DeleteModel(name="ViolationRevision"),
    ]
