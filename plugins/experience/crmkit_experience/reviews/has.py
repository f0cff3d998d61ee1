"""What reviews has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_experience.reviews import (
    access,
    calibrating,
    doing,
    drawing,
    events,
    facts,
    models,
    pages,
    reports,
    scorecards,
)

_ = texts("crmkit_experience")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="experience.scorecard",
        model=models.Scorecard,
        title=_("Scorecard"),
        plural=_("Scorecards"),
        columns=["title", "name", "number", "lead_role", "active"],
        sort="title",
        search=["title", "name"],
        icon="checklist",
        menu=False,
    ),
    Resource(
        name="experience.calibration",
        model=models.Calibration,
        title=_("Calibration"),
        plural=_("Calibrations"),
        columns=["title", "scorecard_id", "state", "opened_at", "closed_at"],
        sort="-opened_at",
        icon="adjustments",
        menu=False,
    ),
    Resource(
        name="experience.review",
        model=models.Review,
        title=_("Review"),
        plural=_("Reviews"),
        columns=["owner_id", "reviewer_id", "channel", "happened_at", "state", "score", "failed"],
        sort="-happened_at",
        icon="star",
        menu=False,
    ),
]
EVENTS = events.EVENTS
FACTS = facts.FACTS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
OPERATIONS = [
    *scorecards.OPERATIONS,
    *drawing.OPERATIONS,
    *doing.OPERATIONS,
    *calibrating.OPERATIONS,
]
JOBS = calibrating.JOBS
access_rules = access.access_rules
PERSONAL_DATA = [
    PersonalData(
        table=models.Review.__tablename__,
        columns=["comment", "dispute", "answer"],
        purpose=_("Judging the quality of conversations"),
        on_merge="move",
    )
]
