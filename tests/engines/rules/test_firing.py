"""Rules that events set off: what they read, what they do, as whom, and what the log says of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, update

from crmkit import CRM, Actor, CrmSession, InvalidInput, operation
from crmkit.core.operations.tables import JobRecord
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.rules.carrying import decide
from crmkit.engines.rules.happening import Occasion
from crmkit.engines.rules.index import index_of
from tests.engines.rules.support import (
    SYSTEM,
    buy,
    configure,
    customer,
    do,
    interactions,
    log,
    save,
    tag,
    tags,
    work,
)


@pytest.fixture(autouse=True)
def _business(crm: CRM) -> None:
    configure(crm)


def jobs(crm: CRM) -> int:
    """Return how many jobs were ever queued."""
    with crm.session(SYSTEM) as session:
        return session.scalar(select(func.count()).select_from(JobRecord)) or 0


def user(crm: CRM, login: str, role: str) -> Actor:
    """Add a user with a role."""
    made = crm.run(SYSTEM, "user.create", {"login": login, "name": login})
    crm.run(SYSTEM, "user.assign_role", {"role": role}, target=made.id)
    return Actor.user(made.id, login)


def ruler(crm: CRM, *grants: tuple[str, str, str]) -> UUID:
    """Add the role "ruler" with grants of resource, action and scope; return its id."""
    role: UUID = crm.run(SYSTEM, "role.create", {"name": "ruler", "title": "Ruler"}).id
    for resource, action, scope in grants:
        crm.run(SYSTEM, "role.grant", {"resource": resource, "action": action, "scope": scope}, target=role)
    return role


def test_a_rule_fires_for_whom_it_holds(crm: CRM) -> None:
    """A purchase sets it off; it does something for the customer whose facts meet its condition, and for no other."""
    when = 'event.kind == "purchase" and purchase.count >= 2'
    save(crm, "regular", tag("regular"), on="interaction.recorded", when=when)
    often, once = customer(crm), customer(crm, "Ann Lee")
    for who in (often, once, often):
        buy(crm, who)
        work(crm)
    assert (["regular"], []) == (tags(crm, often), tags(crm, once))
    assert [("fired", SYSTEM.id, often)] == log(crm, "regular", "outcome", "actor_id", "customer_id")
    (details,) = log(crm, "regular", "details")
    assert {"read": {"event.kind": "purchase", "purchase.count": 2}, "done": ["customer.tag"]} == details


def test_a_rule_reads_the_record_that_its_event_names(crm: CRM) -> None:
    """The amount of a purchase, and what a kind's payload declares, are fields of the event; inputs take them."""
    save(
        crm,
        "big",
        do("interaction.record", kind='"note"', duration="event.interaction.amount / 100", subject='"big: 大"'),
        on="interaction.recorded",
        when='event.kind == "purchase" and event.interaction.amount >= 1000 and event.interaction.channel == "store"',
    )
    who = customer(crm)
    buy(crm, who, "999.99", channel="store")
    buy(crm, who, "1000", channel="store")
    buy(crm, who, "5000", channel="web")
    work(crm)
    assert (1, ["fired"]) == (interactions(crm, who, "note"), log(crm, "big"))


def test_an_event_without_rules_costs_nothing(crm: CRM) -> None:
    """No delivery is queued for an event that no rule listens to, nor for one whose fields rule them all out."""
    save(crm, "refunds", tag("refunded"), on="interaction.recorded", when='event.kind in ["refund", "return"]')
    who = customer(crm)
    before = jobs(crm)
    buy(crm, who)
    assert before == jobs(crm)
    save(crm, "sales", tag("bought"), on="interaction.recorded", when='event.kind == "purchase"')
    buy(crm, who)
    assert before + 1 == jobs(crm)


def test_each_occasion_of_an_event_counts(crm: CRM) -> None:
    """Two purchases of one customer in one event are two occasions, and a retry of the delivery repeats neither."""
    note = do("interaction.record", kind='"note"', subject='"thanks"')
    save(crm, "thanks", note, on="interaction.recorded", when='event.kind == "purchase"')
    who = customer(crm)
    one = {"kind": "purchase", "customer_id": who, "amount": "5", "currency": "CNY"}
    crm.run_many(SYSTEM, "interaction.record", [one, one])
    work(crm)
    assert (2, ["fired", "fired"]) == (interactions(crm, who, "note"), log(crm, "thanks"))


def test_an_operation_that_fails_costs_its_own_customer(crm: CRM) -> None:
    """What an operation had changed before the next one failed is undone; the others' firings stand."""
    conflicting = do("customer.convert")
    save(crm, "welcome", tag("welcomed"), conflicting, on="interaction.recorded", when='event.kind == "purchase"')
    existing, fresh = customer(crm, standing="customer"), customer(crm, "Ann Lee")
    crm.run_many(
        SYSTEM,
        "interaction.record",
        [{"kind": "purchase", "customer_id": who, "amount": "5", "currency": "CNY"} for who in (existing, fresh)],
    )
    work(crm)
    outcomes = dict(log(crm, "welcome", "customer_id", "outcome"))
    done = {who: tags(crm, who) for who in (existing, fresh)}
    assert {who: (["welcomed"] if outcomes[who] == "fired" else []) for who in done} == done
    assert "failed" in outcomes.values()


