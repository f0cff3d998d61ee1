"""What retention has, for the hook module."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_churn.retention import judging, models, operations, rules

_ = texts("crmkit_churn")

MODELS = models.MODELS
RULES = rules.RULES
OPERATIONS = [*operations.OPERATIONS, *judging.OPERATIONS]
RESOURCES = [
    Resource(
        name="churn.playbook",
        model=models.Playbook,
        title=_("Playbook"),
        plural=_("Playbooks"),
        columns=["title", "cause", "when", "cost_minor", "holdout", "active"],
        sort="name",
        icon="book",
        menu=False,
    ),
    Resource(
        name="churn.treatment",
        model=models.Treatment,
        title=_("Treatment"),
        plural=_("Treatments"),
        columns=["customer_id", "playbook_id", "arm", "started_at", "probability", "left"],
        sort="-started_at",
        icon="stethoscope",
        menu=False,
    ),
]
PERSONAL_DATA = [
    PersonalData(
        table=models.Treatment.__tablename__,
        columns=["arm", "probability", "worth_minor", "cost_minor", "left", "left_on"],
        purpose=_("Knowing whether what is done keeps customers"),
    )
]
JOBS = [
    Job(
        name=judging.JOB,
        title=_("Judge what was done to keep customers"),
        handler=judging.judge_job,
        cron="20 3 * * *",
        catch_up="latest",
        acts_as="system",
        lease=600,
    )
]
