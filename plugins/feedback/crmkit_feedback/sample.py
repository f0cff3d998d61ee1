"""Uses the plugin for one customer, for the checks of ``crmkit plugin check``: what is kept then is as it really is.

Must not be imported by anything that runs in production.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Customer
from crmkit_feedback.asking.models import Distribution
from crmkit_feedback.classifying.models import Theme
from crmkit_feedback.surveys.answers import Given
from crmkit_feedback.surveys.models import Survey

NAME = "sample"


def use(crm: CRM, customer_id: UUID) -> None:
    """Ask a customer by telephone and by a page, take down what they answer and say, and see to it."""
    system = crm.system("a sample of feedback")
    with crm.session(system) as session:
        name = session.scalars(select(Customer.name).where(Customer.id == customer_id)).one()
    survey, distribution, theme = _made(crm, system)
    asked = {"customer_id": customer_id, "distribution": NAME, "occasion": "sample"}
    invitation = crm.run(system, "feedback.invitation.create", asked)
    crm.run(system, "feedback.distribution.ask", target=distribution)
    busy = {"outcome": "busy", "note": f"{name} was on another line."}
    crm.run(system, "feedback.invitation.call", busy, target=invitation.id)
    said = ({"field": "q.recommend", "value": "3"}, {"field": "q.why", "value": f"{name} waited for a week."})
    crm.run(system, "feedback.invitation.call", {"outcome": "reached", "answers": said}, target=invitation.id)
    given = (Given(question="recommend", value=9), Given(question="why", text=f"{name} was told at once."))
    second = crm.run(system, "feedback.invitation.create", {"customer_id": customer_id, "survey": NAME})
    crm.run(system, "feedback.response.answer", {"answers": given, "invitation_id": second.id}, target=survey)
    taken = {"customer_id": customer_id, "verbatim": f"{name} wonders why it took so long.", "band": "bad"}
    said_by = {"external_source": "sample", "external_id": f"f {customer_id}", "loop": True}
    feedback = crm.run(system, "feedback.feedback.create", {**taken, **said_by})
    crm.run(system, "feedback.feedback.set_theme", {"theme": theme}, target=feedback.id)
    crm.run(system, "feedback.feedback.contact", {"note": f"Spoke with {name}."}, target=feedback.id)
    done = {"resolution": f"{name} gets it by courier.", "cause": "stock", "ask": False}
    crm.run(system, "feedback.feedback.resolve", done, target=feedback.id)
    crm.run(system, "feedback.feedback.verify", {"note": f"{name} has it."}, target=feedback.id)


def _made(crm: CRM, system: Any) -> tuple[UUID, UUID, str]:
    """Return a survey that is open, a distribution of it by telephone and a theme, made where there are none."""
    with crm.session(system) as session:
        survey = session.scalar(select(Survey.id).where(Survey.name == NAME))
        distribution = session.scalar(select(Distribution.id).where(Distribution.name == NAME))
        theme = session.scalar(select(Theme.name).order_by(Theme.name).limit(1))
    if survey is None:
        # No rest: whoever was called may be asked by a page on the same day.
        about = {"name": NAME, "title": "Would you recommend us?", "template": "nps", "rest_days": 0}
        survey = crm.run(system, "feedback.survey.create", about).id
        crm.run(system, "feedback.survey.publish", target=survey)
    if distribution is None:
        ways = {"name": NAME, "survey": NAME, "way": "phone"}
        distribution = crm.run(system, "feedback.distribution.create", ways).id
        crm.run(system, "feedback.distribution.start", target=distribution)
    if theme is None:
        theme = crm.run(system, "feedback.theme.create", {"name": NAME, "title": "Waiting"}).name
    return survey, distribution, theme
