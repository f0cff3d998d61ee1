"""What points from files have, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_loyalty.granting import importing, models

_ = texts("crmkit_loyalty")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="loyalty.grant",
        model=models.Grant,
        title=_("Points from a file"),
        plural=_("Points from files"),
        columns=["customer_id", "points", "type_id", "good_through", "reason", "external_source", "external_id"],
        sort="-created_at",
        icon="file-import",
        menu=False,
        imports=importing.POINTS,
    )
]
OPERATIONS = importing.OPERATIONS
PERSONAL_DATA = [
    PersonalData(
        table=models.Grant.__tablename__,
        columns=["reason", "external_id"],
        purpose=_("Knowing where points came from"),
        on_merge="move",
    )
]
