"""Web-hooks out: what happens is told, signed, in order, once, and as far as the owner may know of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from crmkit_integration.webhooks.desks import secrets_of
from crmkit_integration.webhooks.lines import Item, Lines
from crmkit_integration.webhooks.models import Attempt, Delivery, EndpointProgress, EndpointSecret
from hypothesis import given as generated, settings, strategies as st
from sqlalchemy import select, update

from crmkit import new_id
from crmkit.app import CRM
from tests.plugins.integration.webhooks.conftest import (
    SYSTEM,
    Answers,
    Hands,
    add,
    attempts,
    deliver,
    deliveries,
    grant,
    person,
    rename,
    set_up,
)
from tests.plugins.integration.webhooks.receiver import Receiver

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_what_happens_is_told_and_verified(integration: CRM, receiver: Receiver) -> None:
    """By the package of the specification's authors; what happened before is not told."""
    add(integration, "Before")
    made = set_up(integration, person(integration, "ada", "admin"), receiver.url)
    receiver.wants(secret=made.secret)
    customer = add(integration, "Ada", email="ada@example.com")
    rename(integration, customer, "Berlin")
    assert deliver(integration) == 2
    got = receiver.got()
    assert [(each["verified"], each["status"]) for each in got] == [(True, 204)] * 2
    assert [each["message"]["type"] for each in got] == ["customer.created", "customer.updated"]
    assert got[0]["message"]["data"]["customer_ids"] == [str(customer)]
    assert "ada@example.com" not in str(got)
    assert [(each.state, each.attempts, each.status) for each in deliveries(integration)] == [("delivered", 1, 204)] * 2
    assert [each.outcome for each in attempts(integration)] == ["delivered"] * 2
    assert deliver(integration) == 0


def order_of(receiver: Receiver, customer: UUID) -> list[str]:
    """Return the ids of the messages about a customer in the order in which they were taken, repetitions left out."""
    taken = [each for each in receiver.got() if each["status"] == 204]
    about = [each for each in taken if str(customer) in (each["message"]["data"].get("customer_ids") or ())]
    return list(dict.fromkeys(each["headers"]["webhook-id"] for each in about))


def expected_of(crm: CRM, customer: UUID) -> list[str]:
    """Return the ids of the messages about a customer in the order in which things happened."""
    return [each.message_id for each in deliveries(crm) if each.customer_id == customer]


def test_order_holds_for_each_customer_while_receivers_fail(integration: CRM, receiver: Receiver) -> None:
    """A third of the attempts is refused: nothing is lost, nothing out of order."""
    hands = Hands(integration)
    made = set_up(integration, person(integration, "ada", "admin"), receiver.url)
    receiver.wants(secret=made.secret, fail=0.34)
    customers = [add(integration, f"C{number}") for number in range(4)]
    for round_ in range(3):
        for customer in customers:
            rename(integration, customer, f"City {round_}")
    for _round in range(40):
        deliver(integration, idle=0.0)
        if all(each.state == "delivered" for each in deliveries(integration)):
            break
        hands.ahead = timedelta(0)
        skip_waits(integration)
    assert {each.state for each in deliveries(integration)} == {"delivered"}
    assert [order_of(receiver, each) for each in customers] == [expected_of(integration, each) for each in customers]
    assert len({each["headers"]["webhook-id"] for each in receiver.got()}) == 16


def skip_waits(crm: CRM) -> None:
    """Have everything that waits be due at once."""
    with crm.engines.system_write.begin() as connection:
        connection.execute(update(Delivery.__table__).values(next_at=datetime.now(UTC)))
        connection.execute(update(EndpointProgress.__table__).values(rest_until=None, failures=0))


def test_a_failing_customer_holds_up_nobody_else(lite: CRM) -> None:
    """What is about the customer waits, in order; what is about others goes."""
    set_up(lite, person(lite, "ada", "admin"), "http://127.0.0.1:1/")
    bad, good = add(lite, "Bad"), add(lite, "Good")
    rename(lite, bad, "A", "B")
    rename(lite, good, "A", "B")
    answers = Answers()
    answers.by_customer[str(bad)] = 500
    deliver(lite, send=answers, idle=0.0)
    found = [(each.customer_id == bad, each.state, each.attempts) for each in deliveries(lite)]
    assert found == [
        (True, "waiting", 1),
        (False, "delivered", 1),
        (True, "waiting", 0),
        (True, "waiting", 0),
        (False, "delivered", 1),
        (False, "delivered", 1),
    ]


def test_an_event_about_several_customers_waits_for_each(lite: CRM) -> None:
    """It goes when what is before it about any of them has gone, and holds up what is behind it."""
    lines = Lines()
    items = [
        Item(
            id=new_id(),
            seq=number,
            message_id=str(number),
            event_id=None,
            event_type="x",
            happened_at=NOW,
            keys=keys,
            attempts=0,
            next_at=NOW,
        )
        for number, keys in enumerate((("a",), ("b",), ("a", "b"), ("a",), ("b",), ("c",)))
    ]
    lines.add(items)

    def front() -> list[int]:
        return [each.seq for each in lines.due(NOW)]

    assert front() == [0, 1, 5]
    lines.done(items[0].id)
    assert front() == [1, 5]
    lines.done(items[1].id)
    assert front() == [2, 5]
    lines.done(items[2].id)
    assert front() == [3, 4, 5]


