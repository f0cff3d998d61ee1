"""A need from end to end, on real servers: a call leads to it, another customer's mail supports it, it is planned and
delivered, both are told by mail, and the public board shows it. And its pages, wide and narrow, in both languages."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define
from crmkit_needs.catalogue.models import Evidence, Need
from sqlalchemy import select

from crmkit import Actor, Settings
from crmkit.app import CRM
from tests.conftest import Templates
from tests.plugins.messaging.mail.servers import MailServer, mail_server
from tests.web.conftest import Visit, Web, people, served, visit

__all__ = ["served", "visit"]

SYSTEM = Actor.system("a test")
SIZES = [("en", 1280), ("en", 390), ("zh_Hans", 1280), ("zh_Hans", 390)]


@define
class Day:
    """The business with its mail server."""

    web: Web
    outgoing: MailServer

    @property
    def crm(self) -> CRM:
        """Return the CRM."""
        return self.web.crm

    def run(self, operation: str, target: Any = None, /, **values: Any) -> Any:
        """Run an operation by its name, on a record by its id."""
        return self.crm.run(SYSTEM, operation, values, target=target)

    def work(self) -> None:
        """Have everything done that is due."""
        self.crm.worker().run_until_idle()

    def all(self, model: Any) -> list[Any]:
        """Return all records of a kind."""
        with self.crm.session(SYSTEM) as session:
            return list(session.scalars(select(model).order_by(model.id)))


def prepared(crm: CRM) -> tuple[Any, Any]:
    """People, and the plugins; nothing is quiet, whatever the hour is."""
    found = people(crm)
    crm.enable("messaging")
    crm.enable("needs")
    nights = crm.registry.resources["messaging.quiet_hours"].model
    with crm.session(SYSTEM) as session:
        ids = session.scalars(select(nights.id)).all()
    for each in ids:
        crm.run(SYSTEM, "messaging.quiet_hours.delete", target=each)
    return found


@pytest.fixture
def day(templates: Templates, tmp_path: Path) -> Iterator[Day]:
    """A mailbox on a real server, an area that Mia answers for, and a board that anybody may read."""
    url, (users, customers) = templates.copy_filled("sqlite", tmp_path, prepared)
    settings = Settings(database=url, files=tmp_path / "files", public_url="http://localhost")
    with mail_server() as outgoing, CRM.open(settings) as crm:
        day = Day(web=Web(crm=crm, users=users, customers=customers), outgoing=outgoing)
        box = {"name": "shop", "address": "shop@shop.example", "private": True}
        server = {"smtp_host": "127.0.0.1", "smtp_port": outgoing.port, "smtp_security": "none"}
        day.run("messaging.mailbox.create", **box, **server)
        for each in ("Wang Lin", "李秀英"):
            day.run("customer.assign", customers[each], owner_id=users["mia"])
        day.run("needs.area.create", name="packing", title="Packing 包装", lead_id=users["mia"])
        day.run("needs.board.set", active=True, title="What you ask for 您的需求")
        yield day
        for client in day.web.clients:
            client.close()


@pytest.fixture
def sqlite_web(day: Day) -> Web:
    """The business, for whoever opens a browser."""
    return day.web


def shot(seen: Visit, name: str) -> None:
    """Keep a picture of a page, where a folder for them is named."""
    folder = os.environ.get("CRMKIT_SHOTS")
    if folder:
        seen.page.screenshot(path=f"{folder}/needs-{name}.png", full_page=True)


def wide(seen: Visit) -> int:
    """Return by how many pixels a page is wider than its window."""
    return int(seen.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def filled(seen: Visit, path: str, **values: str) -> None:
    """Fill the form of an operation in, and send it off."""
    seen.go(path)
    for name, text in values.items():
        field = seen.page.locator(f"[name='{name}']").last
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)
    with seen.page.expect_navigation():
        seen.page.locator("main form button.btn-primary").last.click()


def test_a_need_from_a_call_to_the_board(day: Day, visit: Callable[..., Visit]) -> None:
    """Everything that people do, they do by clicking; mails come by the server."""
    wang, li = day.web.customers["Wang Lin"], day.web.customers["李秀英"]
    call = day.run("interaction.record", kind="call", customer_id=wang, subject="Two of six glasses were broken.")
    mail = day.run("interaction.record", kind="note", customer_id=li, subject="邮件", body="玻璃杯到货时碎了。")

    # Who took the call writes it down, with what the customer said.
    mia = visit("mia")
    filled(
        mia, "/operations/needs.need.create?next=/modules/needs/list", title="Glass that arrives whole", area="packing"
    )
    (need,) = day.all(Need)
    page = f"/modules/needs/need?id={need.id}"
    assert need.owner_id == day.web.users["mia"]
    for record in (call, mail):
        filled(
            mia,
            f"/operations/needs.evidence.from_record?target={need.id}&next={page}",
            record=f"interaction:{record.id}",
        )
    assert {each.customer_id for each in day.all(Evidence)} == {wang, li}
    assert {each.quote for each in day.all(Evidence)} == {"Two of six glasses were broken.", "玻璃杯到货时碎了。"}
    mia.go(page)
    assert mia.page.get_by_role("link", name="李秀英").is_visible()

    # It is decided on, planned and delivered; who asked reads what is said of it, once for a state.
    filled(mia, f"/operations/needs.need.update?target={need.id}&next={page}", public_title="Safer packing")
    filled(mia, f"/operations/needs.need.show_on_board?target={need.id}&next={page}")
    for state, text in (
        ("accepted", ""),
        ("planned", "We are looking for a better box."),
        ("in_progress", ""),
        ("delivered", "Every glass has a box of its own now."),
    ):
        values = {"text": text} if text else {}
        filled(mia, f"/operations/needs.need.move?target={need.id}&to={state}&next={page}", **values)
        day.work()
    assert day.all(Need)[0].state == "delivered"
    told = [each for each in day.outgoing.mails if "a box of its own" in _text(day.outgoing, each)]
    assert sorted(each[1][0] for each in told) == ["0@example.com", "1@example.com"]
    mia.go(page)
    shot(mia, "delivered")

    # Anybody reads on the board what became of it, and nothing of who asked for it.
    board = day.run("needs.board.link")
    visitor = visit()
    visitor.go(re.sub(r"^https?://[^/]+", "", board.path))
    shot(visitor, "board-delivered")
    text = visitor.page.locator("body").inner_text()
    assert "Safer packing" in text
    assert "Every glass has a box of its own now." in text
    assert "Wang" not in text
    assert "碎" not in text


def _text(server: MailServer, mail: Any) -> str:
    found = server.read(server.mails.index(mail)).get_body(("plain",))
    return found.get_content() if found is not None else ""


@pytest.mark.parametrize(("language", "width"), SIZES)
def test_pages_fit_and_a_customer_votes(day: Day, visit: Callable[..., Visit], language: str, width: int) -> None:
    """Nothing is wider than its window, in either language."""
    wang = day.web.customers["Wang Lin"]
    titles = ("Glass that arrives whole", "发票可以按月合并开具，并且发到指定的财务邮箱", "X" * 120)
    made = [day.run("needs.need.create", title=title, area="packing", urgency="high") for title in titles]
    for each in made:
        day.run("needs.need.update", each.id, public_title=each.title, tags=["packing"])
        day.run("needs.need.show_on_board", each.id)
        day.run("needs.evidence.add", each.id, customer_id=wang, quote="玻璃" * 60)
        day.run("needs.score.set", each.id, inputs={"impact": "2", "confidence": "1", "effort": "3"})
    day.run("needs.need.move", made[0].id, to="accepted", text="We will do it.")

    mia = visit("mia", language=language, width=width)
    for name, path in (
        ("list", "/modules/needs/list"),
        ("need", f"/modules/needs/need?id={made[0].id}"),
        ("long", f"/modules/needs/need?id={made[2].id}"),
        ("desk-board", "/modules/needs/board"),
        ("priorities", "/modules/needs/priorities"),
    ):
        mia.go(path)
        shot(mia, f"{name}-{language}-{width}")
        assert mia.page.get_by_role("heading", level=1).first.is_visible()
        assert wide(mia) <= 0, name

    li = day.web.customers["李秀英"]
    link = day.run("needs.board.link", customer_id=li)
    customer = visit(language=language, width=width)
    customer.go(re.sub(r"^https?://[^/]+", "", link.path))
    shot(customer, f"public-{language}-{width}")
    assert wide(customer) <= 0
    vote = "我也需要" if language == "zh_Hans" else "I need this, too"
    buttons = customer.page.get_by_role("button", name=vote)
    assert buttons.count() == 3
    with customer.page.expect_navigation():
        buttons.first.click()
    shot(customer, f"voted-{language}-{width}")
    assert wide(customer) <= 0
    asked = next(each for each in day.all(Evidence) if each.customer_id == wang)
    link = day.run("public_link.create", page="needs.solved", customer_id=wang, ref=f"needs.evidence:{asked.id}")
    customer.go(link.path)
    shot(customer, f"solved-{language}-{width}")
    assert wide(customer) <= 0
    customer.page.locator("input[name=solved][value=yes]").check()
    with customer.page.expect_navigation():
        customer.page.locator("main button[type=submit]").first.click()
    shot(customer, f"answered-{language}-{width}")
    assert next(each for each in day.all(Evidence) if each.id == asked.id).satisfaction == 5

    votes = [each for each in day.all(Evidence) if each.source == "board"]
    assert [each.customer_id for each in votes] == [li]
