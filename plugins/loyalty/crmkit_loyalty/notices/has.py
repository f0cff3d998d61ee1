"""What notices have, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_loyalty.notices import causes, models, operations, pages

_ = texts("crmkit_loyalty")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="loyalty.notice",
        model=models.Notice,
        title=_("Notice to a member"),
        plural=_("Notices to members"),
        columns=["told_at", "customer_id", "kind", "state", "reason"],
        sort="-told_at",
        icon="mail",
        menu=False,
    ),
    Resource(
        name="loyalty.notice_policy",
        model=models.NoticePolicy,
        title=_("What members are told"),
        plural=_("What members are told"),
        columns=["program_id", "kinds", "days", "purpose", "active"],
        sort="program_id",
        icon="mail",
        menu=False,
    ),
]
OPERATIONS = [*operations.OPERATIONS, *causes.OPERATIONS]
SUBSCRIPTIONS = causes.SUBSCRIPTIONS
JOBS = causes.JOBS
PAGES = pages.PAGES
PERSONAL_DATA = [
    PersonalData(table=models.Notice.__tablename__, purpose=_("Telling nobody the same twice"), on_merge="move")
]
