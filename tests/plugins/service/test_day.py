"""A day of service, on real servers: a mail becomes a case, is answered, breaches, escalates, is solved, rated and
reported."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from attrs import define
from crmkit_service.cases.models import Case, CaseEvent
from crmkit_service.channels.models import Rating
from crmkit_service.sla.models import Escalation
from sqlalchemy import select

from crmkit import Actor, Settings
from crmkit.app import CRM
from crmkit.core.store.clock import Clock
from crmkit.engines.reports.running import run
from tests.conftest import Templates
from tests.plugins.messaging.mail.servers import MailServer, mail_server
from tests.plugins.messaging.receiving.servers import PASSWORD, USER, ImapServer, imap_server
from tests.web.conftest import Visit, Web, people, served, visit

__all__ = ["served", "visit"]

SYSTEM = Actor.system("a test")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TERMS = "first_response: 1h\nnext_response: 2h\nresolution: 8h"
STEPS = "0 lead; +1h manager"


@define
class Now:
    """A clock that goes on as the real one does, some time ahead of it."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Return the present instant."""
        return datetime.now(UTC) + self.ahead


@define
class Day:
    """The business with its servers and its clock."""

    web: Web
    now: Now
    incoming: ImapServer
    outgoing: MailServer

    @property
    def crm(self) -> CRM:
        """Return the CRM."""
        return self.web.crm

    def later(self, **span: float) -> None:
        """Let time pass, and have done what is due by then."""
        self.now.ahead += timedelta(**span)
        self.work()

    def work(self) -> None:
        """Have everything done that is due."""
        self.crm.worker().run_until_idle()

    def fetch(self) -> None:
        """Read the mailbox, and take in what came."""
        self.crm.run(SYSTEM, "messaging.mailbox.fetch")
        self.work()

    def case(self) -> Case:
        """Return the only case."""
        with self.crm.session(SYSTEM) as session:
            return session.scalars(select(Case)).one()

    def kinds(self) -> list[str]:
        """Return what happened to it, by kinds."""
        with self.crm.session(SYSTEM) as session:
            return list(session.scalars(select(CaseEvent.kind).order_by(CaseEvent.at, CaseEvent.id)))

    def report(self, name: str, column: str, **given: str) -> Any:
        """Return the first figure of a report, as the analyst sees it."""
        with self.crm.session(Actor.user(self.web.users["ann"])) as session:
            found = run(session, name, given)
        return found.cell(found.rows[0].key, column).value


def prepared(crm: CRM) -> tuple[Any, Any]:
    """People, and the plugins."""
    found = people(crm)
    crm.enable("messaging")
    crm.enable("service")
    return found


@pytest.fixture
def day(templates: Templates, tmp_path: Path) -> Iterator[Day]:
    """A support mailbox on real servers, a policy that is soon broken, and a queue of one."""
    url, (users, customers) = templates.copy_filled("sqlite", tmp_path, prepared)
    now = Now()
    settings = Settings(database=url, files=tmp_path / "files", public_url="http://localhost")
    with mail_server() as outgoing, imap_server() as incoming, CRM.open(settings, clock=Clock(system=now)) as crm:
        web = Web(crm=crm, users=users, customers=customers)
        set_up(web, incoming, outgoing)
        yield Day(web=web, now=now, incoming=incoming, outgoing=outgoing)
        for client in web.clients:
            client.close()


def set_up(web: Web, incoming: ImapServer, outgoing: MailServer) -> None:
    """The mailbox, the channel, the promise, and the customer's agent."""
    crm = web.crm
    crm.run(
        SYSTEM,
        "messaging.mailbox.create",
        {
            "name": "help",
            "address": "help@shop.example",
            "private": True,
            "smtp_host": "127.0.0.1",
            "smtp_port": outgoing.port,
            "smtp_security": "none",
            "imap_host": "127.0.0.1",
            "imap_port": incoming.port,
            "imap_security": "none",
            "imap_user": USER,
            "imap_password": PASSWORD,
        },
    )
    given = {"name": "help", "title": "Help", "kind": "mail", "mailbox": "help"}
    crm.run(SYSTEM, "service.channel.create", given)
    ladder = crm.run(SYSTEM, "service.sla_ladder.create", {"name": "day", "title": "Of the day", "steps": STEPS})
    promise = {"name": "day", "title": "Of the day", "level": "contract", "terms": TERMS, "calendar": "always"}
    crm.run(SYSTEM, "service.sla_policy.create", {**promise, "ladder_id": ladder.id})


