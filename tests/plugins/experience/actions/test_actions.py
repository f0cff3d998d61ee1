"""Actions: planning them, and what came of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from crmkit_experience.actions.errors import ActionInState, EffectTooEarly, NobodyCompared
from crmkit_experience.actions.measuring import Effect, effect_of
from crmkit_experience.actions.models import ImprovementAction
from crmkit_experience.actions.reading import actions

from crmkit import InvalidInput, Refused
from crmkit.errors import AlreadyExists, CrmkitError
from tests.plugins.experience.friction.story import contact, customers, live, record
from tests.plugins.experience.promises.base import START, Base

STARTS = (START - timedelta(days=60)).date()


def plan(base: Base, name: str = "hints", *, start: bool = True, **more: Any) -> UUID:
    """Return an action that was planned, and that started sixty days ago."""
    values = {"name": name, "title": "Hints in the chat", "hypothesis": "Fewer leave", "measure": "interaction.count"}
    made = base.run("experience.action.plan", values | more).id
    if start:
        base.run("experience.action.start", {"on": STARTS}, target=made)
    return made


def effect(base: Base, action: UUID, who: str = "") -> Effect:
    """Return what came of an action as somebody sees it."""
    with base.crm.session(base.actor(who)) as session:
        return effect_of(session, session.get_one(ImprovementAction, action))


def town(base: Base, city: str, before: int, after: int, number: int = 12) -> list[UUID]:
    """Let customers of a city come so often in the 30 days before and after the start; every other one once more in
    both, so that they are not all alike."""
    ids = customers(base, number)
    for each in ids:
        base.run("customer.update", {"city": city}, target=each)
    items = []
    for place, each in enumerate(ids):
        for ago, times in ((89, before), (59, after)):
            extra = place // (1 if ago == 89 else 2) % 2
            items += [contact(each, "chat", ago - day) for day in range(times + extra)]
    record(base, items)
    return ids


def test_before_and_after_of_the_same_customers(both: Base) -> None:
    for each in customers(both, 10):
        record(both, [contact(each, "chat", 61 + day) for day in range(2)])
        record(both, [contact(each, "chat", 40 + day) for day in range(5)])
    made = plan(both, audience="interaction.count > 0")
    found = effect(both, made)
    assert (found.method, found.before, found.after) == ("before_after", 2.0, 5.0)
    assert (found.estimate.value, found.customers, found.verdict) == (3.0, 10, "better")


def test_a_known_effect_is_found_against_others_with_the_same_trend(both: Base) -> None:
    town(both, "Bonn", 1, 4)
    town(both, "Köln", 1, 2)
    made = plan(both, audience='customer.city == "Bonn"', compared_with='customer.city == "Köln"')
    found = effect(both, made)
    assert (found.method, found.customers, found.others) == ("differences", 12, 12)
    assert found.estimate.value == pytest.approx(2.0)
    assert found.estimate.low is not None
    assert found.estimate.high is not None
    assert found.estimate.low <= 2.0 <= found.estimate.high
    assert found.verdict == "better"


def test_the_share_that_drops_out_at_a_step(both: Base) -> None:
    early, late = customers(both, 40), customers(both, 40)
    purchase = {"amount": "5", "currency": "EUR"}
    record(both, [contact(each, "chat", 110) for each in early] + [contact(each, "chat", 70) for each in late])
    record(both, [contact(each, "purchase", 105) | purchase for each in early[:10]])
    record(both, [contact(each, "purchase", 65) | purchase for each in late[:30]])
    values = {"measure": "", "step": "contacts:chat/chat", "days": 25}
    made = both.run("experience.action.plan", {"name": "x", "title": "x", "hypothesis": "x", **values}).id
    both.run("experience.action.start", {"on": (START - timedelta(days=90)).date()}, target=made)
    found = effect(both, made)
    assert (found.before, found.after, found.verdict) == (0.75, 0.25, "better")
    assert found.estimate.value == pytest.approx(-0.5)


def test_an_effect_is_not_known_before_its_days_are_over(base: Base) -> None:
    made = plan(base, start=False)
    with pytest.raises(EffectTooEarly):
        effect(base, made)
    base.run("experience.action.start", target=made)
    with pytest.raises(EffectTooEarly, match="2027-03-31"):
        effect(base, made)


def test_a_condition_counts_as_a_share(base: Base) -> None:
    ids = customers(base, 20)
    record(base, [contact(each, "chat", 45) for each in ids[:15]])
    made = plan(base, measure="interaction.count > 0", audience="interaction.count >= 0", days=30)
    found = effect(base, made)
    # Ada and Bob are customers too.
    assert (found.before, found.after) == (0.0, pytest.approx(15 / 22))


def test_what_cannot_be_measured_is_refused_when_it_is_planned(base: Base) -> None:
    wrong = [
        {"name": "No name"},
        {"measure": "purchase.first_at"},
        {"measure": "experience.open_promises"},
        {"measure": "purchase.nothing > 1"},
        {"audience": "1 +"},
        {"step": "nothing:x"},
        {"measure": ""},
        {"title": " "},
    ]
    for values in wrong:
        with pytest.raises(CrmkitError):
            plan(base, start=False, **values)
    plan(base, start=False)
    with pytest.raises(AlreadyExists):
        plan(base, start=False)


def test_actions_are_started_and_ended_in_order(base: Base) -> None:
    made = plan(base, start=False)
    with pytest.raises(ActionInState):
        base.run("experience.action.end", target=made)
    with pytest.raises(InvalidInput):
        base.run("experience.action.start", {"on": (START + timedelta(days=2)).date()}, target=made)
    with pytest.raises(InvalidInput, match="ten years"):
        base.run("experience.action.start", {"on": "0001-01-01"}, target=made)
    base.run("experience.action.start", target=made)
    base.run("experience.action.end", {"learnt": "Hints help"}, target=made)
    with pytest.raises(ActionInState):
        base.run("experience.action.start", target=made)


def test_what_came_of_them_is_kept_and_found_in_the_library(both: Base) -> None:
    town(both, "Bonn", 1, 4)
    plan(both, "bonn", audience='customer.city == "Bonn"')
    plan(both, "less", audience='customer.city == "Bonn"', better="down")
    plan(both, "nobody", audience='customer.city == "Ulm"')
    assert both.run("experience.action.measure_due") == 2
    assert both.run("experience.action.measure_due") == 0
    with both.crm.session(both.actor("mia")) as session:
        assert [each.name for each in actions(session, verdict="better")] == ["bonn"]
        assert [each.name for each in actions(session, verdict="worse", search="INTERACTION")] == ["less"]
        assert actions(session, search="100%") == []
        (kept,) = actions(session, verdict="better")
        assert (float(kept.effect or 0), kept.method, kept.customers) == (3.0, "before_after", 12)
    with pytest.raises(Refused):
        both.run("experience.action.measure_due", who="mia")


def test_too_few_are_not_compared_and_readers_measure_what_they_see(base: Base) -> None:
    town(base, "Bonn", 1, 4)
    made = plan(base, audience='customer.city == "Bonn"')
    with pytest.raises(NobodyCompared):
        effect(base, plan(base, "none", audience='customer.city == "Ulm"'))
    assert effect(base, made, "mia").customers == 12
    with pytest.raises(NobodyCompared):
        effect(base, made, "sid")


def test_of_a_few_customers_nothing_is_kept(base: Base) -> None:
    town(base, "Bonn", 1, 4, number=4)
    made = plan(base, audience='customer.city == "Bonn"')
    assert effect(base, made).customers == 4
    assert base.run("experience.action.measure_due") == 0
    assert base.get(ImprovementAction, made).effect is None


def test_a_seller_plans_nothing(base: Base) -> None:
    with pytest.raises(Refused):
        base.run("experience.action.plan", {"name": "x", "title": "x", "hypothesis": "x", "measure": "x"}, who="sam")


def test_the_verdict_of_an_experiment_is_taken_over(base: Base) -> None:
    experiment = {
        "name": "hints",
        "title": "Hints",
        "arms": [{"name": "without", "share": 0.5}, {"name": "with", "share": 0.5}],
        "metrics": [{"name": "contacts", "value": "interaction.count", "effect": 0.5}],
        "covers": "everybody",
    }
    ids = customers(base, 60)
    base.run("experiment.save", {"experiment": experiment})
    base.run("experiment.start", {"name": "hints"})
    base.clock.advance(days=5)
    from crmkit.engines.statistics.hashing import arms_of

    dealt = arms_of("hints", {"without": 0.5, "with": 0.5}, ids)
    items = [contact(each, "chat", -1) for each in ids]
    items += [contact(each, "chat", -2 - day * 0.1) for each in ids if dealt[each] == "with" for day in range(4)]
    record(base, items)
    made = plan(base, measure="", experiment="hints")
    found = effect(base, made)
    assert (found.method, found.verdict) == ("experiment", "better")
    assert found.estimate.value is not None
    assert found.estimate.value > 3


def test_the_story_of_friction_leads_to_an_action(base: Base) -> None:
    live(base, 30, 15, 3)
    base.run("experience.friction.count")
    made = plan(base, start=False, measure="", step="contacts:chat/chat")
    action = base.get(ImprovementAction, made)
    assert (action.part, action.better) == ("drop", "down")
