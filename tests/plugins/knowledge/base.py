"""A knowledge base whose clock can be moved: what tests of knowledge begin with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from attrs import define
from crmkit_knowledge.articles.models import Article
from sqlalchemy import select

from crmkit import User
from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.engines.search.searching import search
from crmkit.testing.workbench import MovableClock

START = datetime(2027, 3, 1, 2, tzinfo=UTC)
"""When the tests begin, later than any record is made by the machine's clock."""
PEOPLE = {"mia": "manager", "sue": "service_agent", "max": "manager"}


def fill(crm: CRM) -> None:
    """Enable knowledge, with a space "help" for everybody and people who write and approve."""
    crm.enable("knowledge")
    system = crm.system("tests of knowledge")
    crm.run(system, "business.configure", {"name": "Shop", "base_currency": "EUR", "zone": "Europe/Berlin"})
    crm.run(system, "knowledge.space.create", {"name": "help", "title": "Help", "audience": "public"})
    for login, role in PEOPLE.items():
        user = crm.run(system, "user.create", {"login": login, "name": login.title()})
        crm.run(system, "user.assign_role", {"role": role}, target=user.id)


@define(kw_only=True)
class Base:
    """A CRM with a knowledge base, and the people who work with it."""

    crm: CRM
    clock: MovableClock
    users: dict[str, UUID]

    @classmethod
    def of(cls, crm: CRM, clock: MovableClock) -> Base:
        """Return the base of a database that `fill` has filled."""
        with crm.session(crm.system("tests of knowledge")) as session:
            users = {each.login: each.id for each in session.scalars(select(User))}
        return cls(crm=crm, clock=clock, users=users)

    def actor(self, who: str = "") -> Any:
        """Return somebody who acts; without a name the system."""
        return Actor.user(self.users[who]) if who else self.crm.system("tests of knowledge")

    def run(self, name: str, inputs: Mapping[str, Any] | None = None, target: Any = None, who: str = "") -> Any:
        """Run an operation."""
        return self.crm.run(self.actor(who), name, dict(inputs or {}), target=target)

    def write(self, title: str = "Send it back", body: str = "Use the **label**.", who: str = "", **more: Any) -> UUID:
        """Return a new article with a draft."""
        return self.run("knowledge.article.create", {"title": title, "body": body, **more}, who=who).id

    def publish(self, article: UUID) -> None:
        """Have what is being worked on approved and released."""
        for step in ("submit", "approve", "release"):
            self.run(f"knowledge.article.{step}", target=article)

    def published(self, title: str = "Send it back", body: str = "Use the **label**.", **more: Any) -> UUID:
        """Return a new article that is published."""
        article = self.write(title, body, **more)
        self.publish(article)
        return article

    def article(self, id_: UUID) -> Article:
        """Return an article as it is now."""
        with self.crm.session(self.actor()) as session:
            found = session.get_one(Article, id_)
            session.expunge_all()
            return found

    def due(self) -> None:
        """Do what is due."""
        while self.run("knowledge.article.run_due"):
            pass

    def found(self, text: str, who: str = "") -> list[str]:
        """Return the titles of what is found for a text."""
        with self.crm.session(self.actor(who)) as session:
            return [each.title for each in search(session, text, within=["knowledge.article"]).hits]
