"""What this room has, for `crmkit_work.plugin`."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_work.notices import delivering, models, operations, pages, routing, telling, watching
from crmkit_work.notices.access import access_rules as access_rules

_ = texts("crmkit_work")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="work.notice",
        model=models.Notice,
        title=_("Notice"),
        plural=_("Notices"),
        columns=["title", "kind", "urgent", "created_at", "read_at"],
        icon="bell",
        menu=False,
        description=_("What the system tells one person."),
    ),
    Resource(
        name="work.notice_choice",
        model=models.NoticeChoice,
        title=_("Choice of notices"),
        plural=_("Choices of notices"),
        columns=["kind", "channel", "wanted"],
        sort="kind",
        icon="adjustments",
        menu=False,
    ),
    Resource(
        name="work.notice_person",
        model=models.NoticePerson,
        title=_("Habit of notices"),
        plural=_("Habits of notices"),
        columns=["daily_at", "quiet"],
        icon="adjustments",
        menu=False,
    ),
    Resource(
        name="work.person_address",
        model=models.PersonAddress,
        title=_("Address for notices"),
        plural=_("Addresses for notices"),
        columns=["channel"],
        sort="channel",
        icon="at",
        menu=False,
    ),
    Resource(
        name="work.notice_delivery",
        model=models.NoticeDelivery,
        title=_("Delivery of notices"),
        plural=_("Deliveries of notices"),
        columns=["channel", "state", "due_at", "ended_at", "reason"],
        sort="-due_at",
        icon="send",
        menu=False,
    ),
]
OPERATIONS = [*telling.OPERATIONS, *operations.OPERATIONS, *routing.OPERATIONS, *delivering.OPERATIONS]
PAGES = pages.PAGES
CHECKS = watching.CHECKS
JOBS = [
    Job(
        name=telling.ROUTE,
        title=_("Decide where people are told"),
        handler=routing.route,
        acts_as="system",
    ),
    Job(
        name=routing.DELIVER,
        title=_("Send notices"),
        handler=delivering.deliver_notices,
        acts_as="system",
        apart=True,
        lease=120,
    ),
    Job(
        name="work.sweep_notices",
        title=_("Look after notices"),
        handler=routing.sweep,
        every="10 minutes",
        catch_up="latest",
        acts_as="system",
    ),
]
PERSONAL_DATA = [
    PersonalData(
        table=models.Notice.__tablename__,
        columns=["text", "text_sealed", "details"],
        purpose=_("Telling those who look after the customer"),
        retention_days=365,
    )
]
