"""What this room has, for `crmkit_work.plugin`."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_work.approvals import asking, chains, events, models, pages, running

_ = texts("crmkit_work")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="work.approval_chain",
        model=models.ApprovalChain,
        title=_("Chain of approval"),
        plural=_("Chains of approval"),
        columns=["name", "title", "operation", "condition", "active"],
        search=["name", "title"],
        sort="name",
        icon="square-check",
        menu=False,
        description=_("Who has to agree before an operation is run."),
    )
]
OPERATIONS = [*chains.OPERATIONS, *asking.OPERATIONS, *running.OPERATIONS]
EVENTS = events.EVENTS
PAGES = pages.PAGES
JOBS = [
    Job(
        name=asking.RUN,
        title=_("Carry out what was approved"),
        handler=running.run_approved,
        acts_as="system",
        apart=True,
    ),
    Job(
        name=asking.EXPIRE,
        title=_("Look for requests that nobody has decided"),
        handler=running.expire_due,
        acts_as="system",
    ),
]
_PURPOSE = _("Agreeing on what is done for the customer")
PERSONAL_DATA = [
    PersonalData(table=models.Approval.__tablename__, columns=["title", "values", "problem"], purpose=_PURPOSE),
    PersonalData(table=models.ApprovalEntry.__tablename__, columns=["reason", "reason_sealed"], purpose=_PURPOSE),
]
