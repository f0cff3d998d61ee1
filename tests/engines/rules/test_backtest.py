"""Back-tests: what a rule would have done, by the facts as they stood, against its current version and the log."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from crmkit import CRM, Actor, InvalidInput
from crmkit.engines.rules.backtest import BackTest, backtest
from crmkit.engines.rules.listing import drafted
from crmkit.engines.rules.tables import RuleLog
from crmkit.engines.rules.trying import Trial, try_rule
from crmkit.errors import NotFound, Refused
from tests.engines.rules.support import SYSTEM, buy, configure, customer, do, interactions, log, save, tag, tags, work

MARCH = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def _business(crm: CRM) -> None:
    configure(crm)


def on(day: int, hour: int = 4) -> datetime:
    """Return an hour of a day of March."""
    return datetime(2026, 3, 1, hour, tzinfo=UTC) + timedelta(days=day - 1)


def back(crm: CRM, name: str, actor: Actor = SYSTEM, known: Any = "now", most: int = 100, **changes: Any) -> BackTest:
    """Back-test a rule, with fields changed, over March 2026."""
    with crm.session(actor) as session:
        draft = drafted(session, name, changes)
        return backtest(session, draft, MARCH, date(2026, 3, 31), known=known, most=most)


def by_day(found: BackTest) -> dict[int, int]:
    """Return the proposed firings by the day of the month."""
    return {day.day: number for day, number in sorted(found.proposed.days.items())}


@pytest.fixture
def shopper(crm: CRM) -> UUID:
    """A customer who bought on three days of March, of which the history was imported."""
    who = customer(crm)
    for day in (3, 10, 12):
        buy(crm, who, f"{day}0", occurred_at=on(day))
    return who


def test_facts_are_those_of_the_day(crm: CRM, shopper: UUID) -> None:
    """The second purchase is the first on which the rule holds, whatever came after; days are the company's."""
    save(crm, "regular", tag("r"), on="interaction.recorded", when='event.kind == "purchase" and purchase.count >= 2')
    found = back(crm, "regular")
    assert ({10: 1, 12: 1}, 3, False) == (by_day(found), found.occasions, found.truncated)
    assert {"customer.tag": 2} == dict(found.proposed.operations)
    late = on(12, 20)
    buy(crm, shopper, occurred_at=late)
    assert {10: 1, 12: 1, 13: 1} == by_day(back(crm, "regular"))


def test_what_was_not_recorded_yet_was_not_known(crm: CRM, shopper: UUID) -> None:
    """By what was known then, an imported history tells nothing."""
    save(crm, "regular", tag("r"), on="interaction.recorded", when="purchase.count >= 2")
    assert ({10: 1, 12: 1}, {}) == (by_day(back(crm, "regular")), by_day(back(crm, "regular", known="then")))


def test_limits_count_as_they_would_have(crm: CRM, shopper: UUID) -> None:
    """Once in seven days leaves out the third purchase, a daily cap what comes after it on a day, a control group its
    customers."""
    for hour in (5, 6):
        buy(crm, shopper, occurred_at=on(12, hour))
    save(crm, "any", tag("r"), on="interaction.recorded")
    weekly = back(crm, "any", once_per="customer, 7 days")
    capped = back(crm, "any", daily_cap=2)
    held = back(crm, "any", control=0.999999)
    assert ({3: 1, 10: 1}, 3) == (by_day(weekly), weekly.proposed.limited)
    assert ({3: 1, 10: 1, 12: 2}, 1) == (by_day(capped), capped.proposed.capped)
    assert ({}, 5) == (by_day(held), held.proposed.held_out)


def test_the_difference_names_who_gains_and_who_loses(crm: CRM, shopper: UUID) -> None:
    """A draft is held against the version that is there, and against what the log has."""
    other = customer(crm, "Ann Lee", industry="it")
    buy(crm, other, occurred_at=on(5))
    save(crm, "thanks", tag("t"), on="interaction.recorded", when="purchase.count >= 3")
    found = back(crm, "thanks", when='customer.industry == "it"')
    assert found.current is not None
    assert ((other,), (shopper,), 1, 1) == (found.more, found.less, found.proposed.firings, found.current.firings)
    assert 0 == len(found.logged)
    with crm.session(SYSTEM) as session:
        today = session.today()
    buy(crm, shopper)
    work(crm)
    with crm.session(SYSTEM) as session:
        now = backtest(session, drafted(session, "thanks", {}), today - timedelta(days=1), today)
    assert ({today: 1}, 1, {today: 1}) == (dict(now.logged), now.proposed.firings, dict(now.proposed.days))