def mail(text: str, *, subject: str = "The kettle leaks", number: int = 1, answers: str | None = None) -> bytes:
    """Return a mail of Wang Lin to the shop."""
    found = EmailMessage()
    found["From"], found["To"], found["Subject"] = "Wang Lin <0@example.com>", "help@shop.example", subject
    found["Message-ID"] = f"<{number}@example.com>"
    if answers is not None:
        found["In-Reply-To"] = answers
    found.set_content(text)
    return found.as_bytes()


def test_a_day_of_service(day: Day) -> None:
    """From the mail server through the staff and the clocks back to the customer, and into the figures."""
    # A customer writes; it is a case, and they are told so.
    day.incoming.put("INBOX", mail("Since yesterday. What now?"))
    day.fetch()
    case = day.case()
    assert (case.subject, case.channel, case.state) == ("The kettle leaks", "mail", "new")
    assert case.customer_id == day.web.customers["Wang Lin"]
    acknowledged = day.outgoing.read()
    assert (acknowledged["To"], acknowledged["In-Reply-To"]) == ("0@example.com", "<1@example.com>")
    assert acknowledged["Auto-Submitted"] == "auto-replied"
    assert str(case.number) in acknowledged.get_content()
    assert case.due_clock == "first_response"

    # Nobody answers within the hour: it is late, and those are told who have to know.
    day.later(minutes=61)
    assert day.case().breached
    with day.crm.session(SYSTEM) as session:
        (step,) = session.scalars(select(Escalation)).all()
        assert step.clock == "first_response"
    assert "escalated" in day.kinds()

    # Sue answers; what she writes goes by mail, within the thread.
    sue = Actor.user(day.web.users["sue"])
    day.crm.run(SYSTEM, "customer.assign", {"owner_id": str(sue.user_id)}, target=case.customer_id)
    answer = {"body": "Is it the blue one?", "state": "waiting_customer"}
    day.crm.run(sue, "service.case.reply", answer, target=case.id)
    day.work()
    sent = day.outgoing.read()
    assert (sent["In-Reply-To"], "Is it the blue one?" in sent.get_content()) == ("<1@example.com>", True)
    assert sent["Auto-Submitted"] is None

    # The customer answers by mail, and it is the same case.
    day.later(minutes=10)
    day.incoming.put("INBOX", mail("Yes, blue.", subject="Re: your mail", number=2, answers=str(sent["Message-ID"])))
    day.fetch()
    assert (day.case().id, day.case().state) == (case.id, "open")

    # It is solved; the customer is asked, and answers on a page.
    day.later(minutes=20)
    day.crm.run(sue, "service.case.reply", {"body": "A new one comes.", "state": "resolved"}, target=case.id)
    day.work()
    asked = day.outgoing.read().get_content()
    (path,) = re.findall(r"http://localhost(/p/service.rating/\S+)", asked)
    visitor = day.web.client(None)
    (token,) = re.findall(r'name="form" value="([^"]+)"', visitor.get(path).text)
    answered = visitor.inner.post(path, data={"form": token, "score": "4", "comment": "Slow, but kind."})
    assert answered.status_code == 303
    with day.crm.session(SYSTEM) as session:
        assert session.scalars(select(Rating.score)).all() == [4]

    # The figures of the day say all of it.
    day.later(minutes=1)
    with day.crm.session(SYSTEM) as session:
        today = session.today()
    period = {"period": f"{today - timedelta(days=1)}..{today}", "by": "all"}
    assert day.report("service.answers", "answered", **period) == 1
    assert 1.0 < day.report("service.answers", "first_calendar", **period) < 1.2
    assert day.report("service.solutions", "solved", **period) == 1
    assert day.report("service.satisfaction", "csat", **period) == 1
    late = {"period": period["period"], "by": "clock", "clock": "first_response"}
    assert (day.report("service.attainment", "late", **late), day.report("service.attainment", "kept", **late)) == (
        1,
        0,
    )


# --- the same in the browser ------------------------------------------------------------------------------------------


@pytest.fixture
def sqlite_web(day: Day) -> Web:
    """The business, for whoever opens a browser."""
    return day.web


