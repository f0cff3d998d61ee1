"""Cleaning in bulk: shown before, audited, and taken back."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_quality.cleaning import operations
from crmkit_quality.cleaning.cleaners import chosen
from crmkit_quality.cleaning.finding import preview
from crmkit_quality.cleaning.models import Cleaning, CleaningChange
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select, text

from crmkit.app import CRM
from crmkit.core.customers.models import Customer
from crmkit.errors import Conflict, Refused
from tests.plugins.quality.conftest import SYSTEM, add, person

FIELDS = (
    "name", "name_key", "sort_name", "family_name", "given_name", "middle_name", "salutation", "job_title", "gender",
    "province", "city", "occupation",
)  # fmt: skip


def state(crm: CRM) -> list[Any]:
    """Return everything of customers that a cleaning could change."""
    with crm.session(SYSTEM) as session:
        return [
            [getattr(each, name) for name in FIELDS] + [(p.kind, p.value, p.verified_at) for p in each.contact_points]
            for each in session.scalars(select(Customer).order_by(Customer.id))
        ]


def messy(crm: CRM) -> None:
    """Add customers who want cleaning."""
    add(crm, " ADA  LOVELACE", family_name="LOVELACE", given_name="ADA", email="Ada@Example.COM", job_title="n/a")
    add(crm, "王伟先生", phone="+8613800138000", country="CN", province="浙江", city="杭州", gender="男")
    add(crm, "Fine")


def test_a_preview_changes_nothing(lite: CRM) -> None:
    """It says what would be changed of whom, and how often by which cleaner."""
    messy(lite)
    before = state(lite)
    with lite.session(SYSTEM) as session:
        found = preview(session, chosen(()), rows=1)
    assert (found.looked_at, found.changed, len(found.rows)) == (3, 2, 1)
    assert found.by_cleaner["places"] == 2
    first = {each.about: (each.before, each.after) for each in found.rows[0].changes}
    assert first["name"] == (" ADA  LOVELACE", "Ada Lovelace")
    assert first["email"] == ("Ada@Example.COM", "ada@example.com")
    assert state(lite) == before


def test_clean_then_undo_is_the_identity(quality: CRM) -> None:
    """Also of what follows from a name, and of contact points that were verified."""
    messy(quality)
    before = state(quality)
    done = quality.run(SYSTEM, "quality.cleaning.run", {})
    assert (done.state, done.looked_at, done.changed, done.refused) == ("done", 3, 2, 0)
    assert state(quality)[0][0] == "Ada Lovelace"
    assert quality.run(SYSTEM, "quality.cleaning.run", {}).changed == 0
    undone = quality.run(SYSTEM, "quality.cleaning.undo", target=done.id)
    assert undone.kept == 0
    assert state(quality) == before


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": st.text("ADAada 王伟先生Dr.Ｌｉ\u3000'-", min_size=1, max_size=12).filter(str.strip),
                "gender": st.sampled_from(["男", "F", "other", None]),
                "city": st.sampled_from(["杭州", "Hangzhou", " x ", None]),
                "job_title": st.sampled_from(["n/a", " CEO ", "-", None]),
            }
        ),
        min_size=1,
        max_size=4,
    )
)
def test_undo_restores_any_customers(lite: CRM, customers: list[dict[str, Any]]) -> None:
    """Whatever was cleaned of them."""
    for values in customers:
        add(lite, **values)
    before = state(lite)
    done = lite.run(SYSTEM, "quality.cleaning.run", {})
    lite.run(SYSTEM, "quality.cleaning.undo", target=done.id)
    assert state(lite) == before


def test_what_was_changed_since_stays(lite: CRM) -> None:
    """Somebody's own change is not taken back; the rest of the customer is."""
    messy(lite)
    done = lite.run(SYSTEM, "quality.cleaning.run", {"where": "customer.gender == '男'"})
    with lite.session(SYSTEM) as session:
        customer = session.scalars(select(Customer.id).where(Customer.name == "王伟")).one()
    lite.run(SYSTEM, "customer.update", {"city": "宁波市"}, target=customer)
    undone = lite.run(SYSTEM, "quality.cleaning.undo", target=done.id)
    assert undone.kept == 1
    with lite.session(SYSTEM) as session:
        found = session.get_one(Customer, customer)
        assert (found.name, found.gender, found.city) == ("王伟先生", "男", "宁波市")
    with pytest.raises(Conflict):
        lite.run(SYSTEM, "quality.cleaning.undo", target=done.id)


def test_a_condition_says_who_is_cleaned(lite: CRM) -> None:
    """The others stay as they are."""
    messy(lite)
    done = lite.run(SYSTEM, "quality.cleaning.run", {"where": "contact.has_email", "cleaners": ["spaces"]})
    assert (done.looked_at, done.changed, done.counts) == (1, 1, {"spaces": 1})
    assert state(lite)[1][0] == "王伟先生"


def test_a_job_cleans_what_is_left(lite: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    """It acts as whoever began, and goes on to the end."""
    monkeypatch.setattr(operations, "SLICE", 1)
    monkeypatch.setattr(operations, "AT_ONCE", 1)
    mia = person(lite, "mia", "manager")
    for name in ("  A  B ", " C", "Fine"):
        add(lite, name, owner_id=mia.user_id)
    done = lite.run(mia, "quality.cleaning.run", {})
    assert done.state == "running"
    lite.worker().run_until_idle()
    with lite.session(SYSTEM) as session:
        found = session.get_one(Cleaning, done.id)
        assert (found.state, found.looked_at, found.changed) == ("done", 3, 2)


def test_a_cleaning_is_in_the_history_and_sealed(quality: CRM) -> None:
    """Contact points before and after are kept sealed, and the customer has another version."""
    messy(quality)
    quality.run(SYSTEM, "quality.cleaning.run", {})
    with quality.engines.system_read.connect() as connection:
        stored = connection.execute(text("SELECT * FROM quality_cleaning_change")).all()
    assert stored
    assert "example" not in repr(stored).casefold()
    with quality.session(SYSTEM) as session:
        customer = session.scalars(select(Customer).where(Customer.name == "Ada Lovelace")).one()
        assert customer.version > 1


def test_others_customers_are_neither_shown_nor_cleaned(quality: CRM) -> None:
    """Who sees fields masked cannot clean at all; a manager cleans the own customers alone."""
    analyst, mia = person(quality, "ann", "analyst"), person(quality, "mia", "manager")
    messy(quality)
    add(quality, "  MINE  ALONE ", owner_id=mia.user_id)
    with pytest.raises(Refused):
        quality.run(analyst, "quality.cleaning.run", {})
    with quality.session(mia) as session:
        assert [row.name for row in preview(session, chosen(())).rows] == ["  MINE  ALONE "]
    done = quality.run(mia, "quality.cleaning.run", {})
    assert (done.looked_at, done.changed) == (1, 1)
    with quality.session(mia) as session:
        assert len({each.customer_id for each in session.scalars(select(CleaningChange))}) == 1
