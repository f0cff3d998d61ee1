"""What this room has, for `crmkit_work.plugin`."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, Subscription, texts
from crmkit_work.assignment import (
    absences,
    access,
    assigning,
    checks,
    events,
    loads,
    models,
    pages,
    parting,
    people,
    queues,
    rebalancing,
)

_ = texts("crmkit_work")

MODELS = [
    models.Queue,
    models.QueueMember,
    models.QueueTurn,
    models.Person,
    models.Absence,
    models.Territory,
    models.OpenWork,
    models.AssignmentEntry,
]
RESOURCES = [
    Resource(
        name="work.queue",
        model=models.Queue,
        title=_("Queue"),
        plural=_("Queues"),
        columns=["name", "title", "strategy", "max_per_day", "active"],
        search=["name", "title"],
        sort="name",
        icon="columns",
        menu=False,
    ),
    Resource(
        name="work.queue_member",
        model=models.QueueMember,
        title=_("Member of a queue"),
        plural=_("Members of queues"),
        columns=["queue_id", "user_id", "team_id", "weight", "capacity", "max_per_day"],
        sort="created_at",
        icon="users",
        menu=False,
    ),
    Resource(
        name="work.person",
        model=models.Person,
        title=_("Person at work"),
        plural=_("People at work"),
        columns=["user_id", "presence", "presence_until", "capacity", "skills", "languages"],
        sort="created_at",
        icon="users-group",
        menu=False,
    ),
    Resource(
        name="work.absence",
        model=models.Absence,
        title=_("Absence"),
        plural=_("Absences"),
        columns=["user_id", "starts_at", "ends_at", "deputy_id", "kind"],
        sort="-starts_at",
        icon="sun",
    ),
    Resource(
        name="work.territory",
        model=models.Territory,
        title=_("Territory"),
        plural=_("Territories"),
        columns=["name", "title", "parent_id", "position", "condition", "queue_id", "owner_id", "active"],
        search=["name", "title"],
        sort="position",
        icon="map-pin",
    ),
    Resource(
        name="work.assignment",
        model=models.AssignmentEntry,
        title=_("Assignment"),
        plural=_("Assignments"),
        columns=["decided_at", "ref", "queue_id", "user_id", "strategy", "code"],
        search=["ref"],
        sort="-decided_at",
        icon="route",
        menu=False,
    ),
]
OPERATIONS = [
    *assigning.OPERATIONS,
    *loads.OPERATIONS,
    *queues.OPERATIONS,
    *people.OPERATIONS,
    *absences.OPERATIONS,
    *parting.OPERATIONS,
    *rebalancing.OPERATIONS,
]
EVENTS = events.EVENTS
PAGES = pages.PAGES
CALENDARS = pages.CALENDARS
CHECKS = checks.CHECKS
JOBS = [
    Job(
        name="work.give_out",
        title=_("Give out what waits in queues"),
        handler=rebalancing.give_out,
        every="5 minutes",
        catch_up="latest",
        acts_as="system",
        lease=300,
    ),
    Job(
        name="work.count_loads",
        title=_("Count open work anew"),
        handler=loads.count_nightly,
        cron="20 3 * * *",
        catch_up="latest",
        acts_as="system",
        lease=300,
    ),
]
SUBSCRIPTIONS = [Subscription(name="work.loads_handed_over", event="user.handed_over", handler=loads.handed_over)]
PERSONAL_DATA = [
    PersonalData(table=models.AssignmentEntry.__tablename__, purpose=_("Explaining who got the customer's work"))
]
customer_panels = pages.customer_panels
access_rules = access.access_rules
