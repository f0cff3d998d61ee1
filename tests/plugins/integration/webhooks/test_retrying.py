"""What could not be delivered is tried again over days, and an endpoint that is of no use is switched off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from crmkit_integration.webhooks.models import EndpointProgress
from crmkit_integration.webhooks.schedule import ATTEMPTS, PAUSES, pause, rest, retry_after
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.operations.tables import EventRecord
from crmkit.errors import Conflict, InvalidInput
from tests.plugins.integration.webhooks.conftest import (
    SYSTEM,
    Answers,
    Hands,
    add,
    attempts,
    deliver,
    deliveries,
    endpoint,
    person,
    rename,
    set_up,
)
from tests.plugins.integration.webhooks.receiver import Receiver

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_pauses_are_those_of_the_specification() -> None:
    """Ten attempts over three days, each pause by a tenth longer or shorter by chance."""
    assert ATTEMPTS == 10
    assert timedelta(days=3) < timedelta(seconds=sum(PAUSES)) < timedelta(days=4)
    assert [pause(number, lambda: 0.5).total_seconds() for number in range(1, 10)] == list(PAUSES)
    assert (pause(2, lambda: 0.0).total_seconds(), pause(2, lambda: 1.0).total_seconds()) == (270, 330)
    assert pause(50, lambda: 0.5) == timedelta(days=1)


def test_an_endpoint_rests_after_several_failures() -> None:
    """Longer each time, five minutes at most."""
    assert [rest(number, lambda: 0.5).total_seconds() for number in (0, 4, 5, 6, 20)] == [0, 0, 5, 10, 300]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("999999999999", 86_400),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sun, 01 Mar 2099 11:00:00 GMT", 86_400),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("Sun, 99 Foo 2026", None),
    ],
)
def test_a_receiver_can_ask_for_a_pause(text: str, seconds: int | None) -> None:
    """In seconds or by a date, of a day at most; what cannot be read is nothing."""
    found = retry_after({"retry-after": text}, NOW)
    assert found == (None if seconds is None else timedelta(seconds=seconds))


@pytest.fixture
def told(lite: CRM) -> CRM:
    """A customer base with an endpoint that is told of customers."""
    set_up(lite, person(lite, "ada", "admin"), "http://127.0.0.1:1/")
    return lite


def progress(crm: CRM) -> EndpointProgress:
    """Return how the endpoint fares."""
    with crm.session(SYSTEM) as session:
        return session.scalars(select(EndpointProgress)).one()


def events(crm: CRM) -> list[str]:
    """Return the names of the events of integration, in their order."""
    with crm.engines.system_read.connect() as connection:
        table: Any = EventRecord.__table__  # type: ignore[attr-defined]
        names = connection.execute(select(table.c.name).order_by(table.c.id)).scalars()
        return [each for each in names if each.startswith("integration.")]


def pass_time(crm: CRM, hands: Hands, answers: Answers, **span: float) -> None:
    """Let time pass, by the next attempt that is due each, delivering what is due."""
    until = hands.now() + timedelta(**span)
    for _round in range(300):
        deliver(crm, send=answers, idle=0.0)
        fronts: dict[Any, datetime] = {}
        for each in deliveries(crm):
            if each.state == "waiting":
                fronts.setdefault(each.customer_id, each.next_at)
        due = min(fronts.values(), default=until)
        due = max(due, progress(crm).rest_until or due)
        if due >= until or endpoint(crm).state == "disabled":
            break
        hands.ahead += max(due - hands.now(), timedelta(0)) + timedelta(milliseconds=5)
    hands.ahead += max(until - hands.now(), timedelta(0))


def test_a_message_that_is_never_taken_dies(told: CRM) -> None:
    """After ten attempts, while others get through; the next one about the customer goes then. It can be replayed."""
    hands, answers = Hands(told), Answers()
    bad = add(told, "Bad")
    answers.by_customer[str(bad)] = 422
    for _day in range(4):
        add(told, "Good")
        pass_time(told, hands, answers, days=1)
    found = [(each.state, each.attempts) for each in deliveries(told)]
    assert found == [("dead", 10), *[("delivered", 1)] * 4]
    assert endpoint(told).state == "ok"
    assert [each for each in events(told) if "delivery" in each] == ["integration.delivery.died"]
    numbers = [each.number for each in attempts(told) if each.outcome == "status"]
    assert numbers == list(range(1, 11))
    answers.by_customer.clear()
    done = told.run(SYSTEM, "integration.endpoint.replay", {}, target=endpoint(told).id)
    deliver(told, send=answers, idle=0.0)
    assert (done.messages, deliveries(told)[0].state) == (1, "delivered")
    assert len({each["id"] for each in answers.asked if each["about"] == [str(bad)]}) == 1


def test_an_endpoint_that_is_away_for_days_is_switched_off(told: CRM) -> None:
    """With an event, and nothing is given up: what waits is delivered in order once it is switched on."""
    hands, answers = Hands(told), Answers(None)
    customer = add(told, "Ada")
    rename(told, customer, "A", "B")
    # The last attempt of the third day may come before its end, and the next one a day later.
    pass_time(told, hands, answers, days=5)
    assert (endpoint(told).state, endpoint(told).because) == ("disabled", "failing")
    assert {each.state for each in deliveries(told)} == {"waiting"}
    assert events(told) == ["integration.endpoint.failing", "integration.endpoint.disabled"]
    rename(told, customer, "C")
    assert deliver(told, send=answers, idle=0.0) == 0
    answers.status = 204
    answers.asked.clear()
    told.run(SYSTEM, "integration.endpoint.enable", {}, target=endpoint(told).id)
    deliver(told, send=answers, idle=0.0)
    assert [each["type"] for each in answers.asked] == ["customer.created", *["customer.updated"] * 3]
    assert [each.state for each in deliveries(told)] == ["delivered"] * 4


def test_a_short_outage_costs_few_attempts(told: CRM) -> None:
    """An endpoint that is away is tried by one message at a time, and recovers at the first success."""
    hands, answers = Hands(told), Answers(None)
    for number in range(30):
        add(told, f"C{number}")
    pass_time(told, hands, answers, minutes=30)
    assert endpoint(told).state == "failing"
    assert len(answers.asked) < 25
    answers.status = 204
    pass_time(told, hands, answers, hours=1)
    assert {each.state for each in deliveries(told)} == {"delivered"}
    assert (endpoint(told).state, events(told)[-1]) == ("ok", "integration.endpoint.recovered")


def test_gone_switches_off_at_once(integration: CRM, receiver: Receiver) -> None:
    """410 says so; the message waits."""
    made = set_up(integration, person(integration, "ada", "admin"), receiver.url)
    receiver.wants(secret=made.secret, status=410)
    add(integration, "Ada")
    deliver(integration)
    assert (endpoint(integration).state, endpoint(integration).because) == ("disabled", "gone")
    assert [each.state for each in deliveries(integration)] == ["waiting"]


def test_a_redirection_is_a_failure(lite: CRM, receiver: Receiver) -> None:
    """Nobody follows it."""
    made = set_up(lite, person(lite, "ada", "admin"), receiver.url)
    receiver.wants(secret=made.secret, status=307, headers={"Location": f"http://127.0.0.1:{receiver.port}/other"})
    add(lite, "Ada")
    deliver(lite)
    assert [(each.state, each.status) for each in deliveries(lite)] == [("waiting", 307)]
    assert [each["path"] for each in receiver.got()] == ["/hook"]


def test_a_receiver_that_asks_for_a_pause_gets_it(lite: CRM, receiver: Receiver) -> None:
    """Everything for it waits so long."""
    made = set_up(lite, person(lite, "ada", "admin"), receiver.url)
    receiver.wants(secret=made.secret, status=429, headers={"Retry-After": "600"})
    first, second = add(lite, "Ada"), add(lite, "Bob")
    deliver(lite, idle=0.0)
    hands = Hands(lite)
    hands.forward(minutes=9)
    before = len(receiver.got())
    assert first != second
    assert deliver(lite, idle=0.0) == 0
    hands.ahead = timedelta(0)
    rest_until = progress(lite).rest_until
    assert rest_until is not None
    assert timedelta(minutes=9, seconds=50) < rest_until - hands.now() <= timedelta(minutes=10)
    assert len(receiver.got()) == before <= 2


def test_whose_owner_has_left_is_switched_off(told: CRM) -> None:
    """Nothing is told in the name of somebody who is not there; what happens meanwhile waits."""
    eve = person(told, "eve", "admin")
    owner = endpoint(told).owner_id
    told.run(SYSTEM, "user.deactivate", {}, target=owner)
    add(told, "Ada")
    answers = Answers()
    assert deliver(told, send=answers, idle=0.0) == 0
    assert (endpoint(told).state, endpoint(told).because) == ("disabled", "owner")
    told.run(eve, "integration.endpoint.enable", {}, target=endpoint(told).id)
    deliver(told, send=answers, idle=0.0)
    assert (endpoint(told).owner_id, len(answers.asked)) == (eve.user_id, 1)


def test_a_span_of_time_is_replayed_in_order(told: CRM) -> None:
    """With the ids that the messages had; those outside of the span are not."""
    hands, answers = Hands(told), Answers()
    customer = add(told, "Ada")
    deliver(told, send=answers, idle=0.0)
    hands.forward(hours=1)
    since = hands.now()
    rename(told, customer, "A", "B")
    deliver(told, send=answers, idle=0.0)
    before = [each["id"] for each in answers.asked]
    answers.asked.clear()
    values = {"which": "all", "since": since, "until": since + timedelta(hours=1)}
    assert told.run(SYSTEM, "integration.endpoint.replay", values, target=endpoint(told).id).messages == 2
    deliver(told, send=answers, idle=0.0)
    assert [each["id"] for each in answers.asked] == before[1:]
    answers.asked.clear()
    told.run(SYSTEM, "integration.endpoint.replay", {"messages": [before[0]]}, target=endpoint(told).id)
    deliver(told, send=answers, idle=0.0)
    assert [each["id"] for each in answers.asked] == before[:1]
    with pytest.raises(InvalidInput, match="empty"):
        told.run(
            SYSTEM,
            "integration.endpoint.replay",
            {"since": since, "until": since},
            target=endpoint(told).id,
        )
    with pytest.raises(InvalidInput, match="since when"):
        told.run(SYSTEM, "integration.endpoint.replay", {"which": "all"}, target=endpoint(told).id)


def test_one_message_is_given_up_or_sent_again(told: CRM) -> None:
    """By whoever looks after it; the next one in its line goes."""
    answers = Answers(500)
    customer = add(told, "Ada")
    rename(told, customer, "A")
    deliver(told, send=answers, idle=0.0)
    first, second = deliveries(told)
    told.run(SYSTEM, "integration.delivery.drop", {}, target=first.id)
    answers.status = 204
    deliver(told, send=answers, idle=0.0)
    assert [each.state for each in deliveries(told)] == ["dead", "delivered"]
    with pytest.raises(Conflict):
        told.run(SYSTEM, "integration.delivery.drop", {}, target=second.id)
    told.run(SYSTEM, "integration.delivery.replay", {}, target=first.id)
    deliver(told, send=answers, idle=0.0)
    assert [each.state for each in deliveries(told)] == ["delivered", "delivered"]


def test_the_log_is_kept_for_a_month(told: CRM) -> None:
    """What waits stays, however old it is."""
    hands, answers = Hands(told), Answers()
    bad = add(told, "Bad")
    answers.by_customer[str(bad)] = 500
    add(told, "Good")
    deliver(told, send=answers, idle=0.0)
    hands.forward(days=29)
    assert told.run(SYSTEM, "integration.delivery.clean", {"before": hands.now()}) == 0
    hands.forward(days=2)
    assert told.run(SYSTEM, "integration.delivery.clean", {"before": hands.now()}) == 1
    assert [each.state for each in deliveries(told)] == ["waiting"]
    assert [each.outcome for each in attempts(told)] == ["status"]


def test_a_feed_that_has_lost_the_place_is_read_again(told: CRM) -> None:
    """As after a database was restored: nothing is lost, and nothing is put in order twice."""
    answers = Answers()
    add(told, "Ada")
    deliver(told, send=answers, idle=0.0)
    with told.engines.system_write.begin() as connection:
        table: Any = EndpointProgress.__table__
        connection.execute(table.update().values(cursor="AAAAAAAAJxABAgME"))
    add(told, "Bob")
    deliver(told, send=answers, idle=0.0)
    assert [(each.state, each.attempts) for each in deliveries(told)] == [("delivered", 1)] * 2
