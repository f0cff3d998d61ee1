"""Scores out of the base: of all and of some, now and as of another day, told when a threshold is crossed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from crmkit_sales.scoring.calculating import Scored
from crmkit_sales.scoring.collecting import scores_at
from crmkit_sales.scoring.criteria import definition_of
from crmkit_sales.scoring.models import Score, ScoreModel
from crmkit_sales.scoring.reading import explained, explained_as_of
from crmkit_sales.scoring.running import in_use
from sqlalchemy import select

from crmkit import catalogue_of, customers_where, moment_of, values_of
from crmkit.errors import Conflict, InvalidInput, NotFound, Refused
from tests.plugins.sales.leads.house import BEGINNING, SYSTEM, House

CALLS: dict[str, Any] = {
    "name": "calls",
    "title": "Calls",
    "fit": [{"words": "In Shanghai", "condition": 'customer.city == "上海"', "points": 5}],
    "behaviour": [
        {"words": "Called", "kind": "call", "direction": "in", "points": 16, "half_life_days": 10},
        {"words": "Bought tea", "kind": "note", "condition": 'outcome == "tea"', "points": 4, "half_life_days": None},
    ],
    "warm": 10,
    "hot": 30,
}


def model(house: House, **values: Any) -> ScoreModel:
    """Add a model, publish it and make it the usual one."""
    made: ScoreModel = house.run("sales.score_model.create", {**CALLS, **values})
    house.run("sales.score_model.publish", target=made.id)
    house.run("sales.score_model.prefer", target=made.id)
    house.work()
    return made


def happens(house: House, customer: UUID, kind: str = "call", days: float = 0, **values: Any) -> UUID:
    """Record that something happened some days after the beginning."""
    at = BEGINNING + timedelta(days=days)
    given = {"kind": kind, "customer_id": customer, "direction": "in", "occurred_at": at, **values}
    found: UUID = house.run("interaction.record", given).id
    return found


def usual(house: House, customer: UUID) -> tuple[Decimal, str] | None:
    """Return the score and the label of somebody by the usual model."""
    with house.crm.session(SYSTEM) as session:
        query = select(Score).join(ScoreModel, ScoreModel.id == Score.model_id).where(ScoreModel.usual)
        found = session.scalar(query.where(Score.customer_id == customer))
        return None if found is None else (found.points, found.label)


def test_somebody_is_scored_at_once_for_what_happens(houses: House) -> None:
    """What fits and what happened give points, each with its reason; what is taken back gives none."""
    ada = houses.customer(city="上海")
    model(houses)
    called = happens(houses, ada)
    happens(houses, ada, "note", outcome="tea")
    happens(houses, ada, "note", outcome="cups")
    happens(houses, ada, direction="out")
    houses.work()
    with houses.crm.session(SYSTEM) as session:
        (found,) = (each for each in explained(session, ada) if each.usual)
        assert [(line.words, line.points, line.count) for line in found.lines] == [
            ("In Shanghai", Decimal(5), 0),
            ("Called", Decimal(16), 1),
            ("Bought tea", Decimal(4), 1),
        ]
        assert (found.points, found.label) == (Decimal(25), "warm")
    houses.run("interaction.reverse", {"reason": "A mistake"}, target=called)
    houses.work()
    assert usual(houses, ada) == (Decimal(9), "warm")


def test_points_fade_though_nothing_happens(houses: House) -> None:
    """The job of the night computes all; the same day explained later has the same points."""
    ada = houses.customer()
    model(houses)
    happens(houses, ada)
    houses.time.advance(days=10)
    houses.work()
    assert usual(houses, ada) == (Decimal(8), "cold")
    with houses.crm.session(SYSTEM) as session:
        then = explained_as_of(session, ada, BEGINNING + timedelta(days=5), datetime.now(UTC))
    assert [(each.model, each.points) for each in then if each.usual] == [("calls", Decimal("11.31"))]


def test_all_at_once_is_each_alone(houses: House) -> None:
    """The statements over everybody and those over some come to the same."""
    people = [houses.customer(f"Customer {number}", city="上海" if number % 3 else "杭州") for number in range(12)]
    model(houses)
    for number, each in enumerate(people):
        for time in range(number % 4):
            happens(houses, each, days=-3 * time - 0.25)
    with houses.crm.session(SYSTEM) as session:
        ((_model, version),) = [found for found in in_use(session) if found[0].usual]
        definition, moment = definition_of(version), moment_of(session, None, datetime.now(UTC))
        whole = scores_at(session, definition, moment)
        alone: dict[UUID, Scored] = {}
        for each in people:
            alone |= scores_at(session, definition, moment, [each])
        assert whole == alone
        assert len({score.points for score in whole.values()}) > 4


def test_crossing_a_threshold_qualifies_the_lead(houses: House) -> None:
    """The event says from where to where; the shipped rule qualifies the open lead of who becomes hot."""
    ada = houses.customer(city="上海")
    model(houses)
    lead = houses.lead(customer_id=ada)
    happens(houses, ada)
    houses.work()
    assert houses.read(lead).state == "new"
    happens(houses, ada)
    houses.work()
    assert usual(houses, ada) == (Decimal(37), "hot")
    assert houses.read(lead).state == "marketing_qualified"
    assert houses.causes(lead) == ["opened", "qualified"]


def test_what_is_learnt_of_a_lead_counts_at_once(house: House) -> None:
    """Intent, budget and time are facts, and so may give points."""
    ada = house.customer()
    model(house, fit=[{"words": "Firm", "condition": 'sales.intent == "high"', "points": 12}])
    lead = house.lead(customer_id=ada)
    house.run("sales.lead.update", {"intent": "high"}, target=lead.id)
    house.work()
    assert usual(house, ada) == (Decimal(12), "warm")


def test_several_models_stand_side_by_side(houses: House) -> None:
    """Each has its own score of the same customer; conditions read them by their names."""
    ada = houses.customer(city="上海")
    model(houses)
    model(houses, name="notes", title="Notes", behaviour=[{"words": "Noted", "kind": "note", "points": 3}], fit=[])
    happens(houses, ada)
    happens(houses, ada, "note", outcome="tea")
    houses.work()
    with houses.crm.session(SYSTEM) as session:
        names = ('sales.score["calls"]', 'sales.score["notes"]', 'sales.score_label["calls"]', "sales.lead_score",
                 "sales.temperature")  # fmt: skip
        refs = [catalogue_of(session).ref(name) for name in names]
        values = values_of(session, refs, [ada], moment_of(session))[ada]
        assert list(values.values()) == [Decimal(25), Decimal(3), "warm", Decimal(3), "cold"]
        found = customers_where(session, 'sales.score["calls"] > 24 and sales.score["notes"] < 4')
        assert session.scalars(found).all() == [ada]


def test_who_is_not_scored_any_more_has_no_score(house: House) -> None:
    """Whoever has become a customer is no lead any more."""
    ada = house.customer(city="上海")
    model(house)
    happens(house, ada)
    house.work()
    assert usual(house, ada) is not None
    house.run("customer.convert", target=ada)
    house.run("sales.score.run")
    house.work()
    assert usual(house, ada) is None


def test_a_published_version_never_changes(house: House) -> None:
    """A new one is begun, changed and published in its place; until then the old one counts."""
    made = model(house)
    draft = house.run("sales.score_model.draft", target=made.id)
    with pytest.raises(Conflict):
        house.run("sales.score_model.draft", target=made.id)
    house.run("sales.score_version.change", {"warm": 1, "hot": 2}, target=draft.id)
    ada = house.customer(city="上海")
    happens(house, ada, days=-30)
    house.work()
    assert usual(house, ada) == (Decimal(7), "cold")
    house.run("sales.score_model.publish", target=made.id)
    house.work()
    assert usual(house, ada) == (Decimal(7), "hot")
    with pytest.raises(Conflict):
        house.run("sales.score_version.change", {"warm": 3}, target=draft.id)


def test_what_cannot_be_computed_is_refused_by_its_place(house: House) -> None:
    """Every mistake at once."""
    wrong = {
        **CALLS,
        "fit": [{"words": "", "condition": "customer.nowhere == 1", "points": 0}],
        "behaviour": [{"words": "x", "kind": "dance", "points": 1, "half_life_days": 0, "condition": "mood > 1"}],
        "warm": 50,
    }
    with pytest.raises(InvalidInput) as error:
        house.run("sales.score_model.create", wrong)
    assert [each.field for each in error.value.problems] == [
        "fit.0.condition", "fit.0.words", "fit.0.points", "behaviour.0.kind", "behaviour.0.half_life_days",
        "behaviour.0.condition", "hot",
    ]  # fmt: skip


def test_a_score_is_of_who_may_be_seen(house: House) -> None:
    """Nobody reads the score of a customer whom they do not see, nor computes scores in system scope."""
    ada = house.customer(city="上海")
    model(house)
    happens(house, ada)
    house.work()
    with house.crm.session(house.people["sam"]) as session:
        assert explained(session, ada) == []
        with pytest.raises(NotFound):
            explained_as_of(session, ada, BEGINNING)
    with pytest.raises(Refused):
        house.run("sales.score.refresh", by="mia")
    with pytest.raises(Refused):
        house.run("sales.score.run", by="ann")


def test_the_first_model_is_there_from_the_beginning(house: House) -> None:
    """Who asks for something, has firm intent and a budget, and wants it now, is hot."""
    inquiry = house.run("sales.lead.capture", {"name": "Li Na", "email": "li@x.example", "intent": "high",
                                               "ability": "yes", "timing": "now"})  # fmt: skip
    house.work()
    assert usual(house, inquiry.customer_id) is not None
    with house.crm.session(SYSTEM) as session:
        (found,) = explained(session, inquiry.customer_id)
        assert (found.model, found.points, found.label) == ("standard", Decimal(50), "hot")


def test_scores_and_leads_classify_customers(house: House) -> None:
    """Temperature, intent, ability and time follow from them; of who has none the kernel says what it knows."""
    ada, bob = house.customer("Ada"), house.customer("Bob")
    model(house)
    house.lead(customer_id=ada, intent="high", ability="partly", timing="now")
    happens(house, ada)
    house.work()
    house.run("classification.run", {})
    names = ("temperature", "buying_intent", "buying_ability", "buying_timing")
    with house.crm.session(SYSTEM) as session:
        refs = [catalogue_of(session).ref(f"label.{name}") for name in names]
        found = values_of(session, refs, [ada, bob], moment_of(session))
    assert list(found[ada].values()) == ["warm", "high", "medium", "now"]
    assert list(found[bob].values()) == ["cold", None, None, None]
