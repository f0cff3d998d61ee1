"""Handing leads from marketing to sales: who is asked, what they answer, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_sales.leads.display import offered_to_me, waiting_count

from crmkit import Customer
from crmkit.errors import Conflict, InvalidInput, NotFound, Refused
from tests.plugins.sales.leads.house import SYSTEM, House


def qualified(house: House, **values: Any) -> Any:
    """Return a lead that marketing has qualified."""
    lead = house.lead(**values)
    return house.run("sales.lead.qualify", by="max", target=lead.id)


def test_a_seller_accepts_a_lead_and_gets_its_customer(houses: House) -> None:
    """From the offer until the answer nothing changes hands; afterwards the customer is the seller's."""
    ada = houses.customer()
    lead = qualified(houses, customer_id=ada, title="Wholesale")
    houses.run("sales.lead.offer", {"queue": "desk"}, by="max", target=lead.id)
    offered = houses.read(lead)
    assert (offered.state, offered.owner_id) == ("offered", houses.people["sam"].user_id)
    with houses.crm.session(houses.people["sam"]) as session:
        assert [each.title for each in offered_to_me(session)] == ["Wholesale"]
        assert waiting_count(session) == 1
        assert session.get(Customer, ada) is None
    houses.time.advance(minutes=30)
    houses.run("sales.lead.accept", by="sam", target=lead.id)
    houses.work()
    with houses.crm.session(houses.people["sam"]) as session:
        assert session.get_one(Customer, ada).owner_id == houses.people["sam"].user_id
    assert houses.read(lead).state == "accepted"
    assert houses.causes(lead) == ["opened", "qualified", "offered", "accepted"]


def test_a_lead_is_rejected_with_a_reason(houses: House) -> None:
    """It goes back to who has offered it, and can be offered again."""
    lead = qualified(houses)
    houses.run("sales.lead.offer", {"user_id": houses.people["sue"].user_id}, by="max", target=lead.id)
    with pytest.raises(InvalidInput):
        houses.run("sales.lead.reject", {"reason": " "}, by="sue", target=lead.id)
    houses.run("sales.lead.reject", {"reason": "A student"}, by="sue", target=lead.id)
    houses.work()
    found = houses.read(lead)
    assert (found.state, found.owner_id) == ("rejected", houses.people["max"].user_id)
    with houses.crm.session(SYSTEM) as session:
        assert session.get_one(type(found), lead.id).reason == "A student"
    houses.run("sales.lead.offer", {"queue": "desk"}, by="max", target=lead.id)
    assert houses.read(lead).state == "offered"


def test_only_who_is_asked_answers(house: House) -> None:
    """Neither a colleague nor who has offered it."""
    lead = qualified(house)
    house.run("sales.lead.offer", {"user_id": house.people["sam"].user_id}, by="max", target=lead.id)
    with pytest.raises((Refused, NotFound)):
        house.run("sales.lead.accept", by="sue", target=lead.id)
    with pytest.raises((Refused, NotFound)):
        house.run("sales.lead.accept", by="mia", target=lead.id)
    assert house.read(lead).state == "offered"


def test_what_is_not_answered_in_time_goes_to_somebody_else(houses: House) -> None:
    """And to nobody twice: when everybody was asked it is back with marketing, who is told."""
    lead = qualified(houses)
    houses.run("sales.lead.offer", {"queue": "desk", "accept_minutes": 60}, by="max", target=lead.id)
    first = houses.read(lead).owner_id
    houses.time.advance(minutes=61)
    houses.work()
    second = houses.read(lead)
    assert second.state == "offered"
    assert {first, second.owner_id} == {houses.people["sam"].user_id, houses.people["sue"].user_id}
    houses.time.advance(minutes=61)
    houses.work()
    last = houses.read(lead)
    assert (last.state, last.owner_id) == ("marketing_qualified", houses.people["max"].user_id)
    assert houses.causes(lead) == ["opened", "qualified", "offered", "missed", "offered", "missed", "updated"]


def test_an_offer_to_just_one_person_stays_theirs(house: House) -> None:
    """Late is not too late where nobody else was to be asked."""
    lead = qualified(house)
    house.run("sales.lead.offer", {"user_id": house.people["sam"].user_id, "accept_minutes": 60}, by="max",
              target=lead.id)  # fmt: skip
    house.time.advance(minutes=61)
    house.work()
    assert (house.read(lead).state, house.causes(lead)[-1]) == ("offered", "missed")
    house.run("sales.lead.accept", by="sam", target=lead.id)
    assert house.read(lead).state == "accepted"


def test_an_answer_on_the_page_of_hand_offs_counts(house: House) -> None:
    """The lead follows its hand-off, wherever that was answered."""
    lead = qualified(house)
    offered = house.run("sales.lead.offer", {"queue": "desk"}, by="max", target=lead.id)
    house.run("work.handoff.accept", by="sam", target=offered.handoff_id)
    house.work()
    assert (house.read(lead).state, house.read(lead).owner_id) == ("accepted", house.people["sam"].user_id)


def test_an_offer_is_withdrawn(house: House) -> None:
    """Marketing has it back, and nobody can accept it any more."""
    lead = qualified(house)
    house.run("sales.lead.offer", {"queue": "desk"}, by="max", target=lead.id)
    house.run("sales.lead.withdraw", by="max", target=lead.id)
    assert house.read(lead).state == "marketing_qualified"
    with pytest.raises((Conflict, Refused, NotFound)):
        house.run("sales.lead.accept", by="sam", target=lead.id)


def test_a_customer_of_somebody_else_is_shared(house: House) -> None:
    """Its owner keeps it; who accepts sees it."""
    ada = house.customer(owner_id=str(house.people["sue"].user_id))
    lead = qualified(house, customer_id=ada)
    house.run("sales.lead.offer", {"user_id": house.people["sam"].user_id}, by="max", target=lead.id)
    house.run("sales.lead.accept", by="sam", target=lead.id)
    house.work()
    with house.crm.session(house.people["sam"]) as session:
        assert session.get_one(Customer, ada).owner_id == house.people["sue"].user_id
