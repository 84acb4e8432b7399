from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_course_and_proposals'),
    ]

    operations = [
        migrations.AddField(
            model_name='steptaken',
            name='old',
            field=models.JSONField(blank=True, default=dict, verbose_name='更正前的内容'),
        ),
    ]