def test_a_schedule_is_gone_through_tick_by_tick(crm: CRM, shopper: UUID) -> None:
    """Every morning it is asked who has been silent for five days, as of that morning."""
    save(crm, "silent", tag("s"), cron="0 9 * * *", when="days_since(purchase.last_at) == 5", once_per="customer, day")
    assert {8: 1, 17: 1} == by_day(back(crm, "silent"))
    # A customer whom two versions hold for is one occasion.
    assert 2 == back(crm, "silent", title="Another").occasions


def test_other_events_are_taken_from_the_outbox(crm: CRM) -> None:
    """They are delivered again to the draft, for customers whom the reader may see."""
    who = customer(crm)
    crm.run(SYSTEM, "customer.update", {"industry": "it"}, target=who)
    crm.run(SYSTEM, "customer.update", {"industry": "retail"}, target=who)
    with crm.session(SYSTEM) as session:
        today = session.today()
        changes = {"on": "customer.updated", "then": [tag("x")], "when": '"industry" in event.fields'}
        found = backtest(session, drafted(session, "new", changes), today, today)
    assert (2, 2, None) == (found.proposed.firings, found.occasions, found.current)


def test_only_what_the_reader_may_see_is_counted(crm: CRM, shopper: UUID) -> None:
    """Somebody without customers sees no firing, and a limit of occasions says that it was reached."""
    save(crm, "any", tag("r"), on="interaction.recorded")
    nobody = Actor.user(crm.run(SYSTEM, "user.create", {"login": "li", "name": "Li"}).id)
    assert 0 == back(crm, "any", actor=nobody).proposed.firings
    short = back(crm, "any", most=2)
    assert ({10: 1, 12: 1}, True) == (by_day(short), short.truncated)
    with pytest.raises(InvalidInput, match="end before"), crm.session(SYSTEM) as session:
        backtest(session, drafted(session, "any", {}), date(2026, 3, 2), MARCH)


# --- trying one ------------------------------------------------------------------------------------------------------


@pytest.fixture
def rule(crm: CRM) -> str:
    """A rule that notes large purchases."""
    note = do("interaction.record", kind='"note"', subject='"large"')
    save(
        crm,
        "large",
        note,
        tag("large"),
        on="interaction.recorded",
        when='event.kind == "purchase" and purchase.count >= 2',
    )
    return "large"


def rest(crm: CRM) -> int:
    """Return how many entries the log has."""
    with crm.session(SYSTEM) as session:
        return len(session.query(RuleLog).all())


def test_a_trial_says_what_would_be_done_and_does_nothing(crm: CRM, shopper: UUID, rule: str) -> None:
    """The operations run and are undone: no note, no tag, no entry in the log, no job; their events are named."""
    trial: Trial = try_rule(crm, SYSTEM, rule, shopper)
    assert (True, "fired", ("interaction.record", "customer.tag")) == (trial.holds, trial.outcome, trial.done)
    assert {"interaction.recorded", "customer.tagged"} <= set(trial.events)
    assert (0, [], []) == (interactions(crm, shopper, "note"), tags(crm, shopper), log(crm, rule))
    assert 0 == rest(crm)


def test_a_trial_says_why_not(crm: CRM, rule: str) -> None:
    """Each part of the condition comes with the values that it has read; a draft can be tried in its place."""
    who = customer(crm, "Ann Lee")
    buy(crm, who)
    trial = try_rule(crm, SYSTEM, rule, who)
    assert (False, None) == (trial.holds, trial.outcome)
    assert {'event.kind == "purchase"': True, "purchase.count >= 2": False} == {
        part.text: part.holds for part in trial.why.parts
    }
    assert {"purchase.count": 1} == dict(trial.why.parts[1].values)
    with crm.session(SYSTEM) as session:
        draft = drafted(session, rule, {"when": "purchase.count >= 1"})
    assert "fired" == try_rule(crm, SYSTEM, draft, who).outcome


def test_a_trial_is_for_those_who_may(crm: CRM, shopper: UUID, rule: str) -> None:
    """It needs the right to rules, a customer who can be seen, and an event that was about this customer."""
    nobody = Actor.user(crm.run(SYSTEM, "user.create", {"login": "li", "name": "Li"}).id)
    with pytest.raises(Refused):
        try_rule(crm, nobody, rule, shopper)
    with pytest.raises(NotFound, match="no event"):
        try_rule(crm, SYSTEM, rule, customer(crm, "Ann Lee"))
    with pytest.raises(NotFound, match="no event"):
        try_rule(crm, SYSTEM, rule, shopper, event_id=shopper)