@generated(
    st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_whatever_goes_first_order_holds(keys: list[list[str]], chance: Any) -> None:
    """Taking any message that may go, until none is left: in each line they went one after the other."""
    lines = Lines()
    lines.add(
        Item(
            id=new_id(),
            seq=number,
            message_id=str(number),
            event_id=None,
            event_type="x",
            happened_at=NOW,
            keys=tuple(each),
            attempts=0,
            next_at=NOW,
        )
        for number, each in enumerate(keys)
    )
    went: dict[str, list[int]] = {}
    while lines.items:
        item = chance.choice(lines.due(NOW))
        for key in item.keys:
            went.setdefault(key, []).append(item.seq)
        lines.done(item.id)
    assert all(order == sorted(order) for order in went.values())
    assert sum(map(len, went.values())) == sum(map(len, keys))


def test_what_is_known_is_asked_of_the_owner_each_time(lite: CRM) -> None:
    """A message that waited is made anew: who lost the right to it no longer has it told."""
    ada = person(lite, "ada", "admin")
    person(lite, "eve", "admin")
    set_up(lite, ada, "http://127.0.0.1:1/")
    add(lite, "Ada")
    answers = Answers(500)
    deliver(lite, send=answers, idle=0.0)
    assert ada.user_id is not None
    lite.run(SYSTEM, "user.unassign_role", {"role": "admin"}, target=ada.user_id)
    skip_waits(lite)
    answers.status = 204
    deliver(lite, send=answers, idle=0.0)
    assert [each.state for each in deliveries(lite)] == ["withheld"]
    assert [each["status"] for each in answers.asked] == [500]


def test_who_sees_a_part_is_told_of_that_part(lite: CRM) -> None:
    """A seller hears of the own customers alone; an endpoint hears nothing of itself."""
    grant(lite, "seller", "integration.endpoint", "read", "create", "reach_private")
    sue = person(lite, "sue", "seller")
    set_up(lite, sue, "http://127.0.0.1:1/", "*")
    add(lite, "Other")
    own = add(lite, "Own", sue)
    answers = Answers()
    deliver(lite, send=answers, idle=0.0)
    assert [(each["type"], each["about"]) for each in answers.asked] == [("customer.created", [str(own)])]


def test_rotation_loses_nothing(integration: CRM, receiver: Receiver) -> None:
    """During the overlap messages have both signatures: a receiver with either secret takes all of them."""
    ada = person(integration, "ada", "admin")
    old = set_up(integration, ada, receiver.url)
    receiver.wants(secret=old.secret)
    customer = add(integration, "Ada")
    deliver(integration)
    new = integration.run(ada, "integration.endpoint.rotate", {"overlap_hours": 2}, target=old.endpoint_id)
    rename(integration, customer, "A")
    deliver(integration)
    receiver.wants(secret=new.secret)
    rename(integration, customer, "B")
    deliver(integration)
    assert [each["status"] for each in receiver.got()] == [204, 204, 204]
    assert [len(each["headers"]["webhook-signature"].split()) for each in receiver.got()] == [1, 2, 2]
    Hands(integration).forward(hours=2)
    with integration.session(SYSTEM) as session:
        assert secrets_of(session, old.endpoint_id) == (new.secret,)


def test_a_secret_is_shown_once(lite: CRM) -> None:
    """Afterwards nobody is shown it, not even system scope."""
    made = set_up(lite, person(lite, "ada", "admin"), "http://127.0.0.1:1/")
    with lite.session(SYSTEM) as session:
        kept = session.scalars(select(EndpointSecret)).one()
        assert str(kept.value) == "****"
    assert made.secret.startswith("whsec_")
    assert made.secret not in repr(made)


def test_an_answer_is_not_kept(integration: CRM, receiver: Receiver) -> None:
    """Its status alone is."""
    made = set_up(integration, person(integration, "ada", "admin"), receiver.url)
    receiver.wants(secret=made.secret, status=400)
    add(integration, "Ada")
    deliver(integration)
    assert [(each.outcome, each.status, each.detail) for each in attempts(integration)] == [("status", 400, "")]
    with integration.engines.system_read.connect() as connection:
        rows = connection.execute(select(Attempt.__table__)).all()
    assert "a secret of the receiver" not in str(rows)


def test_a_worker_delivers_by_itself(integration: CRM, receiver: Receiver) -> None:
    """Every ten seconds, apart from any transaction; and shortens the log at night."""
    hands = Hands(integration)
    made = set_up(integration, person(integration, "ada", "admin"), receiver.url)
    receiver.wants(secret=made.secret)
    worker = integration.worker()
    worker.run_until_idle()
    add(integration, "Ada")
    hands.forward(seconds=11)
    worker.run_until_idle()
    assert [each["type"] for each in receiver.taken()] == ["customer.created"]
    hands.forward(days=32)
    worker.run_until_idle()
    assert deliveries(integration) == []
