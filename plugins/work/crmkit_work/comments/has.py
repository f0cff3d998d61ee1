"""What this room has, for `crmkit_work.plugin`."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_work.comments import events, forgetting, models, operations, pages, telling
from crmkit_work.comments.pages import customer_panels as customer_panels
from crmkit_work.comments.topics import access_rules as access_rules

_ = texts("crmkit_work")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="work.watch",
        model=models.Watch,
        title=_("Followed record"),
        plural=_("Followed records"),
        columns=["topic", "customer_id", "created_at"],
        icon="eye",
        menu=False,
    )
]
OPERATIONS = [*operations.OPERATIONS, *forgetting.OPERATIONS]
EVENTS = events.EVENTS
PAGES = pages.PAGES
JOBS = [
    Job(
        name=operations.TELL,
        title=_("Tell of comments"),
        handler=telling.tell_of_comment,
        acts_as="system",
    ),
    Job(
        name="work.forget_comment",
        title=_("Forget comments that were removed"),
        handler=telling.forget_comment,
        acts_as="system",
    ),
]
_PURPOSE = _("Working together on the customer")
PERSONAL_DATA = [
    PersonalData(table=models.Comment.__tablename__, columns=["text", "text_sealed"], purpose=_PURPOSE),
    PersonalData(table=models.CommentVersion.__tablename__, columns=["text", "text_sealed"], purpose=_PURPOSE),
    PersonalData(table=models.Watch.__tablename__, purpose=_PURPOSE),
]
