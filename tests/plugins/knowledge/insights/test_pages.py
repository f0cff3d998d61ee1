"""What is shown of insights: their page, the panel of a customer, the timeline, the record, and the first page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from crmkit_knowledge.insights.display import customer_panels, due_lines
from crmkit_knowledge.insights.pages import insights_page

from crmkit import Actor
from crmkit.app import CRM
from tests.conftest import Templates
from tests.plugins.knowledge.base import Base
from tests.plugins.knowledge.insights.known import act, customer, noted, promised
from tests.web.conftest import Web, behind_doors

SYSTEM = Actor.system("a test")
HOSTILE = "<script>alert('x')</script>"
HOME = "/modules/knowledge/insights"


def run(crm: CRM, operation: str, target: Any = None, /, **values: Any) -> Any:
    """Run an operation."""
    return crm.run(SYSTEM, operation, values, target=target)


def fill(web: Web) -> None:
    """A customer of whom hostile things are known."""
    crm = web.crm
    lin = web.customers["Wang Lin"]
    run(crm, "knowledge.insight_topic.create", name="odd", title=HOSTILE, kind="constraint", single=False)
    with crm.session(SYSTEM) as session:
        today = session.today()
    said = run(crm, "interaction.record", customer_id=lin, kind="note", body=HOSTILE)
    about: dict[str, Any] = {"customer_id": lin, "text": HOSTILE}
    run(crm, "knowledge.insight.note", **about, topic="odd", ref=f"interaction:{said.id}")
    run(crm, "knowledge.insight.note", **about, topic="packaging", expires_on=today + timedelta(days=3))
    old = run(crm, "knowledge.insight.note", **about, topic="odd")
    run(crm, "knowledge.insight.withdraw", old.id, why="wrong", outcome=HOSTILE)
    run(
        crm, "knowledge.insight.note", **about, topic="follow_up", due_on=today + timedelta(days=2),
        owner_id=web.users["sam"],
    )  # fmt: skip


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base with people and this customer."""
    with behind_doors(templates, "sqlite", tmp_path, "knowledge", fill=fill) as web:
        yield web


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("login", ["ada", "sam", "ann"])
def test_every_page_is_shown_and_no_text_is_taken_for_markup(desk: Web, login: str, language: str) -> None:
    client, lin = desk.client(login, language=language), desk.customers["Wang Lin"]
    for path in (HOME, f"{HOME}?mine=1", f"{HOME}?customer={lin}", f"{HOME}?customer=x", f"/customers/{lin}", "/"):
        answer = client.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert HOSTILE not in answer.text
        assert "%(" not in answer.text
    for path in (
        "/records/knowledge.insight",
        "/records/knowledge.insight_topic",
        "/reports/knowledge.promises",
        "/reports/knowledge.insights",
    ):
        answer = client.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert HOSTILE not in answer.text


def test_the_page_offers_what_may_be_done(desk: Web) -> None:
    lin = desk.customers["Wang Lin"]
    seller = desk.client("sam")
    everything, one = seller.get(HOME).text, seller.get(f"{HOME}?customer={lin}").text
    for name in ("keep", "break", "correct", "withdraw", "note"):
        assert f"/operations/knowledge.insight.{name}?" in everything
    assert "/operations/knowledge.insight.confirm?" in one
    assert f"customer_id={lin}" in one
    assert "Where it comes from" in one
    assert "It was wrong" in one
    reader = desk.client("ann").get(HOME).text
    assert "/operations/knowledge.insight." not in reader


def test_whoever_does_not_see_the_customer_reads_nothing(desk: Web) -> None:
    lin = desk.customers["Wang Lin"]
    client = desk.client("mia")
    assert str(lin) not in client.get(HOME).text
    assert "&lt;script&gt;" not in client.get(f"{HOME}?customer={lin}").text


@pytest.mark.parametrize("name", ["note", "from_record"])
def test_the_forms_are_shown(desk: Web, name: str) -> None:
    answer = desk.client("sam").get(f"/operations/knowledge.insight.{name}?customer_id={desk.customers['Wang Lin']}")
    assert answer.status_code == 200
    assert "contact_time" in answer.text or "topic" in answer.text


def test_an_interaction_offers_to_note_what_it_says(desk: Web) -> None:
    lin = desk.customers["Wang Lin"]
    said = run(desk.crm, "interaction.record", customer_id=lin, kind="note", body="Mornings")
    text = desk.client("sam").get(f"/records/interaction/{said.id}").text
    assert "/operations/knowledge.insight.from_record?" in text


def test_a_form_notes_something(desk: Web) -> None:
    client, lin = desk.client("sam"), desk.customers["Wang Lin"]
    values = {"customer_id": str(lin), "topic": "delivery", "text": "At the gate", "source": "said"}
    answer = client.post("/operations/knowledge.insight.note", values)
    assert answer.status_code in (200, 303)
    assert "At the gate" in client.get(f"{HOME}?customer={lin}").text


def test_a_record_says_what_happened(desk: Web) -> None:
    lin = desk.customers["Wang Lin"]
    first = run(desk.crm, "knowledge.insight.note", customer_id=lin, topic="contact_way", text="Mail")
    second = run(desk.crm, "knowledge.insight.note", customer_id=lin, topic="contact_way", text="Phone")
    text = desk.client("sam").get(f"/records/knowledge.insight/{first.id}").text
    assert f"/records/knowledge.insight/{second.id}" in text
    assert "What holds instead" in text


def test_the_panel_says_what_holds_and_how_surely(base: Base) -> None:
    lin, wang, nobody = customer(base), customer(base, "Wang"), customer(base, "Nobody")
    noted(base, lin, "packaging", "No plastic", source="observed")
    noted(base, lin, "allergy", "Nuts")
    act(base, "withdraw", noted(base, lin, "allergy", "Milk"))
    promised(base, lin, 2)
    promised(base, wang, 1)
    base.clock.advance(days=2)
    with base.crm.session(base.actor()) as session:
        found = {each.customer_id: each for each in customer_panels(session, [lin, wang, nobody])}
    assert set(found) == {lin, wang}
    assert found[lin].rows == (
        ("Follow-up", "We call back"),
        ("Promised for", "2027-03-03"),
        ("Allergy", "Nuts"),
        ("Said by the customer", "95 %"),
        ("Packaging", "No plastic"),
        ("Observed", "75 % · → 2029-02-28"),
    )
    assert found[wang].rows == (("Follow-up", "We call back"), ("Overdue since", "2027-03-02"))


def test_the_first_page_has_ones_own_promises(base: Base) -> None:
    lin = customer(base, owner="mia")
    promised(base, lin, 2, by="mia")
    promised(base, lin, 1, owner_id=base.users["max"])
    with base.crm.session(base.actor("mia")) as session:
        assert [each.title for each in due_lines(session)] == ["We call back"]
        page = insights_page(session, {"mine": "1"})
        assert (1, True) == (len(page["promises"]), page["mine"])
        assert 2 == len(insights_page(session, {})["promises"])
