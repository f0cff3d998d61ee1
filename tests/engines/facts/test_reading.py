"""Facts are read as of a moment, by what was known, by whoever has the right, and only as much as is asked for."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select

from crmkit import CRM, Actor
from crmkit.core.customers.models import Customer
from crmkit.core.store.clock import system_now
from crmkit.engines.facts.counting import count, ids
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import joined, values_of
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.errors import ContributionError, ExpressionError, InvalidInput, UnknownFact
from crmkit.hooks.facts import Fact, FactSet
from tests.conftest import Scale
from tests.engines.facts.support import SYSTEM, buy, configure, customer, day, facts, record, reverse


def counted(crm: CRM, text: str, actor: Actor = SYSTEM, **times: Any) -> int:
    """Count the customers who meet a condition; their ids have to agree."""
    with crm.session(actor) as session:
        moment, expression = moment_of(session, **times), catalogue_of(session).checked(text)
        number = count(session, expression, moment)
        found = ids(session, expression, moment)
        assert (number, found) == (len(found), sorted(found))
        if found:
            assert found[1:2] == ids(session, expression, moment, after=found[0], limit=1)
        return number


# --- counting --------------------------------------------------------------------------------------------------------


def test_customers_are_counted_by_a_condition(crm: CRM) -> None:
    """Of several sets and the customers' own columns, those without any purchase included."""
    configure(crm)
    for number, city in enumerate(("上海", "杭州", "上海", "北京")):
        who = customer(crm, city=city)
        for _purchase in range(number):
            buy(crm, who, day(number), "500")
        if number % 2:
            record(crm, who, "call", day(9))
    assert 2 == counted(crm, 'customer.city in ["上海"]')
    assert 2 == counted(crm, 'purchase.count >= 1 and customer.city in ["上海", "杭州"]')
    assert 1 == counted(crm, 'purchase.amount > 1000 and interaction.kind_count["call"] == 1')
    assert 1 == counted(crm, "purchase.count == 0")
    assert 3 == counted(crm, "not (purchase.net_amount >= 1500)")


def test_only_what_is_asked_for_is_computed(crm: CRM) -> None:
    """Sets over the same rows are read once, customers' own columns without a subquery, and a customer for whom a
    subquery has no row is not looked at where the condition would be false."""
    configure(crm)
    asked: list[str] = []
    with crm.session(SYSTEM) as session:
        expression = catalogue_of(session).checked(
            'purchase.count >= 1 and usage.count == 0 and customer.city == "上海"'
        )
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2]))
        count(session, expression, moment_of(session))
    (statement,) = [text for text in asked if "crm_interaction" in text]
    assert 1 == statement.count("GROUP BY")
    assert [0, 1] == [statement.count("OUTER JOIN"), statement.count("crm_customer JOIN")]
    assert [0, 0] == [statement.count("amount_minor"), statement.count("payload")]


def test_deleted_customers_have_no_facts(crm: CRM) -> None:
    """But had them, as of a moment before."""
    configure(crm)
    who, before = customer(crm, city="上海"), system_now()
    crm.run(SYSTEM, "customer.delete", target=who)
    assert [0, 1] == [counted(crm, 'customer.city == "上海"', **times) for times in ({}, {"as_of": before})]
    with crm.session(SYSTEM) as session:
        assert {} == values_of(session, [catalogue_of(session).ref("customer.city")], [who], moment_of(session))


# --- moments ---------------------------------------------------------------------------------------------------------


def test_a_day_stands_for_its_end_in_the_companys_zone(crm: CRM) -> None:
    """What happened at half past midnight belongs to the next day."""
    configure(crm)
    who = customer(crm)
    for hour in (15.5, 16.5):
        buy(crm, who, day(0).replace(hour=0) + timedelta(hours=hour), "1")
    assert [[1], [2]] == [facts(crm, who, "purchase.count", as_of=date(2026, 3, each)) for each in (1, 2)]


def test_an_instant_needs_a_zone(crm: CRM) -> None:
    """It would be another one elsewhere."""
    with crm.session(SYSTEM) as session, pytest.raises(InvalidInput):
        moment_of(session, day(0).replace(tzinfo=None))


