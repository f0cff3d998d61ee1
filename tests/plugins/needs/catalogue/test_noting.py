"""Writing a need down where it was heard: offered on the pages of what says it, and only to whom may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from crmkit_needs.catalogue.models import Evidence, Need
from sqlalchemy import select

from crmkit import Actor, InvalidInput, NotFound
from tests.conftest import Templates
from tests.plugins.needs.catalogue.test_records import NOBODY, WORDS, recorded, run
from tests.web.conftest import Web, behind_doors

SYSTEM = Actor.system("a test")
FORM = "/operations/needs.need.from_record"
HEARD = ["interaction", "service.case", "feedback.feedback", "sales.opportunity"]


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base with people, with needs and all in which customers say something."""
    with behind_doors(templates, "sqlite", tmp_path, "sales", "service", "feedback", "needs") as web:
        yield web


def where(resource: str, record: Any) -> list[str]:
    """Return the pages on which a record is read."""
    own = {
        "interaction": f"/customers/{record.customer_id}/timeline",
        "service.case": f"/modules/service/case?id={record.id}",
        "feedback.feedback": f"/modules/feedback/item?id={record.id}",
    }
    return [f"/records/{resource}/{record.id}", *filter(None, [own.get(resource)])]


def offered(page: str) -> list[str]:
    """Return the records with which a page offers to write a need down."""
    links = [part.split('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:]]
    return [parse_qs(urlsplit(each).query)["record"][0] for each in links if FORM in each]


@pytest.mark.parametrize("resource", HEARD)
def test_the_pages_of_what_says_it_offer_to_write_a_need_down(desk: Web, resource: str) -> None:
    ada = run(desk.crm, "customer.create", name="Ada", owner_id=desk.users["mia"])
    record = recorded(desk.crm, resource, ada.id)
    client = desk.client("ada")
    for path in where(resource, record):
        shown = client.part(path) if path.endswith("/timeline") else client.get(path)
        assert (path, shown.status_code) == (path, 200)
        assert offered(shown.text) == [f"{resource}:{record.id}"], path


def test_the_button_opens_a_form_that_writes_a_need_and_its_evidence_down(desk: Web) -> None:
    ada = run(desk.crm, "customer.create", name="Ada", owner_id=desk.users["mia"])
    case = recorded(desk.crm, "service.case", ada.id)
    client = desk.client("ada")
    form = client.get(FORM, params={"record": f"service.case:{case.id}"})
    assert f'value="service.case:{case.id}"' in form.text
    answer = client.post(FORM, {"record": f"service.case:{case.id}", "title": "Glass that holds", "importance": "4"})
    assert answer.status_code == 303
    with desk.crm.session(SYSTEM) as session:
        (need,) = session.scalars(select(Need)).all()
        (evidence,) = session.scalars(select(Evidence)).all()
        assert (need.title, evidence.need_id, evidence.customer_id) == ("Glass that holds", need.id, ada.id)
        assert (evidence.source, evidence.quote, evidence.importance) == ("case", WORDS, 4)


def test_who_may_not_write_needs_down_is_not_offered_it(desk: Web) -> None:
    ada = run(desk.crm, "customer.create", name="Ada", owner_id=desk.users["mia"])
    record = recorded(desk.crm, "interaction", ada.id)
    shown = desk.client("ann").get(f"/records/interaction/{record.id}")
    assert shown.status_code == 200
    assert offered(shown.text) == []


def test_what_is_known_already_gets_evidence_and_no_second_need(desk: Web) -> None:
    ada = run(desk.crm, "customer.create", name="Ada")
    need = run(desk.crm, "needs.need.create", title="Glass")
    record = f"interaction:{recorded(desk.crm, 'interaction', ada.id).id}"
    assert run(desk.crm, "needs.need.from_record", record=record, need_id=need.id).id == need.id
    with desk.crm.session(SYSTEM) as session:
        assert [each.need_id for each in session.scalars(select(Evidence))] == [need.id]


def test_neither_a_need_nor_a_title_is_refused_and_nothing_is_written(desk: Web) -> None:
    ada = run(desk.crm, "customer.create", name="Ada")
    record = f"interaction:{recorded(desk.crm, 'interaction', ada.id).id}"
    with pytest.raises(InvalidInput):
        run(desk.crm, "needs.need.from_record", record=record, title="  ")
    with pytest.raises(NotFound):
        run(desk.crm, "needs.need.from_record", record=record, need_id=NOBODY)
    with pytest.raises(NotFound):
        run(desk.crm, "needs.need.from_record", record=f"service.case:{NOBODY}", title="Glass")
    with desk.crm.session(SYSTEM) as session:
        assert session.scalars(select(Need)).all() == []
