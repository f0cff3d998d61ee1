"""What is stale or has proved wrong is verified by somebody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from crmkit_quality.scores.checking import check_all
from crmkit_quality.scores.models import CustomerScore
from crmkit_quality.staleness import raising
from crmkit_quality.staleness.models import Verification
from sqlalchemy import select, update

from crmkit.app import CRM
from crmkit.core.customers.models import ContactPoint
from crmkit.errors import Conflict, InvalidInput, NotFound, Refused
from tests.plugins.quality.conftest import SYSTEM, add, person

LONG_AGO = datetime.now(UTC) - timedelta(days=4000)


def age(crm: CRM) -> None:
    """Make all contact points old."""
    table: Any = ContactPoint.__table__
    with crm.engines.system_write.begin() as connection:
        connection.execute(update(table).values(updated_at=LONG_AGO))


def verifications(crm: CRM, actor: Any = SYSTEM) -> list[Verification]:
    """Return the verifications that somebody sees, by field."""
    with crm.session(actor) as session:
        return list(session.scalars(select(Verification).order_by(Verification.about, Verification.id)))


def timeliness(crm: CRM, customer: Any, about: str) -> float:
    """Return how fresh a field of a customer is."""
    with crm.session(SYSTEM) as session:
        found = session.scalars(select(CustomerScore).where(CustomerScore.customer_id == customer)).one()
        return float(found.cells[about]["timeliness"])


def test_what_is_stale_is_to_be_verified(quality: CRM) -> None:
    """By the customer's owner, each field once; found right it is fresh again."""
    sam = person(quality, "sam", "seller")
    customer = add(quality, "Ada", email="ada@example.com", phone="+442079460000", owner_id=sam.user_id)
    age(quality)
    check_all(quality)
    assert quality.run(SYSTEM, "quality.verification.raise") == 2
    assert quality.run(SYSTEM, "quality.verification.raise") == 0
    found = verifications(quality, sam)
    assert [(each.about, each.reason, each.owner_id) for each in found] == [
        ("email", "stale", sam.user_id),
        ("phone", "stale", sam.user_id),
    ]
    quality.run(sam, "quality.verification.finish", {"outcome": "confirmed"}, target=found[0].id)
    quality.worker().run_until_idle()
    assert timeliness(quality, customer, "email") > 0.99
    assert timeliness(quality, customer, "phone") < 0.1


def test_nobody_is_flooded(lite: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many a day for each owner, and for all together."""
    sam = person(lite, "sam", "seller")
    for number in range(4):
        add(lite, f"Ada {number}", email=f"a{number}@example.com", owner_id=sam.user_id if number else None)
    age(lite)
    check_all(lite)
    monkeypatch.setattr(raising, "settings_of", lambda _settings: _limits(verify_per_owner=2))
    assert lite.run(SYSTEM, "quality.verification.raise") == 3
    monkeypatch.setattr(raising, "settings_of", lambda _settings: _limits(verify_per_day=3))
    assert lite.run(SYSTEM, "quality.verification.raise") == 0
    monkeypatch.setattr(raising, "settings_of", lambda _settings: _limits())
    assert lite.run(SYSTEM, "quality.verification.raise") == 1


def _limits(**values: Any) -> Any:
    from crmkit_quality.settings import QualitySettings

    return QualitySettings(**values)


def test_a_message_that_came_back_casts_doubt(quality: CRM) -> None:
    """The contact point is no longer verified, its field counts as stale, and somebody is to find out, once."""
    customer = add(quality, "Ada", email="Ada@Example.com")
    with quality.session(SYSTEM) as session:
        point = session.scalars(select(ContactPoint.id)).one()
    quality.run(SYSTEM, "contact_point.verify", target=point)
    done = quality.run(SYSTEM, "quality.bounce.note", {"address": " ada@example.COM"})
    again = quality.run(SYSTEM, "quality.bounce.note", {"address": "ada@example.com"})
    assert ((done.contact_points, done.verifications), again.verifications) == ((1, 1), 0)
    check_all(quality)
    assert timeliness(quality, customer, "email") == 0.0
    (found,) = verifications(quality)
    assert (found.reason, found.contact_point_id) == ("bounced", point)
    with quality.session(SYSTEM) as session:
        assert session.get_one(ContactPoint, point).verified_at is None
    quality.run(SYSTEM, "quality.verification.finish", {"outcome": "confirmed"}, target=found.id)
    with quality.session(SYSTEM) as session:
        assert session.get_one(ContactPoint, point).verified_at is not None


def test_an_address_that_nobody_has_leads_to_nothing(lite: CRM) -> None:
    """And tells nothing of who has one that the actor does not see."""
    sam = person(lite, "sam", "seller")
    add(lite, "Ada", email="ada@example.com")
    for address in ("nobody@example.com", "ada@example.com", "no address"):
        done = lite.run(sam, "quality.bounce.note", {"address": address})
        assert (done.contact_points, done.verifications) == (0, 0)
    assert verifications(lite) == []


def test_somebody_can_ask(lite: CRM) -> None:
    """For a field that there is, of a customer that there is; it is finished once."""
    customer = add(lite, "Ada")
    asked = lite.run(SYSTEM, "quality.verification.create", {"customer_id": customer, "about": "address"})
    assert asked.due_on == datetime.now(UTC).date() + timedelta(days=14)
    with pytest.raises(InvalidInput):
        lite.run(SYSTEM, "quality.verification.create", {"customer_id": customer, "about": "shoe size"})
    with pytest.raises(NotFound):
        lite.run(SYSTEM, "quality.verification.create", {"customer_id": asked.id, "about": "address"})
    lite.run(SYSTEM, "quality.verification.drop", target=asked.id)
    with pytest.raises(Conflict):
        lite.run(SYSTEM, "quality.verification.finish", {"outcome": "changed"}, target=asked.id)


def test_verifications_of_others_are_not_seen(quality: CRM) -> None:
    """Nor finished; and only the system raises them for everybody."""
    sam, sue = person(quality, "sam", "seller"), person(quality, "sue", "seller")
    customer = add(quality, "Ada", owner_id=sue.user_id)
    asked = quality.run(SYSTEM, "quality.verification.create", {"customer_id": customer, "about": "name"})
    assert verifications(quality, sam) == []
    with pytest.raises(NotFound):
        quality.run(sam, "quality.verification.finish", {"outcome": "confirmed"}, target=asked.id)
    with pytest.raises(Refused):
        quality.run(sam, "quality.verification.raise")
