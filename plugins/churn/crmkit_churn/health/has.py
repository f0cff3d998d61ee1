"""What health has, for the hook module."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_churn.health import facts, models, operations

_ = texts("crmkit_churn")

MODELS = models.MODELS
FACTS = facts.FACTS
OPERATIONS = operations.OPERATIONS
RESOURCES = [
    Resource(
        name="churn.health",
        model=models.HealthScore,
        title=_("Health score"),
        plural=_("Health scores"),
        columns=["customer_id", "points", "cause", "as_of", "known"],
        sort="-as_of",
        icon="heart",
        menu=False,
    ),
    Resource(
        name="churn.health_scheme",
        model=models.HealthScheme,
        title=_("Scheme of health"),
        plural=_("Schemes of health"),
        columns=["title", "among", "number", "active"],
        sort="name",
        icon="heart",
        menu=False,
    ),
]
PERSONAL_DATA = [
    PersonalData(
        table=models.HealthScore.__tablename__,
        columns=["points", "parts"],
        purpose=_("Noticing in time that a customer may leave"),
        derived=True,
        on_merge="keep_winner",
    ),
    PersonalData(
        table=models.HealthOverride.__tablename__,
        columns=["points", "reason", "until"],
        purpose=_("Noticing in time that a customer may leave"),
    ),
]
JOBS = [
    Job(
        name=operations.JOB,
        title=_("Judge how healthy customers are"),
        handler=operations.judge_all,
        cron="30 3 * * *",
        catch_up="latest",
        acts_as="system",
        apart=True,
        attempts=3,
        lease=900,
    )
]
