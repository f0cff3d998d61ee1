"""A peer: Django's ``bulk_create`` of the same customers, each cleaned by ``clean_fields``.

Its phone field is checked by a regular expression, and it looks for no duplicates; that is less work than crmkit does.
"""

from __future__ import annotations

import csv
from pathlib import Path


def load(csv_path: Path, database: Path) -> int:
    """Import a file of customers with Django into an SQLite file and return how many there are."""
    import django
    from django.conf import settings
    from django.core.validators import RegexValidator
    from django.db import connection, models, transaction

    if not settings.configured:
        settings.configure(
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(database)}},
            INSTALLED_APPS=[],
            USE_TZ=True,
        )
        django.setup()

    class Person(models.Model):
        """The peer's customer."""

        external_id = models.CharField(max_length=200, unique=True)
        family_name = models.CharField(max_length=150)
        given_name = models.CharField(max_length=150)
        email = models.EmailField(db_index=True)
        phone = models.CharField(max_length=40, db_index=True, validators=[RegexValidator(r"^\+\d{7,15}$")])
        city = models.CharField(max_length=120)
        country = models.CharField(max_length=2)
        source = models.CharField(max_length=120)

        class Meta:
            """Where it lives."""

            app_label = "peer"

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
    with connection.schema_editor() as editor:
        editor.create_model(Person)
    batch: list[Person] = []
    with csv_path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            person = Person(**row)
            person.clean_fields()
            batch.append(person)
            if len(batch) == 2000:
                with transaction.atomic():
                    Person.objects.bulk_create(batch)
                batch.clear()
    if batch:
        Person.objects.bulk_create(batch)
    return Person.objects.count()
