"""What referrals have, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_loyalty.referrals import events, facts, looking, models, operations, page, pages, reports

_ = texts("crmkit_loyalty")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="loyalty.referral",
        model=models.Referral,
        title=_("Referral"),
        plural=_("Referrals"),
        columns=["entered_at", "customer_id", "referrer_id", "state", "reason", "qualified_at", "release_at"],
        sort="-entered_at",
        icon="user-plus",
        menu=False,
    ),
    Resource(
        name="loyalty.referral_policy",
        model=models.ReferralPolicy,
        title=_("What inviting brings"),
        plural=_("What inviting brings"),
        columns=["program_id", "event", "condition", "referrer_points", "referred_points", "hold_days", "active"],
        sort="program_id",
        icon="user-plus",
        menu=False,
    ),
]
EVENTS = events.EVENTS
OPERATIONS = [*operations.OPERATIONS, *looking.OPERATIONS, *page.OPERATIONS]
PUBLIC_PAGES = page.PUBLIC_PAGES
PAGES = pages.PAGES
REPORTS = reports.REPORTS
SUBSCRIPTIONS = looking.SUBSCRIPTIONS
JOBS = looking.JOBS
FACTS = facts.FACTS
_PURPOSE = _("Knowing who invited whom")
PERSONAL_DATA = [
    PersonalData(table=models.Referral.__tablename__, columns=["invitation"], purpose=_PURPOSE, on_merge="move"),
    PersonalData(table=models.ReferralChange.__tablename__, columns=["note"], purpose=_PURPOSE, on_merge="move"),
]
