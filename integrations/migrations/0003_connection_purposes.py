from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0002_wall")]

    operations = [
        migrations.AddField(model_name="connection", name="purposes", field=models.JSONField(default=list)),
    ]