def shot(seen: Visit, name: str) -> None:
    """Keep a picture of a page, where a folder for them is named."""
    folder = os.environ.get("CRMKIT_SHOTS")
    if folder:
        seen.page.screenshot(path=f"{folder}/service-{name}.png", full_page=True)


def test_a_day_of_service_in_the_browser(day: Day, visit: Callable[..., Visit]) -> None:
    """Mails come and go by the servers; everything that people do, they do by clicking."""
    wang = day.web.customers["Wang Lin"]
    day.crm.run(SYSTEM, "customer.assign", {"owner_id": str(day.web.users["sue"])}, target=wang)
    day.incoming.put("INBOX", mail("Since yesterday. What now?"))
    day.fetch()

    # Sue finds it in the inbox, too late.
    day.later(minutes=61)
    sue = visit("sue")
    sue.go("/modules/service/inbox?view=all")
    shot(sue, "inbox")
    sue.page.goto(f"{sue.url}/modules/service/case?id={day.case().id}")
    assert sue.page.get_by_text("Since yesterday. What now?").first.is_visible()
    shot(sue, "case")

    # She answers, and waits.
    sue.page.locator("textarea[name=body]").fill("Is it the blue one?")
    sue.page.get_by_label("Send and set the state").click()
    with sue.page.expect_navigation():
        sue.page.get_by_role("button", name="Send, then: Waiting for the customer").click()
    day.work()
    sent = day.outgoing.read()
    assert "Is it the blue one?" in sent.get_content()
    assert day.case().state == "waiting_customer"

    # The customer follows the link of the acknowledgement, and answers on the page.
    first = day.outgoing.read(0).get_content()
    (path,) = re.findall(r"http://localhost(/p/service.case/\S+)", first)
    wang_lin = visit(width=375)
    wang_lin.go(path)
    assert wang_lin.page.get_by_text("Is it the blue one?").is_visible()
    shot(wang_lin, "customer")
    wang_lin.page.get_by_label("Your message").fill("Yes, blue.")
    wang_lin.page.get_by_label("Files").set_input_files(
        files=[{"name": "kettle.png", "mimeType": "image/png", "buffer": PNG}]
    )
    wang_lin.page.get_by_role("button", name="Send", exact=True).click()
    wang_lin.page.get_by_text("Thank you. That is with us now.").wait_for()
    assert wang_lin.page.get_by_text("Files: kettle.png").is_visible()
    assert day.case().state == "open"

    # Sue sees it, and solves it.
    sue.go(f"/modules/service/case?id={day.case().id}")
    assert sue.page.get_by_text("Yes, blue.").first.is_visible()
    sue.page.locator("textarea[name=body]").fill("A new one comes.")
    sue.page.get_by_label("Send and set the state").click()
    with sue.page.expect_navigation():
        sue.page.get_by_role("button", name="Send, then: Resolved").click()
    day.work()
    assert day.case().state == "resolved"

    # The customer is asked, and says so, in Chinese.
    (path,) = re.findall(r"http://localhost(/p/service.rating/\S+)", day.outgoing.read().get_content())
    wang_lin.go(f"{path}?lang=zh_Hans")
    shot(wang_lin, "rating")
    wang_lin.page.locator("input[name=score][value='5']").check()
    wang_lin.page.locator("textarea[name=comment]").fill("很快！")
    with wang_lin.page.expect_navigation():
        wang_lin.page.locator("main button[type=submit]").click()
    with day.crm.session(SYSTEM) as session:
        assert session.scalars(select(Rating.score)).all() == [5]

    # The analyst reads what came of the day.
    ann = visit("ann")
    with day.crm.session(SYSTEM) as session:
        today = session.today()
    period = f"{today - timedelta(days=1)}..{today}"
    for name in ("answers", "solutions", "satisfaction", "attainment", "trend", "costs"):
        ann.go(f"/reports/service.{name}?period={period}")
        shot(ann, f"report-{name}")
        assert ann.page.get_by_role("heading", level=1).is_visible()
    day.later(days=7)
    ann = visit("ann")
    ann.go("/modules/service/staffing?weeks=1&handling=600")
    shot(ann, "staffing")
    assert ann.page.get_by_role("heading", name="Staffing").is_visible()
    assert ann.page.get_by_text("hours of people in a week").is_visible()
    ada = visit("ada", language="zh_Hans")
    ada.go("/modules/service/channels")
    shot(ada, "channels")