def test_a_rule_acts_within_the_rights_of_its_publisher(crm: CRM) -> None:
    """Whoever has lost a right, or has left, gets nothing done by a rule; the log says so, and no customer is changed
    whom he cannot see."""
    crm.run(SYSTEM, "role.create", {"name": "ruler", "title": "Ruler"})
    ruler = crm.session(SYSTEM)
    with ruler as session:
        from crmkit.security.roles.checks import find_role

        role = find_role(session, "ruler").id
    for resource, action, scope in (
        ("rule", "admin", "all"),
        ("customer", "read", "own"),
        ("customer", "update", "own"),
    ):
        crm.run(SYSTEM, "role.grant", {"resource": resource, "action": action, "scope": scope}, target=role)
    actor = user(crm, "wang", "ruler")
    save(crm, "mine", tag("seen"), actor=actor, on="interaction.recorded", when='event.kind == "purchase"')
    own, other = customer(crm, owner_id=actor.user_id), customer(crm, "Ann Lee")
    for who in (own, other):
        buy(crm, who)
    work(crm)
    assert (["seen"], [], ["fired"]) == (tags(crm, own), tags(crm, other), log(crm, "mine"))
    assert [actor.id] == log(crm, "mine", "actor_id")
    crm.run(SYSTEM, "role.revoke", {"resource": "customer", "action": "update"}, target=role)
    crm.run(SYSTEM, "customer.untag", {"names": ["seen"]}, target=own)
    buy(crm, own)
    work(crm)
    crm.run(SYSTEM, "user.deactivate", {}, target=actor.user_id)
    buy(crm, own)
    work(crm)
    assert ([], [("fired", None), ("refused", "CK520"), ("refused", "CK520")]) == (
        tags(crm, own),
        log(crm, "mine", "outcome", "code"),
    )


def test_who_may_not_do_something_cannot_have_a_rule_do_it(crm: CRM) -> None:
    """Saving names the operation that its publisher may not run, and the fact that he may not read."""
    ruler(crm, ("rule", "admin", "all"), ("customer", "read", "all"))
    actor = user(crm, "wang", "ruler")
    with pytest.raises(InvalidInput, match=r"customer\.tag"):
        save(crm, "sly", tag("x"), actor=actor, on="customer.created")
    with pytest.raises(InvalidInput, match=r"customer\.city"):
        save(crm, "sly", tag("x"), actor=actor, on="customer.created", when='customer.city == "Hangzhou"')


def test_what_is_personal_is_not_kept_in_the_log(crm: CRM) -> None:
    """Of a personal fact the log has the name and no value."""
    save(crm, "local", tag("local"), on="customer.created", when='customer.city == "Hangzhou"')
    customer(crm, city="Hangzhou")
    work(crm)
    assert [{"read": {}, "done": ["customer.tag"], "withheld": ["customer.city"]}] == log(crm, "local", "details")


def test_rules_run_in_their_order_until_one_stops(crm: CRM) -> None:
    """The highest priority runs first; after one with ``stop`` has fired for a customer, no other does for this one."""
    for name, priority, stop, when in (
        ("third", 0, False, "true"),
        ("first", 9, False, "true"),
        ("second", 5, True, 'customer.kind == "person"'),
    ):
        save(crm, name, tag(name), on="customer.created", when=when, priority=priority, stop=stop)
    person, firm = customer(crm), customer(crm, "Tea & Co", kind="organization")
    work(crm)
    assert (["first", "second"], ["first", "third"]) == (tags(crm, person), tags(crm, firm))


def test_a_rule_that_is_off_or_not_in_effect_does_nothing(crm: CRM) -> None:
    """Turned off, not begun yet, or over: none fires; turned on again it does."""
    save(crm, "off", tag("off"), on="customer.created", enabled=False)
    save(crm, "later", tag("later"), on="customer.created", effective_from="2999-01-01T00:00:00Z")
    save(crm, "over", tag("over"), on="customer.created", effective_until="2001-01-01T00:00:00Z")
    one = customer(crm)
    work(crm)
    crm.run(SYSTEM, "rule.enable", {"name": "off"})
    two = customer(crm, "Ann Lee")
    work(crm)
    assert ([], ["off"]) == (tags(crm, one), tags(crm, two))


def test_what_failed_unexpectedly_is_tried_again(crm: CRM) -> None:
    """An operation that broke is tried later by the queue; once it works, the entry in the log says that it fired."""
    broken = [True]

    @operation("test.fragile", title="Break", permission="customer.update")
    def fragile(session: CrmSession, *, customer_id: UUID) -> None:
        """Break as long as the test wants."""
        if broken[0]:
            raise ConnectionError("away")
        session.run("customer.tag", {"names": ["done"]}, target=customer_id)

    crm.registry.add("crmkit", "operation", [fragile])
    save(crm, "fragile", do("test.fragile"), on="customer.created")
    who = customer(crm)
    work(crm)
    assert (["failed"], []) == (log(crm, "fragile"), tags(crm, who))
    broken[0] = False
    with crm.engines.system_write.begin() as connection:
        table: Any = JobRecord.__table__
        now = crm.clock.now()
        connection.execute(update(table).where(table.c.state == "queued").values(run_at=now))
    work(crm)
    assert (["fired"], ["done"]) == (log(crm, "fragile"), tags(crm, who))


def test_a_decision_for_one_customer_reads_its_facts_once(crm: CRM) -> None:
    """Judging a rule for one customer costs one statement, however many facts its condition reads."""
    when = 'event.kind == "purchase" and purchase.count >= 3 and days_since(purchase.last_at) < 60'
    save(crm, "quick", tag("x"), on="interaction.recorded", when=when)
    who = customer(crm)
    for _number in range(5):
        buy(crm, who)
    statements: list[str] = []
    with crm.session(SYSTEM) as session:
        index = index_of(session)
        ready = index.made_ready(index.items["quick"])
        assert ready is not None
        occasion = Occasion(key="x", customer_id=who, values={"event.kind": "purchase"})
        moment = moment_of(session)
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
        facts = decide(session, [ready], [occasion], moment)[who]
        assert ready.compiled.holds({**facts, **occasion.values}, moment.surroundings(connection.dialect.name))
    assert len(statements) == 1
