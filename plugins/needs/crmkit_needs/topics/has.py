"""What this room has, for the hook module."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_needs.topics import events, mining, models, operations, pages

_ = texts("crmkit_needs")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="needs.topic_run",
        model=models.TopicRun,
        title=_("Search for topics"),
        plural=_("Searches for topics"),
        columns=["number", "state", "since", "until", "asked_at"],
        sort="-number",
        icon="search",
        menu=False,
    ),
    Resource(
        name="needs.topic",
        model=models.Topic,
        title=_("Topic"),
        plural=_("Topics"),
        columns=["run_id", "number", "terms", "state", "need_id"],
        sort="number",
        icon="message-circle",
        menu=False,
    ),
]
EVENTS = events.EVENTS
OPERATIONS = operations.OPERATIONS
PAGES = pages.PAGES
PERSONAL_DATA = [
    PersonalData(
        table=models.TopicText.__tablename__,
        purpose=_("Knowing what customers talk about"),
        derived=True,
    )
]
JOBS = [
    Job(
        name=operations.JOB,
        title=_("Look for topics"),
        handler=mining.mine,
        acts_as="actor",
        apart=True,
        attempts=2,
        lease=600,
    )
]