def test_an_old_moment_gives_the_old_figures(crm: CRM, scale: Scale) -> None:
    """Whatever is recorded late, reversed, changed or taken back afterwards."""
    configure(crm)
    dice = random.Random(3)
    people = [customer(crm, f"C{number}", city="上海", tags=["new"]) for number in range(3)]
    names = (
        "purchase.count", "purchase.amount", "purchase.net_amount", "purchase.last_at", "purchase.gap_p90_days",
        "purchase.favourite_kind", "interaction.count", 'interaction.kind_count["call"]', "usage.count",
        "customer.city", "customer.standing", "customer.size", 'consent.granted["marketing"]',
    )  # fmt: skip
    noted: list[tuple[Any, Any, dict[UUID, list[Any]]]] = []
    bought: list[UUID] = []
    for _step in range(scale(small=25, full=300)):
        who, when = dice.choice(people), day(dice.uniform(0, 60))
        roll = dice.randrange(6)
        if roll <= 1:
            bought.append(buy(crm, who, when, str(dice.randrange(1, 50))))
        elif roll == 2 and bought:
            reverse(crm, bought.pop(dice.randrange(len(bought))), occurred_at=when)
        elif roll == 3:
            record(crm, who, dice.choice(("call", "usage")), when)
        elif roll == 4:
            given = {"city": dice.choice(("北京", "杭州", None)), "size": dice.choice((None, 5, 77))}
            crm.run(SYSTEM, "customer.update", given, target=who)
        else:
            given = {"purpose": "marketing", "granted": dice.random() < 0.5, "occurred_at": when}
            crm.run(SYSTEM, "consent.record", given, target=who)
        if dice.random() < 0.3:
            as_of, known_at = day(dice.uniform(0, 60)), system_now()
            # Profiles go by when a change was recorded alone, which an earlier as_of would take back altogether.
            noted.extend(
                (asked, known_at, {each: facts(crm, each, *names, as_of=asked, known_at=known_at) for each in people})
                for asked in (as_of, known_at)
            )
    assert noted
    for as_of, known_at, then in noted:
        assert then == {each: facts(crm, each, *names, as_of=as_of, known_at=known_at) for each in people}


def test_a_reversal_counts_from_when_it_is_known(crm: CRM) -> None:
    """As of the same time, by what was known before it, the purchase stands."""
    configure(crm)
    who = customer(crm)
    wrong = buy(crm, who, day(0), "9")
    before = system_now()
    reverse(crm, wrong, occurred_at=day(1))
    assert [[1], [0], [1]] == [
        facts(crm, who, "purchase.count", **times)
        for times in ({"as_of": day(2), "known_at": before}, {"as_of": day(2)}, {"as_of": day(0.5)})
    ]


def test_the_profile_is_walked_back(crm: CRM) -> None:
    """To what was recorded first after the moment, in the type of its column, custom fields included."""
    configure(crm)
    for name, type_ in (("level", "integer"), ("since", "date"), ("rate", "decimal")):
        given = {"resource": "customer", "name": name, "title": name, "type": type_, "field_class": "internal"}
        crm.run(SYSTEM, "custom_field.create", given)
    who = customer(crm, city="杭州", size=None, custom={"level": 1, "since": "2025-01-31", "rate": "1.5"})
    moments = [system_now()]
    for values in ({"city": "上海", "size": 7, "custom": {"level": 2, "since": None}}, {"city": None, "size": 8}):
        crm.run(SYSTEM, "customer.update", values, target=who)
        moments.append(system_now())
    names = ("customer.city", "customer.size", "custom.level", "custom.since")
    assert [
        ["杭州", None, 1, date(2025, 1, 31)],
        ["上海", 7, 2, None],
        [None, 8, 2, None],
    ] == [facts(crm, who, *names, as_of=moment) for moment in moments]
    crm.run(SYSTEM, "customer.convert", target=who)
    (converted,) = facts(crm, who, "customer.converted_at")
    crm.run(SYSTEM, "customer.update", {"city": "苏州"}, target=who)
    assert [[None], [converted]] == [
        facts(crm, who, "customer.converted_at", as_of=moment) for moment in (moments[-1], system_now())
    ]


# --- rights ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def clerk(crm: CRM) -> Callable[[str], Actor]:
    """Make somebody who sees customers in a scope, and their personal fields masked."""

    def make(scope: str) -> Actor:
        crm.run(SYSTEM, "role.create", {"name": "clerk", "title": "Clerk"})
        with crm.session(SYSTEM) as session:
            from crmkit.security.roles.checks import find_role

            role = find_role(session, "clerk").id
        crm.run(SYSTEM, "role.grant", {"resource": "customer", "action": "read", "scope": scope}, target=role)
        user = crm.run(SYSTEM, "user.create", {"login": "clerk", "name": "Clerk"})
        crm.run(SYSTEM, "user.assign_role", {"role": "clerk"}, target=user.id)
        return Actor.user(user.id, "clerk")

    return make


def test_facts_that_are_masked_are_refused_by_name(crm: CRM, clerk: Callable[[str], Actor]) -> None:
    """In a condition as in a column; the others can be read, computed over everything."""
    configure(crm)
    who = customer(crm, city="上海")
    buy(crm, who, day(0), "5")
    actor = clerk("all")
    assert [1, 500] == facts(crm, who, "purchase.count", "purchase.amount", actor=actor)
    assert 1 == counted(crm, 'purchase.count == 1 and customer.kind == "person"', actor)
    with pytest.raises(UnknownFact, match=r"customer\.city"):
        counted(crm, 'customer.city == "上海"', actor)
    with crm.session(actor) as session, pytest.raises(UnknownFact, match=r"customer\.name"):
        values_of(session, [catalogue_of(session).ref("customer.name")], [who], moment_of(session))


