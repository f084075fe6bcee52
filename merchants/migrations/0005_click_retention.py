from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('merchants', '0004_links_wall'),
    ]

    operations = [
        migrations.AddField(
            model_name='workspace',
            name='click_retention_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='days to keep single clicks'),
        ),
        migrations.AddField(
            model_name='workspace',
            name='clicks_kept_from',
            field=models.DateField(null=True),
        ),
    ]
