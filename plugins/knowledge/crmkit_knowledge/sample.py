"""Uses the plugin for one customer, for the checks of ``crmkit plugin check``: what is kept then is as it really is.

Must not be imported by anything that runs in production.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Customer
from crmkit_knowledge.articles.models import Article, Space
from crmkit_knowledge.helpful.counting import VIEW, VOTE

SPACE = "sample"


def use(crm: CRM, customer_id: UUID) -> None:
    """Note what is known of a customer, link an article to what they asked, and have it read and rated."""
    system = crm.system("a sample of knowledge")
    with crm.session(system) as session:
        name = session.scalars(select(Customer.name).where(Customer.id == customer_id)).one()
        there = session.scalar(select(Space.id).where(Space.name == SPACE))
        today = session.today()
    article = _article(crm) if there is None else _known(crm)
    asked = {
        "kind": "note",
        "customer_id": customer_id,
        "subject": f"{name} asks",
        "body": f"{name} wants to return it",
    }
    interaction = crm.run(system, "interaction.record", asked).id
    link = {"article_id": article, "record": f"interaction:{interaction}", "kind": "sent"}
    crm.run(system, "knowledge.link.add", link)
    crm.run(system, VIEW, {"article_id": article, "visit": str(customer_id), "door": "centre"})
    vote = {"article_id": article, "helpful": False, "visit": str(customer_id), "door": "centre"}
    crm.run(system, VOTE, {**vote, "reason": "unclear", "comment": f"{name} did not find the label"})
    known = {"customer_id": customer_id, "topic": "contact_time", "text": f"{name} is called in the evening"}
    insight = crm.run(system, "knowledge.insight.note", known)
    crm.run(system, "knowledge.insight.confirm", target=insight.id)
    promise = {"customer_id": customer_id, "topic": "callback", "text": f"{name} is called back", "due_on": today}
    crm.run(system, "knowledge.insight.note", promise)


def _article(crm: CRM) -> UUID:
    system = crm.system("a sample of knowledge")
    crm.run(system, "knowledge.space.create", {"name": SPACE, "title": "Sample", "audience": "public"})
    crm.run(system, "knowledge.category.create", {"name": "sample_returns", "title": "Returns", "space": SPACE})
    new = {"title": "How to send it back", "body": "Use the **label**.", "space": SPACE, "category": "sample_returns"}
    made: Article = crm.run(system, "knowledge.article.create", new)
    for step in ("submit", "approve", "release"):
        crm.run(system, f"knowledge.article.{step}", target=made.id)
    return made.id


def _known(crm: CRM) -> UUID:
    with crm.session(crm.system("a sample of knowledge")) as session:
        space = select(Space.id).where(Space.name == SPACE).scalar_subquery()
        return session.scalars(select(Article.id).where(Article.space_id == space)).one()