def test_only_customers_in_sight_are_shown(crm: CRM, clerk: Callable[[str], Actor]) -> None:
    """One by one and all at once; what is not the actor's looks like what is not there."""
    configure(crm)
    actor = clerk("own")
    mine, other = customer(crm, "Mine"), customer(crm, "Other")
    crm.run(SYSTEM, "customer.assign", {"owner_id": actor.user_id}, target=mine)
    for who in (mine, other):
        buy(crm, who, day(0), "5")
    assert [1, 2] == [counted(crm, "purchase.count == 1", each) for each in (actor, SYSTEM)]
    with crm.session(actor) as session:
        ref = catalogue_of(session).ref("purchase.count")
        assert {mine: {ref: 1}} == values_of(session, [ref], [mine, other], moment_of(session))
        assert {} == values_of(session, [ref], [other], moment_of(session))


# --- names -----------------------------------------------------------------------------------------------------------


def test_names_that_are_not_there_are_suggested(crm: CRM) -> None:
    """Of facts and within expressions; a key is wanted or not."""
    with crm.session(SYSTEM) as session:
        catalogue = catalogue_of(session)
        with pytest.raises(UnknownFact) as unknown:
            catalogue.ref("purchase.cuont")
        assert "purchase.count" in str(unknown.value)
        with pytest.raises(ExpressionError) as wrong:
            catalogue.checked("purchase.cuont > 1")
        assert "purchase.count" in str(wrong.value)
        for name in ("interaction.kind_count", 'purchase.count["x"]', 'interaction.kind_count["x"'):
            with pytest.raises(InvalidInput):
                catalogue.ref(name)


def test_a_custom_field_is_a_fact_at_once(crm: CRM) -> None:
    """And is none when it is retired."""
    given = {"resource": "customer", "name": "level", "title": "Level", "type": "integer", "field_class": "internal"}
    crm.run(SYSTEM, "custom_field.create", given)
    who = customer(crm, custom={"level": 4})
    assert [4] == facts(crm, who, "custom.level")
    assert 1 == counted(crm, "custom.level > 3")
    with crm.session(SYSTEM) as session:
        from crmkit.core.business.models import CustomField

        field = session.scalar(select(CustomField.id))
    crm.run(SYSTEM, "custom_field.retire", target=field)
    with pytest.raises(UnknownFact):
        facts(crm, who, "custom.level")


def nothing(query: Any) -> Any:
    """Return a select without the column that is declared."""
    return select(Customer.__table__.c.id.label("customer_id"))


@pytest.mark.parametrize(
    ("sets", "match"),
    [
        ([FactSet(name="odd", columns=[Fact(name="one", type=int, doc="One")], select=nothing)], "one"),
        ([FactSet(name="odd", columns=[Fact(name="one", type=int, doc="One")])], "nothing"),
    ],
)
def test_a_set_that_gives_not_what_it_declares_is_named(crm: CRM, sets: list[FactSet], match: str) -> None:
    """When it is asked."""
    crm.registry.add("crmkit", "fact set", sets)
    with pytest.raises(ContributionError, match=match):
        counted(crm, "odd.one == 1")


def test_a_fact_is_registered_once(crm: CRM) -> None:
    """Several sets may share a name, but no fact."""
    column = Fact(name="one", type=int, doc="One")
    crm.registry.add("crmkit", "fact set", [FactSet(name="odd", columns=[column], select=nothing)])
    other = Fact(name="two", type=int, doc="Two")
    with pytest.raises(ContributionError, match=r"odd\.one"):
        crm.registry.add("crmkit", "fact set", [FactSet(name="odd", columns=[other, column], select=nothing)])


def test_facts_that_follow_from_each_other_are_refused(crm: CRM) -> None:
    """A circle has no beginning."""
    columns = [
        Fact(name="one", type=int, doc="One", expression="odd.two + 1"),
        Fact(name="two", type=int, doc="Two", expression="odd.one + 1"),
        Fact(name="three", type=int, doc="Three", expression="purchase.count + 3"),
        Fact(name="four", type=int, doc="Four", expression="odd.three * 2"),
    ]
    crm.registry.add("crmkit", "fact set", [FactSet(name="odd", columns=columns)])
    configure(crm)
    assert [3, 6] == facts(crm, customer(crm), "odd.three", "odd.four")
    with pytest.raises(InvalidInput, match="follows from itself"):
        counted(crm, "odd.one == 1")


# --- grouping --------------------------------------------------------------------------------------------------------


def test_facts_are_columns_that_can_be_grouped(crm: CRM) -> None:
    """For reports: sums by a column of the customer's own."""
    configure(crm)
    for city, amount in (("上海", "3"), ("上海", "4"), ("杭州", "5")):
        buy(crm, customer(crm, city=city), day(0), amount)
    with crm.session(SYSTEM) as session:
        amount, city = (catalogue_of(session).ref(name) for name in ("purchase.amount", "customer.city"))
        found = joined(session, [amount, city], moment_of(session))
        statement = found.select(found.columns[city], func.sum(found.columns[amount])).group_by(found.columns[city])
        assert {"上海": 700, "杭州": 500} == {row[0]: int(row[1]) for row in session.execute(statement)}
