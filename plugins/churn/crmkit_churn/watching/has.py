"""What warnings have, for the hook module."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_churn.watching import events, facts, models, operations, running

_ = texts("crmkit_churn")

MODELS = models.MODELS
EVENTS = events.EVENTS
FACTS = facts.FACTS
OPERATIONS = [*operations.OPERATIONS, *running.OPERATIONS]
RESOURCES = [
    Resource(
        name="churn.warning",
        model=models.ChurnWarning,
        title=_("Warning"),
        plural=_("Warnings"),
        columns=["customer_id", "state", "cause", "probability", "owner_id", "opened_at", "left_on"],
        sort="-opened_at",
        icon="alert-triangle",
        menu=False,
    ),
    Resource(
        name="churn.warning_rule",
        model=models.WarningRule,
        title=_("Rule of warning"),
        plural=_("Rules of warning"),
        columns=["title", "cause", "when", "priority", "per_owner", "active"],
        sort="name",
        icon="bell",
        menu=False,
    ),
]
PERSONAL_DATA = [
    PersonalData(
        table=models.ChurnWarning.__tablename__,
        columns=["state", "probability", "worth_minor", "reasons", "left_on", "note"],
        purpose=_("Noticing in time that a customer may leave"),
    )
]
JOBS = [
    Job(
        name=running.JOB,
        title=_("Keep watch over customers"),
        handler=running.watch_job,
        cron="45 * * * *",
        catch_up="latest",
        acts_as="system",
        lease=600,
    )
]
