"""What this room has, for `crmkit_quality.plugin`."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_quality.scores import checking, facts, pages, reports, subscriptions
from crmkit_quality.scores.models import CustomerScore, QualityFigure

_ = texts("crmkit_quality")

MODELS = [CustomerScore, QualityFigure]
RESOURCES = [
    Resource(
        name="quality.score",
        model=CustomerScore,
        title=_("Quality score"),
        plural=_("Quality scores"),
        columns=["customer_id", "score", "completeness", "validity", "violations", "checked_at"],
        sort="score",
        icon="stethoscope",
        menu=False,
    ),
    Resource(
        name="quality.figure",
        model=QualityFigure,
        title=_("Quality figure"),
        plural=_("Quality figures"),
        columns=["measured_at", "grouping", "key", "owner_id", "about", "customers", "score"],
        sort="-measured_at",
        menu=False,
    ),
]
OPERATIONS = checking.OPERATIONS
FACTS = facts.FACTS
DIMENSIONS = facts.DIMENSIONS
REPORTS = reports.REPORTS
SUBSCRIPTIONS = subscriptions.SUBSCRIPTIONS
PAGES = pages.PAGES
CARDS = pages.CARDS
JOBS = [
    Job(
        name="quality.check",
        title=_("Check the quality of data"),
        handler=checking.nightly,
        cron="40 2 * * *",
        catch_up="latest",
        acts_as="system",
        lease=900,
    ),
    Job(
        name="quality.check_slice",
        title=_("Go on checking the quality of data"),
        handler=checking.slice_job,
        acts_as="system",
        lease=900,
    ),
]
PERSONAL_DATA = [
    PersonalData(
        table=CustomerScore.__tablename__,
        purpose=_("Measuring the quality of data"),
        on_merge="keep_winner",
        derived=True,
    )
]
