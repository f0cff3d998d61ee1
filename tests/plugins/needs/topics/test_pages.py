"""The pages of what may be the same and of topics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from crmkit_needs.catalogue.history import need_numbered, path_of
from crmkit_needs.topics.mining import mine

from crmkit import Actor
from crmkit.app import CRM
from tests.conftest import Templates
from tests.web.accessible import faults_of
from tests.web.conftest import Visit, Web, behind_doors, served, visit

__all__ = ["served", "visit"]

SYSTEM = Actor.system("a test")
HOSTILE = "<script>alert('x')</script>"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def run(crm: CRM, operation: str, target: Any = None, /, **values: Any) -> Any:
    """Run an operation."""
    return crm.run(SYSTEM, operation, values, target=None if target is None else target.id)


def fill(web: Web) -> None:
    """Needs that say much the same, and topics; every text is hostile."""
    crm = web.crm
    for title in (f"Invoices by mail {HOSTILE}", f"Mail invoices {HOSTILE}", "Glass jars", "Jars of glass"):
        run(crm, "needs.need.create", title=title)
    with crm.session(SYSTEM) as session:
        one, other = need_numbered(session, 103), need_numbered(session, 104)
    run(crm, "needs.alike.dismiss", one, other_id=other.id)
    who = [run(crm, "customer.create", name=f"{HOSTILE} {each}", owner_id=web.users["mia"]) for each in "abc"]
    for place in range(24):
        said = "The refund is late" if place % 2 else "发票没有收到，发票抬头写错了"
        run(crm, "interaction.record", kind="email", customer_id=who[place // 2 % 3].id, body=f"{said} {HOSTILE}")
    asked = run(crm, "needs.topics.mine", topics=2)
    mine(crm, SYSTEM, str(asked.id))


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base with people, and with these needs and topics."""
    with behind_doors(templates, "sqlite", tmp_path, "needs", fill=fill) as web:
        yield web


@pytest.fixture
def sqlite_web(desk: Web) -> Web:
    """What is served: the desk."""
    return desk


@pytest.mark.parametrize(("width", "dark", "language"), [(1280, False, "en"), (390, True, "zh_Hans")])
def test_the_pages_have_no_faults(
    desk: Web, visit: Callable[..., Visit], width: int, dark: bool, language: str
) -> None:
    """Everything can be read, reached and named, on a wide and on a narrow screen, and nothing is wider than it."""
    seen: Any = visit("mia", width=width, dark=dark, language=language)
    with desk.crm.session(SYSTEM) as session:
        need = path_of(need_numbered(session, 101))
    wrong: list[str] = []
    for path in ("/modules/needs/alike?text=invoice+mail", "/modules/needs/topics", "/modules/needs/list", need):
        seen.go(path)
        wrong += [f"{path}: {each}" for each in faults_of(seen.page)]
        wide = seen.page.evaluate(TOO_WIDE)
        wrong += [f"{path}: {wide} px too wide"] if wide > 0 else []
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_page_is_shown_and_no_text_is_taken_for_markup(desk: Web, language: str) -> None:
    client = desk.client("mia", language=language)
    with desk.crm.session(SYSTEM) as session:
        need = path_of(need_numbered(session, 101))
    for path in ("/modules/needs/alike?text=invoice+mail", "/modules/needs/topics", "/modules/needs/list", need):
        answer = client.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert HOSTILE not in answer.text
        assert "%(" not in answer.text


def test_what_may_be_the_same_can_be_merged_or_dismissed(desk: Web) -> None:
    text = desk.client("mia").get("/modules/needs/alike").text
    for name in ("needs.need.merge", "needs.alike.dismiss", "needs.alike.restore"):
        assert f"/operations/{name}?" in text
    assert text.count("/operations/needs.need.merge?") == 1
    seller = desk.client("sam").get("/modules/needs/alike").text
    assert "/operations/needs.need.merge?" not in seller
    assert "101 · " in seller


def test_the_page_of_a_need_names_what_may_be_the_same(desk: Web) -> None:
    with desk.crm.session(SYSTEM) as session:
        paths = {number: path_of(need_numbered(session, number)) for number in (101, 103)}
    client = desk.client("mia")
    text = client.get(paths[101]).text
    assert "May be the same" in text
    assert "102 · " in text
    assert "needs.alike.dismiss" in text
    assert "needs.alike.dismiss" not in client.get(paths[103]).text


def test_the_page_of_topics_shows_what_can_be_done(desk: Web) -> None:
    text = desk.client("mia").get("/modules/needs/topics").text
    for name in ("needs.topics.mine", "needs.topic.make_need", "needs.topic.ignore"):
        assert f"/operations/{name}?" in text
    assert "发票" in text
    assert "refund" in text


def test_an_ignored_topic_is_shown_when_it_is_asked_for(desk: Web) -> None:
    from crmkit_needs.topics.models import Topic
    from sqlalchemy import select

    with desk.crm.session(SYSTEM) as session:
        topics = session.scalars(select(Topic)).all()
    for each in topics:
        run(desk.crm, "needs.topic.ignore", each)
    client = desk.client("mia")
    assert "needs.topic.restore" not in client.get("/modules/needs/topics").text
    assert "needs.topic.restore" in client.get("/modules/needs/topics?run=1&ignored=yes").text


def test_who_may_not_see_topics_gets_no_page(desk: Web) -> None:
    assert desk.client("sam").get("/modules/needs/topics").status_code in (403, 404)
