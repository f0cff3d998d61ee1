"""What scoring has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_needs.scoring import asking, kano_report, modelling, models, operations, pages, reports

_ = texts("crmkit_needs")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="needs.kano_link",
        model=models.KanoLink,
        title=_("Kano's questions"),
        plural=_("Kano's questions"),
        columns=["need_id", "survey", "functional", "dysfunctional"],
        sort="survey",
        icon="link",
        menu=False,
    ),
    Resource(
        name="needs.kano_answer",
        model=models.KanoAnswer,
        title=_("Kano's answer"),
        plural=_("Kano's answers"),
        columns=["need_id", "customer_id", "functional", "dysfunctional", "at"],
        sort="-at",
        icon="message-circle",
        menu=False,
    ),
    Resource(
        name="needs.model",
        model=models.ScoreModel,
        title=_("Formula"),
        plural=_("Formulas"),
        columns=["title", "name", "active"],
        sort="name",
        icon="hash",
        menu=False,
    ),
]
OPERATIONS = [*operations.OPERATIONS, *asking.OPERATIONS, *modelling.OPERATIONS]
PAGES = pages.PAGES
REPORTS = [*reports.REPORTS, *kano_report.REPORTS]
PERSONAL_DATA = [
    PersonalData(
        table=models.KanoAnswer.__tablename__,
        purpose=_("Knowing what customers need"),
        on_merge="move",
    )
]
