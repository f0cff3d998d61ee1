"""What challenges have, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_loyalty.challenges import events, facts, looking, models, operations, pages, reports

_ = texts("crmkit_loyalty")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="loyalty.challenge",
        model=models.Challenge,
        title=_("Challenge"),
        plural=_("Challenges"),
        columns=["title", "name", "kind", "target", "window", "points", "badge", "since", "until", "state"],
        sort="-created_at",
        icon="target",
        menu=False,
    ),
    Resource(
        name="loyalty.challenge_completion",
        model=models.ChallengeCompletion,
        title=_("Completed challenge"),
        plural=_("Completed challenges"),
        columns=["on_day", "customer_id", "challenge_id", "period", "points", "state"],
        sort="-on_day",
        icon="circle-check",
        menu=False,
    ),
    Resource(
        name="loyalty.badge",
        model=models.Badge,
        title=_("Badge"),
        plural=_("Badges"),
        columns=["title", "customer_id", "challenge_id", "state", "given_at"],
        sort="-given_at",
        icon="medal",
        menu=False,
    ),
    Resource(
        name="loyalty.challenge_progress",
        model=models.ChallengeProgress,
        title=_("Progress in a challenge"),
        plural=_("Progress in challenges"),
        columns=["customer_id", "challenge_id", "value", "done", "through"],
        sort="-looked_at",
        icon="chart-bar",
        menu=False,
    ),
]
EVENTS = events.EVENTS
OPERATIONS = [*operations.OPERATIONS, *looking.OPERATIONS]
SUBSCRIPTIONS = looking.SUBSCRIPTIONS
JOBS = looking.JOBS
PAGES = pages.PAGES
REPORTS = reports.REPORTS
FACTS = facts.FACTS
_PURPOSE = _("Knowing how far members are in challenges")
PERSONAL_DATA = [
    PersonalData(table=each.__tablename__, purpose=_PURPOSE, on_merge="move")
    for each in (models.ChallengeProgress, models.ChallengeCompletion, models.Badge)
]
