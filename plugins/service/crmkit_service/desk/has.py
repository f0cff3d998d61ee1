"""What this room has, for the hook module."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, Searchable, SearchField, Subscription, texts
from crmkit_service.desk import (
    answering,
    assigning,
    bulk,
    loads,
    macros,
    models,
    pages,
    presence,
    replies,
    sharing,
    views,
)
from crmkit_service.desk.models import InboxView, Macro, SavedReply

_ = texts("crmkit_service")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="service.saved_reply",
        model=SavedReply,
        title=_("Saved reply"),
        plural=_("Saved replies"),
        columns=["title", "scope", "language", "intent", "owner_id", "active"],
        search=["title"],
        sort="title",
        icon="message",
    ),
    Resource(
        name="service.macro",
        model=Macro,
        title=_("Macro"),
        plural=_("Macros"),
        columns=["title", "scope", "owner_id", "active"],
        search=["title"],
        sort="title",
        icon="bolt",
    ),
    Resource(
        name="service.view",
        model=InboxView,
        title=_("View of the inbox"),
        plural=_("Views of the inbox"),
        columns=["title", "scope", "owner_id"],
        sort="title",
        icon="filter",
        menu=False,
    ),
]
OPERATIONS = [
    *assigning.OPERATIONS,
    *presence.OPERATIONS,
    *answering.OPERATIONS,
    *replies.OPERATIONS,
    *macros.OPERATIONS,
    *views.OPERATIONS,
    *bulk.OPERATIONS,
]
PAGES = pages.PAGES
SEARCHABLES = [
    Searchable(
        name="service.saved_reply",
        model=SavedReply,
        title=_("Saved reply"),
        fields=[SearchField(name="title", part="title"), SearchField(name="body")],
    )
]
_PURPOSE = _("Helping the customer")
PERSONAL_DATA = [
    PersonalData(table=models.ReplyDraft.__tablename__, columns=["body"], purpose=_PURPOSE),
    PersonalData(table=models.SuggestionUse.__tablename__, purpose=_PURPOSE),
]
SUBSCRIPTIONS = [
    *(
        Subscription(name=f"service.load_of_{name}", event=event, handler=loads.followed, phase="before_commit")
        for name, event in (
            ("owner", "service.case.assigned"),
            ("state", "service.case.state_changed"),
            ("opened", "service.case.opened"),
        )
    ),
    Subscription(
        name="service.give_out_opened", event="service.case.opened", handler=assigning.came_in, wanted=assigning.waits
    ),
    Subscription(
        name="service.give_out_moved",
        event="service.case.queue_changed",
        handler=assigning.came_in,
        wanted=assigning.waits,
    ),
    Subscription(name="service.give_out_reopened", event="service.case.reopened", handler=assigning.reopened),
]
JOBS = [
    Job(
        name="service.give_out_cases",
        title=_("Give out the cases that wait in queues"),
        handler=assigning.give_out_waiting,
        every="1 minute",
        catch_up="latest",
        acts_as="system",
        lease=120,
    ),
    Job(
        name="service.forget_presence",
        title=_("Forget who was at cases"),
        handler=presence.forget_old,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
    ),
]
access_rules = sharing.access_rules
