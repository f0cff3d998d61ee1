"""What contracts has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_sales.contracts import agreeing, display, ending, events, facts, keeping, models, pages, reports

_ = texts("crmkit_sales")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="sales.contract",
        model=models.Contract,
        title=_("Contract"),
        plural=_("Contracts"),
        columns=[
            "number",
            "term",
            "title",
            "customer_id",
            "state",
            "end_on",
            "notice_by",
            "renewal",
            "value_minor",
            "currency",
            "period",
        ],
        search=["title"],
        sort="end_on",
        icon="file-text",
        description=_("What was agreed on for a time, and when it renews."),
    ),
    Resource(
        name="sales.contract_file",
        model=models.ContractFile,
        title=_("File of a contract"),
        plural=_("Files of contracts"),
        columns=["filename", "created_at", "created_by"],
        icon="paperclip",
        menu=False,
    ),
]
OPERATIONS = [*agreeing.OPERATIONS, *ending.OPERATIONS, *keeping.OPERATIONS]
EVENTS = events.EVENTS
SUBSCRIPTIONS = keeping.SUBSCRIPTIONS
JOBS = keeping.JOBS
FACTS = facts.FACTS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
CARDS = display.CARDS
CALENDARS = display.CALENDARS
SEARCHABLES = display.SEARCHABLES
_PURPOSE = _("Keeping to what was agreed on with the customer")
PERSONAL_DATA = [
    PersonalData(table=models.Contract.__tablename__, columns=["title", "notes", "notice_reason"], purpose=_PURPOSE),
    PersonalData(table=models.ContractFile.__tablename__, columns=["filename"], purpose=_PURPOSE),
]
customer_panels = display.customer_panels
timeline = display.timeline
