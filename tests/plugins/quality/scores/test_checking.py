"""Checking customers: their scores, by owner and source, with their history, as facts and as a dimension."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_quality.scores import checking
from crmkit_quality.scores.checking import check_all
from crmkit_quality.scores.models import CustomerScore, QualityFigure
from crmkit_quality.scores.reading import quality_report
from sqlalchemy import select

from crmkit import customers_where
from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from tests.plugins.quality.conftest import SYSTEM, add, person

GOOD: dict[str, Any] = {
    "email": "ada@example.com",
    "phone": "+442079460000",
    "country": "GB",
    "city": "London",
    "language": "en",
    "source": "shop",
    "birth_date": "1980-05-05",
}


def scores(crm: CRM, actor: Actor = SYSTEM) -> dict[Any, CustomerScore]:
    """Return the scores by customer, as somebody sees them."""
    with crm.session(actor) as session:
        return {each.customer_id: each for each in session.scalars(select(CustomerScore))}


def test_a_better_record_has_a_better_score(quality: CRM) -> None:
    """Each aspect is measured: what is missing, wrong, shared with another, contradictory."""
    good = add(quality, "Ada Lovelace", **GOOD)
    bad = add(quality, "n/a", phone="+8613800138000", country="CN", province="浙江省", city="苏州")
    twin = add(quality, "Wei Wang", phone="+8613800138000")
    report = check_all(quality)
    found = scores(quality)
    assert report.customers == 3
    assert found[good].score > found[bad].score
    assert found[good].cells["phone"]["uniqueness"] == 1.0
    assert (found[bad].cells["phone"]["uniqueness"], found[twin].cells["phone"]["uniqueness"]) == (0.0, 0.0)
    assert found[bad].cells["name"]["validity"] == 0.0
    assert found[bad].cells["city"]["consistency"] == 0.5
    assert found[good].cells["email"]["completeness"] == 1.0
    assert all(0 <= each.score <= 1 for each in found.values())


def test_identity_and_registration_numbers_are_unique(quality: CRM) -> None:
    """Who shares one is found without opening anything."""
    number = {"identity_kind": "resident_id", "identity_number": "11010519491231002X"}
    one, two = add(quality, "Wei Wang", **number), add(quality, "Wang Wei", **number)
    firm = add(quality, "Acme", kind="organization", registration_number="X1", country="GB")
    other = add(quality, "Acme Ltd", kind="organization", registration_number="X1", country="GB")
    check_all(quality)
    found = scores(quality)
    assert [found[each].cells["identity_number"]["uniqueness"] for each in (one, two)] == [0.0, 0.0]
    assert [found[each].cells["registration_number"]["uniqueness"] for each in (firm, other)] == [0.0, 0.0]


def test_slices_are_the_same_as_the_whole(lite: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few customers a transaction takes; and the job does what the command does."""
    for number in range(7):
        add(lite, f"Ada {number}", email=f"a{number}@example.com" if number % 2 else None)
    whole = check_all(lite)
    before = {customer: each.cells for customer, each in scores(lite).items()}
    monkeypatch.setattr(checking, "SLICE", 2)
    lite.run(SYSTEM, "quality.check.run")
    lite.worker().run_until_idle()
    assert {customer: each.cells for customer, each in scores(lite).items()} == before
    with lite.session(SYSTEM) as session:
        trend = quality_report(session).trend
    assert [each.customers for each in trend] == [7, 7]
    assert trend[-1].score == pytest.approx(whole.score, abs=1e-6)


def test_customers_who_change_are_checked_soon_after(quality: CRM) -> None:
    """By a subscription: nobody has to wait for the night."""
    customer = add(quality, "n/a")
    quality.worker().run_until_idle()
    before = scores(quality)[customer]
    quality.run(SYSTEM, "customer.update", {"name": "Ada Lovelace", "email": "ada@example.com"}, target=customer)
    quality.worker().run_until_idle()
    after = scores(quality)[customer]
    assert before.errors > after.errors
    assert before.score < after.score


def test_who_is_deleted_is_not_counted(lite: CRM) -> None:
    """Neither in scores nor in violations, and is again when restored."""
    customer = add(lite, "n/a")
    check_all(lite)
    lite.run(SYSTEM, "customer.delete", target=customer)
    assert check_all(lite).customers == 0
    assert scores(lite) == {}


def test_the_report_groups_by_owner_and_source(quality: CRM) -> None:
    """The worst stand first; what came from another system without saying how is of that system."""
    sam = person(quality, "sam", "seller")
    add(quality, "Ada Lovelace", owner_id=sam.user_id, **GOOD)
    add(quality, "n/a", external_id="7", identifier_source="legacy")
    check_all(quality)
    with quality.session(SYSTEM) as session:
        found = quality_report(session)
    assert [each.title for each in found.owners] == ["Nobody", "Sam"]
    assert [each.key for each in found.sources] == ["legacy", "shop"]
    assert found.overall.customers == 2
    assert {each.rule for each in found.violations} >= {"name", "reachable"}
    assert found.checked_at is not None


def test_each_sees_the_scores_of_the_own_customers(quality: CRM) -> None:
    """Of others neither scores nor figures, and the course of all is for who sees all."""
    sam, sue = person(quality, "sam", "seller"), person(quality, "sue", "seller")
    mine = add(quality, "Ada Lovelace", owner_id=sam.user_id, **GOOD)
    add(quality, "n/a", owner_id=sue.user_id, source="secret source")
    check_all(quality)
    assert set(scores(quality, sam)) == {mine}
    with quality.session(sam) as session:
        found = quality_report(session)
        figures = session.scalars(select(QualityFigure)).all()
    assert found.overall.customers == 1
    assert [each.key for each in found.sources] == ["shop"]
    assert found.trend == ()
    assert {each.owner_id for each in figures} == {sam.user_id}


def test_quality_is_a_fact_and_a_dimension(quality: CRM) -> None:
    """Conditions speak of it, and customers are classified by it."""
    good = add(quality, "Ada Lovelace", **GOOD)
    poor = add(quality, "n/a")
    check_all(quality)
    with quality.session(SYSTEM) as session:
        found = set(session.scalars(customers_where(session, "quality.score < 0.6 and quality.errors > 0")))
    assert found == {poor}
    quality.run(SYSTEM, "classification.run", {})
    with quality.session(SYSTEM) as session:
        assert set(session.scalars(customers_where(session, 'label.quality == "good"'))) == {good}
        assert set(session.scalars(customers_where(session, 'label.quality == "poor"'))) == {poor}


def test_a_condition_names_only_whom_its_reader_sees(lite: CRM) -> None:
    """And among others nobody."""
    sam = person(lite, "sam", "seller")
    mine, other = add(lite, "A", owner_id=sam.user_id), add(lite, "B")
    with lite.session(sam) as session:
        assert list(session.scalars(customers_where(session, "true"))) == [mine]
        assert list(session.scalars(customers_where(session, "true", among=[other]))) == []
