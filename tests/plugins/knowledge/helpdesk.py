"""A knowledge base beside a service desk: cases that are solved, and who answers them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from attrs import define
from crmkit_knowledge.articles.models import Article, Revision
from crmkit_knowledge.capturing.models import ArticleLink
from crmkit_knowledge.suggesting.suggesting import Suggestion, suggest
from sqlalchemy import select

from crmkit.app import CRM
from tests.plugins.knowledge.base import Base, fill as fill_base

PEOPLE = {"eve": "service_agent", "tom": "service_agent"}


def fill(crm: CRM) -> None:
    """Enable service and knowledge, with agents of two teams who see their own teams' customers."""
    crm.enable("service")
    fill_base(crm)
    system = crm.system("tests of knowledge")
    for login, role in PEOPLE.items():
        user = crm.run(system, "user.create", {"login": login, "name": login.title()})
        crm.run(system, "user.assign_role", {"role": role}, target=user.id)
        team = crm.run(system, "team.create", {"name": login})
        crm.run(system, "team.add_member", {"user_id": user.id}, target=team.id)


@define(kw_only=True)
class Helpdesk(Base):
    """The base, with cases."""

    def customer(self, name: str = "Ada Byron", owner: str = "eve", **more: Any) -> UUID:
        """Return a new customer."""
        return self.run("customer.create", {"name": name, "owner_id": self.users[owner], **more}).id

    def case(
        self,
        customer: UUID,
        subject: str = "Kettle leaks at the lid",
        body: str = "The kettle leaks at the lid when water boils.",
        owner: str = "eve",
    ) -> UUID:
        """Return a new case."""
        given = {"customer_id": customer, "subject": subject, "body": body, "owner_id": self.users[owner]}
        return self.run("service.case.create", given).id

    def solve(self, case: UUID, answer: str = "Turn the rubber ring of the lid around.", who: str = "") -> str:
        """Answer a case, resolve it, and return how others refer to it."""
        self.run("service.case.reply", {"body": answer, "channel": "chat", "state": "resolved"}, target=case, who=who)
        return f"service.case:{case}"

    def draft(self, ref: str, who: str = "", **more: Any) -> UUID:
        """Return an article that was begun from a record."""
        return self.run("knowledge.article.from_record", {"record": ref, **more}, who=who).id

    def text(self, article: UUID) -> Revision:
        """Return the newest revision of an article."""
        with self.crm.session(self.actor()) as session:
            query = select(Revision).where(Revision.article_id == article).order_by(Revision.number.desc())
            found = session.scalars(query).first()
            assert found is not None
            _ = (found.title, found.body, found.note)
            session.expunge_all()
            return found

    def link(self, article: UUID, ref: str, kind: str = "solved_by", who: str = "") -> UUID:
        """Link an article with a record."""
        return self.run("knowledge.link.add", {"article_id": article, "record": ref, "kind": kind}, who=who).id

    def links(self, who: str = "") -> list[tuple[str, str]]:
        """Return reference and kind of the links that hold, as somebody sees them."""
        with self.crm.session(self.actor(who)) as session:
            query = select(ArticleLink).where(ArticleLink.removed_at.is_(None)).order_by(ArticleLink.at, ArticleLink.id)
            return [(each.ref, each.kind) for each in session.scalars(query)]

    def suggested(self, text: str, who: str = "", **more: Any) -> list[str]:
        """Return the titles of what is suggested for a text."""
        return [each.title for each in self.suggestions(text, who, **more)]

    def suggestions(self, text: str, who: str = "", **more: Any) -> tuple[Suggestion, ...]:
        """Return what is suggested for a text."""
        with self.crm.session(self.actor(who)) as session:
            return suggest(session, text, **more)

    def number(self, article: UUID) -> int:
        """Return the number of an article."""
        with self.crm.session(self.actor()) as session:
            return session.get_one(Article, article).number
