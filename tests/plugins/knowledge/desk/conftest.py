"""A knowledge base behind its doors: people who write, approve and read, and clients for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define
from crmkit_knowledge.articles.models import Article, Revision
from sqlalchemy import select

from crmkit import Settings
from crmkit.app import CRM
from tests.conftest import Templates
from tests.web.conftest import Web, people

HOSTILE = "<script>alert('x')</script>"


@define(kw_only=True)
class Desk:
    """The base: its doors, and short ways to what is in it."""

    web: Web

    def run(self, name: str, target: Any = None, /, **values: Any) -> Any:
        """Run an operation as the system."""
        return self.web.crm.run(self.web.crm.system("a test"), name, values, target=target)

    def write(self, title: str = "Send it back", body: str = "Use the label.", **more: Any) -> UUID:
        """Return a new article with a draft."""
        return self.run("knowledge.article.create", title=title, body=body, **more).id

    def publish(self, article: UUID) -> UUID:
        """Have what is being worked on approved and released."""
        for step in ("submit", "approve", "release"):
            self.run(f"knowledge.article.{step}", article)
        return article

    def text(self, path: str, login: str = "mia", language: str = "en", status: int = 200) -> str:
        """Return a page below the knowledge base as somebody sees it."""
        answer = self.web.client(login, language=language).get(f"/modules/knowledge{path}")
        assert (path, answer.status_code) == (path, status), answer.text[:3000]
        return str(answer.text)

    def post(self, login: str, name: str, target: Any, /, *, next: str = "/modules/knowledge", **values: Any) -> Any:
        """Send the form of an operation as somebody."""
        place = f"/operations/{name}?next={next}" + (f"&target={target}" if target is not None else "")
        return self.web.client(login).post(place, values)

    def draft(self, article: UUID) -> Revision:
        """Return the newest revision of an article."""
        with self.web.crm.session(self.web.crm.system("a test")) as session:
            query = select(Revision).where(Revision.article_id == article).order_by(Revision.number.desc())
            found = session.scalars(query).first()
            assert found is not None
            session.expunge_all()
            return found

    def article(self, id_: UUID) -> Article:
        """Return an article as it is now."""
        with self.web.crm.session(self.web.crm.system("a test")) as session:
            found = session.get_one(Article, id_)
            session.expunge_all()
            return found


def fill(crm: CRM) -> Any:
    """People, and a knowledge base with a space for everybody and a category."""
    users, customers = people(crm)
    crm.enable("knowledge")
    system = crm.system("a test")
    crm.run(system, "knowledge.space.create", {"name": "help", "title": "Help centre", "audience": "public"})
    crm.run(system, "knowledge.category.create", {"name": "returns", "title": "Returns"})
    return dict(users), dict(customers)


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Desk]:
    """A knowledge base of the test alone, on SQLite."""
    url, (users, customers) = templates.copy_filled("sqlite", tmp_path, fill)
    with CRM.open(Settings(database=url, files=tmp_path / "files")) as crm:
        web = Web(crm=crm, users=users, customers=customers)
        yield Desk(web=web)
        for client in web.clients:
            client.close()
