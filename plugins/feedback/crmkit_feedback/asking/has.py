"""What asking has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_feedback.asking import calling, dispatching, distributing, events, facts, models, pages, planning, reports

_ = texts("crmkit_feedback")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="feedback.distribution",
        model=models.Distribution,
        title=_("Distribution"),
        plural=_("Distributions"),
        columns=["title", "name", "survey_id", "state", "way", "segment", "event", "started_at"],
        search=["title", "name"],
        sort="name",
        icon="send",
        menu=False,
    ),
    Resource(
        name="feedback.invitation",
        model=models.Invitation,
        title=_("Invitation"),
        plural=_("Invitations"),
        columns=["customer_id", "survey_id", "distribution_id", "state", "reason", "due_at", "sent_at", "answered_at"],
        sort="-due_at",
        icon="mail",
        menu=False,
    ),
]
OPERATIONS = [
    *distributing.OPERATIONS,
    *planning.OPERATIONS,
    *dispatching.OPERATIONS,
    *calling.OPERATIONS,
]
EVENTS = events.EVENTS
FACTS = facts.FACTS
SUBSCRIPTIONS = [*planning.SUBSCRIPTIONS, *dispatching.SUBSCRIPTIONS]
JOBS = dispatching.JOBS
PAGES = pages.PAGES
REPORTS = reports.REPORTS
_PURPOSE = _("Asking customers how satisfied they are")
PERSONAL_DATA = [
    PersonalData(table=models.Invitation.__tablename__, purpose=_PURPOSE, on_merge="move"),
    PersonalData(table=models.CallAttempt.__tablename__, columns=["note"], purpose=_PURPOSE, on_merge="move"),
]
