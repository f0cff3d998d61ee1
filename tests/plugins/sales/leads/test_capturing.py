"""What comes in from other systems: once, about one customer, with its consents, for whoever may see whom."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_sales.leads.models import Lead
from sqlalchemy import func, select

from crmkit import Consent, Customer, Interaction
from crmkit.errors import InvalidInput, NotFound
from tests.plugins.sales.leads.house import SYSTEM, House

LI = {"name": "Li Na", "email": "li@tea.example", "phone": "+8613800138000", "company": "Leaf Ltd", "need": "Green tea"}


def capture(house: House, by: str = "", **values: Any) -> Any:
    """Take somebody in."""
    return house.run("sales.lead.capture", {**LI, **values}, by=by)


def number_of(house: House, model: Any) -> int:
    """Return how many there are."""
    with house.crm.session(SYSTEM) as session:
        return session.scalar(select(func.count()).select_from(select(model.id).subquery())) or 0


def test_somebody_unknown_becomes_a_potential_customer_with_a_lead(houses: House) -> None:
    """With the ways to reach them, their company, the need, and an entry in the timeline."""
    inquiry = capture(houses)
    with houses.crm.session(SYSTEM) as session:
        customer = session.get_one(Customer, inquiry.customer_id)
        assert (customer.name, customer.standing) == ("Li Na", "potential")
        assert sorted(str(point.value) for point in customer.contact_points) == ["+8613800138000", "li@tea.example"]
        assert customer.parent_id is not None
        lead = session.get_one(Lead, inquiry.lead_id)
        assert (lead.state, lead.need) == ("new", "Green tea")
        (entry,) = session.scalars(select(Interaction).where(Interaction.customer_id == customer.id)).all()
        assert (entry.kind, entry.body) == ("sales.inquiry", "Green tea")


def test_the_same_external_id_counts_once(houses: House) -> None:
    """However often the sender repeats it."""
    first, again = (capture(houses, external_source="shop", external_id="17") for _number in range(2))
    assert first.id == again.id
    assert (number_of(houses, Lead), number_of(houses, Interaction)) == (1, 1)


def test_who_is_known_is_never_added_again(houses: House) -> None:
    """Not by the address in other letters, nor by the number alone; the open lead is the one that there is."""
    first = capture(houses, intent="low")
    for values in ({"email": "LI@Tea.example", "need": "And cups"}, {"email": "", "phone": "138 0013 8000"}):
        again = capture(houses, **values)
        assert (again.customer_id, again.lead_id) == (first.customer_id, first.lead_id)
    with houses.crm.session(SYSTEM) as session:
        lead = session.get_one(Lead, first.lead_id)
        assert lead.need == "Green tea\n\nAnd cups\n\nGreen tea"
        assert lead.intent == "low"


def test_a_number_that_several_share_is_nobody_s_name(house: House) -> None:
    """With another address and another name it is somebody else at the same telephone."""
    first = capture(house)
    other = capture(house, name="Wang Wei", email="wang@tea.example")
    assert first.customer_id != other.customer_id


def test_who_sends_learns_of_nobody_and_still_doubles_nobody(house: House) -> None:
    """A marketer who sees none of the customers takes somebody in who is another's: it is settled afterwards."""
    known = house.run("customer.create", {"name": "Li Na", "email": "li@tea.example"}).id
    inquiry = capture(house, by="max")
    assert (inquiry.state, inquiry.customer_id) == ("waiting", None)
    house.work()
    (settled,) = house.inquiries()
    assert (settled.state, settled.customer_id) == ("settled", known)
    assert settled.answers is None


def test_consents_are_recorded_with_their_proof(houses: House) -> None:
    """What was withdrawn stays so: anybody can type somebody's address."""
    inquiry = capture(houses, consents=["marketing"], evidence="Box ticked at the fair")
    with houses.crm.session(SYSTEM) as session:
        (entry,) = session.scalars(select(Consent).where(Consent.customer_id == inquiry.customer_id)).all()
        assert (entry.purpose, entry.granted, entry.evidence) == ("marketing", True, "Box ticked at the fair")
    houses.time.advance(days=1)
    houses.run("consent.record", {"purpose": "marketing", "granted": False}, target=inquiry.customer_id)
    houses.time.advance(days=1)
    capture(houses, consents=["marketing"])
    assert number_of(houses, Consent) == 2


def test_what_is_known_of_a_customer_is_not_changed_by_strangers(house: House) -> None:
    """Who types the address of a customer changes neither name nor number."""
    known = house.run("customer.create", {"name": "Li Xiuying", "email": "li@tea.example"}).id
    capture(house)
    with house.crm.session(SYSTEM) as session:
        customer = session.get_one(Customer, known)
        assert customer.name == "Li Xiuying"
        assert [point.kind for point in customer.contact_points] == ["email"]


def test_what_cannot_be_settled_is_kept_with_its_code(house: House) -> None:
    """It fails alone, and can be taken in once that is mended."""
    capture(house, by="max", queue="nowhere")
    house.work()
    (failed,) = house.inquiries()
    assert (failed.state, failed.problem) == ("failed", NotFound.code)
    house.run("work.queue.create", {"name": "nowhere"})
    house.run("sales.inquiry.settle", by="max", target=failed.id)
    house.work()
    assert house.inquiries()[0].state == "settled"


def test_somebody_who_cannot_be_reached_is_refused(house: House) -> None:
    """And so are a source and a purpose that there are not."""
    with pytest.raises(InvalidInput):
        house.run("sales.lead.capture", {"name": "Nobody"})
    with pytest.raises(NotFound):
        capture(house, source="nowhere")
    with pytest.raises(InvalidInput):
        capture(house, consents=["world peace"])
