"""A survey from end to end, on real servers: it goes out by mail to a segment, is answered on a telephone in Chinese, a
bad score opens a task, the customer says that it is solved, and the figures show it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.asking.models import Invitation
from crmkit_feedback.items.models import Feedback
from crmkit_work.api import Task
from sqlalchemy import select

from crmkit import Actor, Settings
from crmkit.app import CRM
from crmkit.core.store.clock import Clock
from tests.conftest import Templates
from tests.plugins.messaging.mail.servers import MailServer, mail_server
from tests.web.conftest import Visit, Web, people, served, visit

__all__ = ["served", "visit"]

SYSTEM = Actor.system("a test")


@define
class Now:
    """A clock that goes on as the real one does, some time ahead of it."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Return the present instant."""
        return datetime.now(UTC) + self.ahead


@define
class Day:
    """The business with its mail server and its clock."""

    web: Web
    now: Now
    outgoing: MailServer

    @property
    def crm(self) -> CRM:
        """Return the CRM."""
        return self.web.crm

    def work(self) -> None:
        """Have everything done that is due."""
        self.crm.worker().run_until_idle()

    def one(self, model: Any) -> Any:
        """Return the only record of a kind."""
        with self.crm.session(SYSTEM) as session:
            return session.scalars(select(model)).one()


def prepared(crm: CRM) -> tuple[Any, Any]:
    """People, and the plugins; nothing is quiet, whatever the hour is."""
    found = people(crm)
    crm.enable("messaging")
    crm.enable("feedback")
    nights = crm.registry.resources["messaging.quiet_hours"].model
    with crm.session(SYSTEM) as session:
        ids = session.scalars(select(nights.id)).all()
    for each in ids:
        crm.run(SYSTEM, "messaging.quiet_hours.delete", target=each)
    return found


@pytest.fixture
def day(templates: Templates, tmp_path: Path) -> Iterator[Day]:
    """A mailbox on a real server, a published survey, and a segment of one customer who reads Chinese."""
    url, (users, customers) = templates.copy_filled("sqlite", tmp_path, prepared)
    now = Now()
    settings = Settings(database=url, files=tmp_path / "files", public_url="http://localhost")
    with mail_server() as outgoing, CRM.open(settings, clock=Clock(system=now)) as crm:
        web = Web(crm=crm, users=users, customers=customers)
        box = {"name": "voice", "address": "voice@shop.example", "private": True}
        server = {"smtp_host": "127.0.0.1", "smtp_port": outgoing.port, "smtp_security": "none"}
        crm.run(SYSTEM, "messaging.mailbox.create", {**box, **server})
        crm.run(SYSTEM, "customer.update", {"language": "zh-Hans"}, target=customers["李秀英"])
        survey = crm.run(SYSTEM, "feedback.survey.create", {"name": "pulse", "title": "Pulse"})
        crm.run(SYSTEM, "feedback.survey.publish", target=survey.id)
        where = {"name": "hangzhou", "title": "Hangzhou", "where": 'customer.city == "杭州"'}
        crm.run(SYSTEM, "segment.save", where)
        yield Day(web=web, now=now, outgoing=outgoing)
        for client in web.clients:
            client.close()


@pytest.fixture
def sqlite_web(day: Day) -> Web:
    """The business, for whoever opens a browser."""
    return day.web


def sent(day: Day) -> str:
    """Have the survey ask the segment by mail, and return the path that stands in the mail."""
    given = {"name": "spring", "survey": "pulse", "way": "mail", "segment": "hangzhou"}
    made = day.crm.run(SYSTEM, "feedback.distribution.create", given)
    day.crm.run(SYSTEM, "feedback.distribution.start", target=made.id)
    day.work()
    assert day.one(Invitation).state == "sent"
    mail = day.outgoing.read()
    assert mail["To"] == "1@example.com"
    (path,) = set(re.findall(r"http://localhost(/p/feedback\.answer/[^\s\"<>?]+)", mail.get_content()))
    return str(path)


def shot(seen: Visit, name: str) -> None:
    """Keep a picture of a page, where a folder for them is named."""
    folder = os.environ.get("CRMKIT_SHOTS")
    if folder:
        seen.page.screenshot(path=f"{folder}/feedback-{name}.png", full_page=True)


def wide(seen: Visit) -> int:
    """Return by how many pixels a page is wider than its window."""
    return int(seen.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def test_a_survey_from_mail_to_trend(day: Day, visit: Callable[..., Visit]) -> None:
    """Mails come by the server; everything that people do, they do by clicking."""
    path = sent(day)

    # The customer answers on a telephone, in the own language.
    customer = visit(language="zh_Hans", width=390)
    customer.go(path)
    shot(customer, "answer")
    assert wide(customer) <= 0
    assert customer.page.get_by_text("您有多大可能向朋友或同事推荐我们？").is_visible()
    customer.page.locator("input[name='q.recommend'][value='2']").check()
    customer.page.locator("textarea[name='q.why']").fill("三个杯子碎了，没有人回复我的邮件。")
    with customer.page.expect_navigation():
        customer.page.locator("main button[type=submit]").first.click()
    shot(customer, "answer-2")
    customer.page.locator("input[name='q.aspects.delivery'][value='1']").check()
    with customer.page.expect_navigation():
        customer.page.locator("main button[type=submit]").first.click()
    assert customer.page.get_by_text("感谢您的回答").is_visible()
    response = day.one(SurveyResponse)
    assert (response.state, response.score, response.language) == ("complete", 2, "zh_Hans")

    # Who looks after the customer finds a task, and what was said.
    day.work()
    feedback = day.one(Feedback)
    assert (feedback.band, feedback.loop, feedback.sentiment) == ("bad", True, "negative")
    task = day.one(Task)
    assert (task.id, task.owner_id) == (feedback.task_id, day.web.users["sam"])
    sam = visit("sam")
    sam.go("/modules/feedback/inbox")
    shot(sam, "inbox")
    sam.go(f"/modules/feedback/item?id={feedback.id}")
    assert sam.page.get_by_text("三个杯子碎了").first.is_visible()
    shot(sam, "item")

    # The customer is called, and it is settled.
    for operation, values in (
        ("contact", {"note": "Called: she wants new ones."}),
        ("resolve", {"resolution": "Three new glasses are on their way.", "cause": "packaging"}),
    ):
        sam.go(f"/operations/feedback.feedback.{operation}?target={feedback.id}&next=/modules/feedback/inbox")
        for name, text in values.items():
            sam.page.locator(f"[name={name}]").fill(text)
        with sam.page.expect_navigation():
            sam.page.locator("main form button.btn-primary").last.click()
    assert day.one(Feedback).state == "resolved"
    day.work()
    assert day.one(Task).state == "done"

    # The customer is asked whether it is, and says so.
    mail = day.outgoing.read().get_content()
    (verdict,) = set(re.findall(r"http://localhost(/p/feedback\.verdict/[^\s\"<>?]+)", mail))
    customer.go(verdict)
    shot(customer, "verdict")
    assert wide(customer) <= 0
    customer.page.locator("input[name=verdict][value=solved]").check()
    with customer.page.expect_navigation():
        customer.page.locator("main button[type=submit]").first.click()
    assert (day.one(Feedback).state, day.one(Feedback).verdict) == ("verified", "solved")

    # The figures show it, wide and narrow, in both languages.
    for language, width in (("en", 1280), ("zh_Hans", 390)):
        analyst = visit("ann", language=language, width=width)
        for page in ("trend", "satisfaction"):
            analyst.go(f"/modules/feedback/{page}?survey=pulse")
            shot(analyst, f"{page}-{language}")
            assert analyst.page.get_by_role("heading", level=1).is_visible()
            assert wide(analyst) <= 0, page
    assert analyst.page.get_by_text("-100").first.is_visible() or analyst.page.get_by_text("−100").first.is_visible()
